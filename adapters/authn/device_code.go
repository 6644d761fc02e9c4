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
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/pause"
	"github.com/taegis-go/taegis/internal/text"
)

// The defaults for an answer without expires_in and interval: the Python SDK waits 300 s for its
// one request, and RFC 8628, section 3.2, sets an interval of 5 s.
const (
	defaultCodeLife = 300 * time.Second
	defaultInterval = 5 * time.Second
	slowDown        = 5 * time.Second // RFC 8628, section 3.5
)

// DeviceCode logs a user in by single sign-on (RFC 8628): it shows a page that the user opens in a
// browser on any device. It supports servers that hold the token request until the user has
// finished and servers that expect polling. See docs/protocol.md#sso.
type DeviceCode struct {
	// Username separates the stored tokens of several users; empty means that of the request. It is
	// not sent to the server: the browser decides which user logs in.
	Username string
}

// Name returns "sso".
func (d *DeviceCode) Name() string { return nameSSO }

// Account returns "user", or "user/DIGEST" if a user name is set. If the request cannot show a
// verification, Account returns the account together with a [*core.UnavailableError]. So it does
// on fusion, which has no single sign-on.
func (d *DeviceCode) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	name := usernameOf(d.Username, req)
	return core.UserAccount(req.Environment.AuthHost(), name), canPrompt(req, true, false, false)
}

// Authenticate shows a verification and waits until the user has logged in. It shows a new
// verification when one expires, three in all, and retries after transient errors of the network
// and the server. If the request cannot show a verification, or the server has no endpoint for
// device codes, Authenticate returns a [*core.UnavailableError]; otherwise a [*core.LoginError].
// The LoginError wraps [core.ErrDenied] if the user declines, and a [*core.ConnectionError] if the
// server cannot be reached.
func (d *DeviceCode) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := d.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	w := loginWire{req, nameSSO}
	w.announce(ctx)
	t, err := w.logInWithDeviceCode(ctx)
	t.Account = account
	return t, err
}

// errCodeExpired ends the wait for one device code.
var errCodeExpired = errors.New("the device code expired")

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
				Authenticator: w.name, Reason: fmt.Sprintf("%d device codes expired before the login", maxTries),
				HintText: "log in again and open the page at once",
			}
		}
		w.Notify(ctx, "The page has expired. Here is a new one.")
	}
}

// deviceCode is the server's answer to a request for a device code (RFC 8628, section 3.2).
type deviceCode struct {
	secret       string // device_code, which gives access to the token
	verification core.Verification
	life         time.Duration
	interval     time.Duration
	tokenPath    string
}

// deviceCode requests a device code.
func (w loginWire) deviceCode(ctx context.Context) (deviceCode, error) {
	paths := []string{"/universal-auth/device/code", "/auth/device/code"}
	a, generation, err := w.postNewest(ctx, message{what: "the request for a device code"}, paths[0]+"/auth", paths[1]+"/auth")
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
		e.Reason = fmt.Sprintf("%s: %s answered without a device_code and a page that is safe to open", a.what, a.host)
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

// maxURILength limits a verification URI, in bytes.
const maxURILength = 2 << 10

// verificationURI returns the page that the user opens, "" if the answer has no safe one. A safe
// page is printable and uses https, or http on this machine: any other scheme could start a
// program.
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
	if u.Hostname() == "" || u.Scheme != "https" && (u.Scheme != "http" || !netaddr.IsLoopback(u.Hostname())) {
		return ""
	}
	if complete == "" {
		query := u.Query()
		query.Set("user_code", a.text("user_code"))
		u.RawQuery = query.Encode()
	}
	return u.String()
}

// follow shows the verification and waits for the token. If the code expires first, follow returns
// errCodeExpired.
func (w loginWire) follow(ctx context.Context, code deviceCode) (core.Token, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, code.life, errCodeExpired)
	defer cancel()
	if err := w.Prompt.ShowVerification(ctx, code.verification); err != nil {
		return core.Token{}, w.promptError(err)
	}
	defer w.countdown(ctx, code.life)()
	for {
		interval := code.interval
		a, err := w.postDeviceCode(ctx, code)
		switch {
		case err == nil:
			t, err := w.tokenOrPending(a, &code)
			if !errors.Is(err, errPending) {
				return t, err
			}
			interval = max(code.interval, a.retryAfter(w.Time()))
		case untrusted(err):
			return core.Token{}, w.connectionError(err)
		}
		switch err := pause.For(ctx, interval); {
		case errors.Is(err, errCodeExpired):
			return core.Token{}, err
		case err != nil:
			return core.Token{}, &core.LoginError{Authenticator: w.name, Reason: "cancelled: " + err.Error(), Err: err}
		}
	}
}

func (w loginWire) postDeviceCode(ctx context.Context, code deviceCode) (answer, error) {
	m := message{what: "waiting for the login", contentType: "application/json", secrets: []string{code.secret}, longPoll: true}
	m.body, _ = json.Marshal(map[string]any{ // a string and a number never fail
		"device_code": code.secret, "interval": max(1, int(code.interval/time.Second)),
	})
	return w.post(ctx, code.tokenPath, m)
}

// errPending reports that the user has not finished.
var errPending = errors.New("authorization pending")

// tokenOrPending returns the token of an answer, errPending if the request must be repeated,
// errCodeExpired, or another error.
func (w loginWire) tokenOrPending(a answer, code *deviceCode) (core.Token, error) {
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
		e.HintText = "log in again"
		return core.Token{}, e
	}
	switch {
	case a.transient(), a.status == http.StatusAccepted, a.status == http.StatusNoContent:
		return core.Token{}, errPending
	case a.ok():
		return w.token(a)
	}
	return core.Token{}, w.failure(a)
}

// countdown shows the rest of life every second, until the returned function is called.
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
			if pause.For(ctx, time.Second) != nil {
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
