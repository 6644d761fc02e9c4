package authn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/text"
)

// What a server means that does not say: the public client waits 300 s for its one held
// request, and 5 s are the default of RFC 8628, section 3.2.
const (
	defaultCodeLife = 300 * time.Second
	defaultInterval = 5 * time.Second
	slowDown        = 5 * time.Second // RFC 8628, section 3.5
)

// DeviceCode signs a user in by single sign-on: it shows a link, and the user logs in with
// a browser on whatever device (RFC 8628). It understands servers that hold the request for the
// token until the user has finished and servers that want to be polled.
type DeviceCode struct {
	// Username names the user for the credential, so that tokens of several users are kept
	// apart. It is not sent: who logs in is decided in the browser.
	Username string
}

// Name returns "sso".
func (d *DeviceCode) Name() string { return nameSSO }

// Account returns "user", or "user/DIGEST" where Username is set, and a
// [*core.UnavailableError] where nobody can be shown a link.
func (d *DeviceCode) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	name := setting.Text(d.Username)
	return core.UserAccount(req.Environment.AuthHost(), name), canPrompt(req, true, false, false)
}

// Authenticate shows a link and waits until the user has logged in, with a fresh link each
// time one expires, three in all. Passing failures of the network and of the server are waited
// out. It returns a [*core.UnavailableError] where nobody can be shown a link or the server
// has no endpoint for device codes; and a [*core.LoginError] where the user declines
// ([core.ErrDenied]), three links expire, the server offers no usable link, or it cannot be
// reached (wrapping a [*core.ConnectionError]).
func (d *DeviceCode) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := d.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	t, err := loginWire{req, nameSSO}.logInWithDeviceCode(ctx)
	t.Account = account
	return t, err
}

// errCodeExpired ends the wait for one link.
var errCodeExpired = errors.New("the link expired")

func (w loginWire) logInWithDeviceCode(ctx context.Context) (core.Token, error) {
	if err := canPrompt(w.LoginRequest, true, false, false); err != nil {
		return core.Token{}, err
	}
	for left := maxTries - 1; ; left-- {
		code, err := w.deviceCode(ctx)
		if err != nil {
			return core.Token{}, err
		}
		t, err := w.follow(ctx, code)
		switch {
		case !errors.Is(err, errCodeExpired):
			return t, err
		case left == 0:
			return core.Token{}, &core.LoginError{
				Authenticator: w.name, Reason: fmt.Sprintf("%d links expired before anybody logged in", maxTries),
				HintText: "run `taegis auth login` again and open its link at once",
			}
		}
		w.Notify(ctx, "The link has expired. Here is a new one.")
	}
}

// deviceCode is one offer of the server to log in with a browser.
type deviceCode struct {
	secret       string // device_code: whoever has it gets the token
	verification core.Verification
	life         time.Duration
	interval     time.Duration
	tokenPath    string
}

// deviceCode requests an offer.
func (w loginWire) deviceCode(ctx context.Context) (deviceCode, error) {
	paths := []string{"/universal-auth/device/code", "/auth/device/code"}
	a, generation, err := w.postNewest(ctx, message{what: "the request for a link"}, paths[0]+"/auth", paths[1]+"/auth")
	switch {
	case err != nil:
		return deviceCode{}, err
	case a.absent():
		return deviceCode{}, &core.UnavailableError{
			Reason:   a.host + " has no endpoint for single sign-on",
			HintText: "check the environment and the base URL",
			Err:      w.failure(a),
		}
	case !a.ok() || a.fields == nil:
		return deviceCode{}, w.failure(a)
	}
	code := deviceCode{
		secret:    a.text("device_code"),
		life:      orElse(a.seconds("expires_in"), defaultCodeLife),
		interval:  orElse(a.seconds("interval"), defaultInterval),
		tokenPath: paths[generation] + "/token",
	}
	address := a.verificationURI()
	if code.secret == "" || address == "" {
		e := w.failure(a)
		e.Reason = fmt.Sprintf("%s: %s answered without a device_code and a link that is safe to open", a.what, a.host)
		return deviceCode{}, e
	}
	code.verification = core.Verification{URI: address, UserCode: text.Short(a.text("user_code"), 40), ExpiresAt: w.Time().Add(code.life)}
	return code, nil
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// maxURILength bounds the address of a page to log in at, in bytes.
const maxURILength = 2 << 10

// verificationURI is the address that the user is to open, "" where the server offers none that can be shown
// as it is and is reached over https;
// plain http is for this machine only, and anything else could start another program.
func (a answer) verificationURI() string {
	complete := a.text("verification_uri_complete")
	address := complete
	if complete == "" {
		address = a.text("verification_uri")
	}
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURILength || text.Escape(address) != address || u.User != nil {
		return ""
	}
	if u.Hostname() == "" || u.Scheme != "https" && (u.Scheme != "http" || !core.IsLoopback(u.Hostname())) {
		return ""
	}
	if complete == "" {
		query := u.Query()
		query.Set("user_code", a.text("user_code"))
		u.RawQuery = query.Encode()
	}
	return u.String()
}

// follow shows the link and waits for the token, until the code's life is over: then the error
// is errCodeExpired.
func (w loginWire) follow(ctx context.Context, code deviceCode) (core.Token, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, code.life, errCodeExpired)
	defer cancel()
	if err := w.Prompt.ShowVerification(ctx, code.verification); err != nil {
		return core.Token{}, w.unasked(err)
	}
	defer w.countdown(ctx, code.life)()
	for {
		pause := code.interval
		a, err := w.postDeviceCode(ctx, code)
		switch {
		case err == nil:
			t, err := w.verdict(a, &code)
			if !errors.Is(err, errPending) {
				return t, err
			}
			pause = max(code.interval, a.retryAfter(w.Time()))
		case distrusted(err):
			return core.Token{}, w.connectionError(err)
		}
		switch err := sleep(ctx, pause); {
		case errors.Is(err, errCodeExpired):
			return core.Token{}, err
		case err != nil:
			return core.Token{}, &core.LoginError{Authenticator: w.name, Reason: "given up: " + err.Error(), Err: err}
		}
	}
}

func (w loginWire) postDeviceCode(ctx context.Context, code deviceCode) (answer, error) {
	m := message{what: "waiting for the login", contentType: "application/json", secrets: []string{code.secret}, longPoll: true}
	m.body, _ = json.Marshal(map[string]any{ // a string and a number always can be
		"device_code": code.secret, "interval": max(1, int(code.interval/time.Second)),
	})
	return w.post(ctx, code.tokenPath, m)
}

// errPending says that the user has not finished.
var errPending = errors.New("authorization pending")

// verdict reads the answer to a request for the token: a token, a failure, errCodeExpired, or
// errPending where it is to be asked again.
func (w loginWire) verdict(a answer, code *deviceCode) (core.Token, error) {
	switch a.text("error") {
	case "slow_down":
		code.interval += slowDown
		return core.Token{}, errPending
	case "authorization_pending":
		return core.Token{}, errPending
	case "expired_token":
		return core.Token{}, errCodeExpired
	case "access_denied":
		e := w.failure(a)
		e.Reason, e.Denied = "the login was declined in the browser", true
		e.HintText = "run `taegis auth login` to try again"
		return core.Token{}, e
	}
	switch {
	case a.passing(), a.status == http.StatusAccepted, a.status == http.StatusNoContent:
		return core.Token{}, errPending
	case a.ok():
		return w.token(a)
	}
	return core.Token{}, w.failure(a)
}

// countdown shows every second how much of life is left. The returned function ends it.
func (w loginWire) countdown(ctx context.Context, life time.Duration) (end func()) {
	if w.Prompt.Countdown == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for deadline := time.Now().Add(life); ; {
			w.Prompt.Countdown(ctx, max(time.Second, time.Until(deadline).Round(time.Second)))
			if sleep(ctx, time.Second) != nil {
				return
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		w.Prompt.Countdown(context.WithoutCancel(ctx), 0)
	}
}

// sleep waits for d, or returns the cause of ctx where that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
