package authn

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

// Interactive asks the user for the user name and the server for the user's login method, and then
// logs in as [DeviceCode] or [Password] does. If the server lacks that endpoint, Interactive logs
// in as [DeviceCode]. See docs/protocol.md#which-method-for-a-user.
type Interactive struct {
	// Username is the user name; empty means that of the request. If there is none, Interactive
	// asks for it.
	Username string
}

// Name returns "interactive".
func (u *Interactive) Name() string { return nameInteractive }

// Account returns "user", or "user/DIGEST" if a user name is set. If the request cannot prompt the
// user, Account returns the account together with a [*core.UnavailableError]. So it does on fusion,
// which has no login for users.
func (u *Interactive) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	name := usernameOf(u.Username, req)
	return core.UserAccount(req.Environment.AuthHost(), name), canPrompt(req, false, name == "", false)
}

// Authenticate logs the user in. Its errors are those of Account, [DeviceCode.Authenticate] and
// [Password.Authenticate], and a [*core.LoginError] if the user cancels, or the server does not
// answer or names an unknown method.
func (u *Interactive) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := u.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	w := loginWire{req, nameInteractive}
	w.announce(ctx)
	name, err := w.username(ctx, usernameOf(u.Username, req))
	if err != nil {
		return core.Token{}, err
	}
	method, err := w.method(ctx, name)
	if err != nil {
		return core.Token{}, err
	}
	var t core.Token
	if method == methodPassword {
		t, err = loginWire{req, namePassword}.logInWithPassword(ctx, name)
	} else {
		t, err = loginWire{req, nameSSO}.logInWithDeviceCode(ctx)
	}
	t.Account = account
	return t, err
}

// The login methods of users, as the server names them.
const (
	methodPassword = "username-password"
	methodSSO      = "sso"
	methodUnknown  = "" // the server lacks the endpoint
)

// method asks the server for the login method of a user.
func (w loginWire) method(ctx context.Context, username string) (string, error) {
	m := message{what: "the request for the login method of " + text.Short(username, 80), contentType: "application/json"}
	m.body, _ = json.Marshal(map[string]string{"username": username}) // strings never fail
	a, _, err := w.postNewest(ctx, m, "/auth/userLogin", "/auth/username")
	switch {
	case err != nil:
		return "", err
	case a.absent():
		return methodUnknown, nil
	case !a.ok() || a.fields == nil:
		return "", w.failure(a)
	}
	switch method := a.text("login_type"); method {
	case methodPassword, methodSSO:
		return method, nil
	default:
		return "", &core.LoginError{
			Authenticator: w.name,
			Reason:        fmt.Sprintf("%s requires for %s the login method %q, which this SDK does not support", a.host, text.Short(username, 80), text.Short(method, 80)),
			HintText:      "update the SDK, or log in with the method sso",
			Status:        a.status,
		}
	}
}
