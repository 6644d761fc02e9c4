package authn

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

// Password logs a user in by user name, password and, if the server requires it, an MFA code. It
// sends a password only once, even if no answer arrives, because repeating it could lock the
// account. See docs/protocol.md#password-and-mfa.
type Password struct {
	// Username is the user name; empty means that of the request. If there is none, Password
	// asks for it.
	Username string
}

// Name returns "password".
func (p *Password) Name() string { return namePassword }

// Account returns "user", or "user/DIGEST" if a user name is set. If the request cannot ask for a
// password, Account returns the account together with a [*core.UnavailableError]. So it does on
// fusion, which has no login by password.
func (p *Password) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	name := usernameOf(p.Username, req)
	return core.UserAccount(req.Environment.AuthHost(), name), canPrompt(req, false, name == "", true)
}

// Authenticate prompts for the credentials and requests a token. If the request cannot ask for a
// password, the user's organization uses single sign-on, or the server has no endpoint for
// passwords, Authenticate returns a [*core.UnavailableError]; otherwise a [*core.LoginError]. The
// LoginError wraps [core.ErrDenied] if the server denies the password or three codes,
// [core.ErrCancelled] if the user cancels, and a [*core.ConnectionError] if no answer arrives.
func (p *Password) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := p.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	w := loginWire{req, namePassword}
	w.announce(ctx)
	name, err := w.username(ctx, usernameOf(p.Username, req))
	if err != nil {
		return core.Token{}, err
	}
	method, err := w.method(ctx, name)
	if err != nil {
		return core.Token{}, err
	}
	if method == methodSSO {
		return core.Token{}, &core.UnavailableError{
			Reason:   "the organization of " + text.Short(name, 80) + " uses single sign-on",
			HintText: "log in with the method sso",
		}
	}
	t, err := w.logInWithPassword(ctx, name)
	t.Account = account
	return t, err
}

// logInWithPassword asks for the password and requests a token.
func (w loginWire) logInWithPassword(ctx context.Context, username string) (core.Token, error) {
	if err := canPrompt(w.LoginRequest, false, false, true); err != nil {
		return core.Token{}, err
	}
	password, err := w.password(ctx)
	if err != nil {
		return core.Token{}, err
	}
	a, path, err := w.postPassword(ctx, username, password)
	switch {
	case err != nil:
		return core.Token{}, err
	case a.ok() && a.text("access_token") != "":
		return w.token(a)
	case a.challenge() != "":
		return w.secondFactor(ctx, path, a.challenge())
	case a.absent():
		return core.Token{}, &core.UnavailableError{
			Reason:   a.host + " has no endpoint for passwords",
			HintText: "log in with the method sso",
			Err:      w.failure(a),
		}
	case a.ok():
		_, err = w.token(a)
		return core.Token{}, err
	}
	return core.Token{}, w.passwordFailure(a)
}

// postPassword sends the password once. It uses the legacy endpoint only if the current one answers
// 404 or 405, and so did not process the password. It returns the path that did.
func (w loginWire) postPassword(ctx context.Context, username, password string) (a answer, path string, err error) {
	m := message{what: "the login", contentType: "application/json", secrets: []string{password}, newConn: true}
	m.body, _ = json.Marshal(map[string]string{ // strings never fail
		"username": username, "password": password, "grant_type": "password",
	})
	for _, path = range []string{"/universal-auth/token", tokenPath} {
		a, err = w.post(ctx, path, m)
		if err != nil {
			return a, path, w.connectionError(err)
		}
		if a.challenge() != "" || a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			break
		}
	}
	return a, path, nil
}

// challenge returns the mfa_token of an answer that asks for a second factor, with status 200, 401
// or 403; "" for any other answer.
func (a answer) challenge() string {
	switch a.status {
	case http.StatusOK, http.StatusUnauthorized, http.StatusForbidden:
		return a.text("mfa_token")
	}
	return ""
}

func (w loginWire) passwordFailure(a answer) error {
	e := w.failure(a)
	switch {
	case e.Denied:
		e.HintText = "check user name and password and log in again"
	case a.status == http.StatusTooManyRequests:
		e.HintText = "wait before you try again, or the account may be locked"
	case a.transient():
		e.HintText = "the password was not sent again; log in later"
	}
	return e
}

// secondFactor asks for MFA codes until the server accepts one, at most three times. Like a
// password, a code is sent only once.
func (w loginWire) secondFactor(ctx context.Context, path, challenge string) (core.Token, error) {
	for left := maxTries - 1; ; left-- {
		code, err := w.code(ctx)
		if err != nil {
			return core.Token{}, err
		}
		a, err := w.postCode(ctx, path, challenge, code)
		refreshed := a.challenge()
		switch {
		case err != nil:
			return core.Token{}, w.connectionError(err)
		case a.ok() && refreshed == "":
			return w.token(a)
		case !a.denied() && refreshed == "", a.text("error") == "expired_token":
			return core.Token{}, w.passwordFailure(a)
		case left == 0:
			e := w.failure(a)
			e.Reason, e.Denied = fmt.Sprintf("%d wrong MFA codes; the last answer: %s", maxTries, e.Reason), true
			e.HintText = "check the clock of the device that shows the code and log in again"
			return core.Token{}, e
		case refreshed != "":
			challenge = refreshed
		}
		w.Notify(ctx, fmt.Sprintf("Wrong code, %d %s left.", left, plural(left, "try", "tries")))
	}
}

func (w loginWire) postCode(ctx context.Context, path, challenge, code string) (answer, error) {
	m := message{what: "the second factor", contentType: "application/json", secrets: []string{challenge, code}, newConn: true}
	m.body, _ = json.Marshal(map[string]string{ // strings never fail
		"mfa_token": challenge, "otp": code, "grant_type": "http://ctpx.secureworks.com/grant-type/mfa-otp",
	})
	return w.post(ctx, path, m)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
