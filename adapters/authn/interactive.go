package authn

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/text"
)

// Interactive asks a user for the user name, asks the server in which way that user logs in,
// and goes on as [DeviceCode] or [Password] does. A server that does not know ways gets the
// device code.
type Interactive struct {
	// Username is the user's user name; empty means that it is asked for.
	Username string
}

// Name returns "user".
func (u *Interactive) Name() string { return nameInteractive }

// Account returns "user", or "user/DIGEST" where Username is set, and a
// [*core.UnavailableError] where nobody can be asked.
func (u *Interactive) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	name := setting.Text(u.Username)
	return core.UserAccount(req.Environment.AuthHost(), name), canPrompt(req, false, name == "", false)
}

// Authenticate signs the user in. Its errors are those of Credential, of
// [DeviceCode.Authenticate] or [Password.Authenticate], and a [*core.LoginError] where the
// user cancels, the server cannot be asked, or it answers with an unknown way.
func (u *Interactive) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := u.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	w := loginWire{req, nameInteractive}
	name, err := w.username(ctx, u.Username)
	if err != nil {
		return core.Token{}, err
	}
	way, err := w.way(ctx, name)
	if err != nil {
		return core.Token{}, err
	}
	var t core.Token
	if way == wayPassword {
		t, err = loginWire{req, namePassword}.logInWithPassword(ctx, name)
	} else {
		t, err = loginWire{req, nameSSO}.logInWithDeviceCode(ctx)
	}
	t.Account = account
	return t, err
}

// The ways in which a user logs in, as the server names them.
const (
	wayPassword = "username-password"
	waySSO      = "sso"
	wayUnknown  = "" // the server has no endpoint to ask
)

// way asks the server how the user logs in.
func (w loginWire) way(ctx context.Context, username string) (string, error) {
	m := message{what: "the question how " + text.Short(username, 80) + " logs in", contentType: "application/json"}
	m.body, _ = json.Marshal(map[string]string{"username": username}) // strings always can be
	a, _, err := w.postNewest(ctx, m, "/auth/userLogin", "/auth/username")
	switch {
	case err != nil:
		return "", err
	case a.absent():
		return wayUnknown, nil
	case !a.ok() || a.fields == nil:
		return "", w.failure(a)
	}
	switch way := a.text("login_type"); way {
	case wayPassword, waySSO:
		return way, nil
	default:
		return "", &core.LoginError{
			Authenticator: w.name,
			Reason:        fmt.Sprintf("%s wants %s to log in by %q, which this SDK does not know", a.host, text.Short(username, 80), text.Short(way, 80)),
			HintText:      "update the SDK, or try `taegis auth login --method sso`",
			Status:        a.status,
		}
	}
}
