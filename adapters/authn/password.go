package authn

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/text"
)

// Password signs a user in by user name, password and, where the server wants one, an MFA
// code. A password goes out once, whatever happens to it on the way: repeating it could lock
// the account.
type Password struct {
	// Username is the user's user name; empty means that it is asked for.
	Username string
}

// Name returns "password".
func (p *Password) Name() string { return namePassword }

// Account returns "user", or "user/DIGEST" where Username is set, and a
// [*core.UnavailableError] where nobody can be asked.
func (p *Password) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	name := setting.Text(p.Username)
	return core.UserAccount(req.Environment.AuthHost(), name), canPrompt(req, false, name == "", true)
}

// Authenticate asks for what is needed and requests a token. It returns a
// [*core.UnavailableError] where nobody can be asked, the user's organisation uses single
// sign-on, or the server has no endpoint for passwords; and a [*core.LoginError] where the
// user cancels, the server refuses the password or three codes ([core.ErrDenied]), no answer
// comes (wrapping a [*core.ConnectionError]), or the answer holds no token.
func (p *Password) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := p.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	w := loginWire{req, namePassword}
	name, err := w.username(ctx, p.Username)
	if err != nil {
		return core.Token{}, err
	}
	way, err := w.way(ctx, name)
	if err != nil {
		return core.Token{}, err
	}
	if way == waySSO {
		return core.Token{}, &core.UnavailableError{
			Reason:   "the organisation of " + text.Short(name, 80) + " uses single sign-on",
			HintText: "run `taegis auth login --method sso`",
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
			HintText: "run `taegis auth login --method sso`",
			Err:      w.failure(a),
		}
	case a.ok():
		_, err = w.token(a)
		return core.Token{}, err
	}
	return core.Token{}, w.passwordFailure(a)
}

// postPassword sends the password once: to the older endpoint only where the newer one answers
// 404 or 405, and so has not taken it. It returns the path that did.
func (w loginWire) postPassword(ctx context.Context, username, password string) (a answer, path string, err error) {
	m := message{what: "the login", contentType: "application/json", secrets: []string{password}, anew: true}
	m.body, _ = json.Marshal(map[string]string{ // strings always can be
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

// challenge is the mfa_token of an answer that asks for a second factor, which comes with
// status 200, 401 or 403; else "".
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
		e.HintText = "check user name and password and run `taegis auth login` again"
	case a.status == http.StatusTooManyRequests:
		e.HintText = "wait before you try again: the account may be locked otherwise"
	case a.passing():
		e.HintText = "the password was not sent again; run `taegis auth login` later"
	}
	return e
}

// secondFactor asks for codes until one is right, at most three for one challenge. A code, like
// a password, is never sent again by itself.
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
			e.Reason, e.Denied = fmt.Sprintf("%d wrong MFA codes; the last time %s", maxTries, e.Reason), true
			e.HintText = "check the clock of the device that shows the code and run `taegis auth login` again"
			return core.Token{}, e
		case refreshed != "":
			challenge = refreshed
		}
		w.Notify(ctx, fmt.Sprintf("Wrong code, %d %s left.", left, plural(left, "try", "tries")))
	}
}

func (w loginWire) postCode(ctx context.Context, path, challenge, code string) (answer, error) {
	m := message{what: "the second factor", contentType: "application/json", secrets: []string{challenge, code}, anew: true}
	m.body, _ = json.Marshal(map[string]string{ // strings always can be
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
