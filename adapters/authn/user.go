package authn

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/text"
)

// UserLogin asks a person for the user name, asks the server in which way that person signs in,
// and goes on as [DeviceCode] or [Password] does. A server that does not know ways gets the
// device code.
type UserLogin struct {
	// Username is the person's user name; empty means that it is asked for.
	Username string
}

// Link returns "user".
func (u *UserLogin) Link() string { return linkUser }

// Credential returns "user", or "user/DIGEST" where Username is set, and a
// [*core.NotApplicableError] where nobody can be asked.
func (u *UserLogin) Credential(_ context.Context, req core.LoginRequest) (core.Credential, error) {
	name := setting.Text(u.Username)
	return core.UserCredential(req.Environment.AuthHost(), name), canAsk(req, false, name == "", false)
}

// Authenticate signs the person in. Its errors are those of Credential, of
// [DeviceCode.Authenticate] or [Password.Authenticate], and a [*core.LoginError] where the
// person cancels, the server cannot be asked, or it answers with an unknown way.
func (u *UserLogin) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	credential, err := u.Credential(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	w := wire{req, linkUser}
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
		t, err = wire{req, linkPassword}.signInWithPassword(ctx, name)
	} else {
		t, err = wire{req, linkSSO}.signInWithLink(ctx)
	}
	t.Credential = credential
	return t, err
}

// The ways in which a person signs in, as the server names them.
const (
	wayPassword = "username-password"
	waySSO      = "sso"
	wayUnknown  = "" // the server has no endpoint to ask
)

// way asks the server how the person signs in.
func (w wire) way(ctx context.Context, username string) (string, error) {
	m := message{what: "the question how " + text.Short(username, 80) + " signs in", contentType: "application/json"}
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
			Link:   w.link,
			Reason: fmt.Sprintf("%s wants %s to sign in by %q, which this SDK does not know", a.host, text.Short(username, 80), text.Short(way, 80)),
			Remedy: "update the SDK, or try `taegis auth login --method sso`",
			Status: a.status,
		}
	}
}
