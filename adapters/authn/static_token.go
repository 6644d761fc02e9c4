package authn

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// StaticToken uses an existing access token. The token is never stored, and is used only for the
// client's own environment: for a call to another environment, pass a token with
// taegis.ContextWithAccessToken.
type StaticToken struct {
	// Token is the access token. If it is empty, the setting TAEGIS_ACCESS_TOKEN is used.
	Token core.Secret
	// Label is the authenticator's name; empty means "access-token".
	Label string
}

// Name returns the Label, or "access-token" if it is empty.
func (s *StaticToken) Name() string { return cmp.Or(s.Label, nameStaticToken) }

// Account returns the empty account. If no token is set, or the request is for another environment,
// Account returns a [*core.UnavailableError].
func (s *StaticToken) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	_, _, err := s.resolve(req)
	return "", err
}

// Authenticate returns the token. Its errors are those of Account, and a [*core.LoginError] if the
// token has expired by its exp claim, or contains characters that no header can hold.
func (s *StaticToken) Authenticate(_ context.Context, req core.LoginRequest) (core.Token, error) {
	access, origin, err := s.resolve(req)
	if err != nil {
		return core.Token{}, err
	}
	if !setting.Sendable(access) {
		return core.Token{}, &core.LoginError{
			Authenticator: s.Name(),
			Reason:        "the access token from " + origin + " contains characters that no header can hold",
			HintText:      "set the access token alone, on one line",
		}
	}
	if reason := req.Environment.Foreign(access); reason != "" {
		return core.Token{}, &core.LoginError{
			Authenticator: s.Name(), Reason: "the access token from " + origin + " is not used: " + reason,
			HintText: "set an access token of this environment, or remove it",
		}
	}
	t := core.NewToken(access, req.Time())
	t.Host, t.Origin = req.Environment.AuthHost(), origin
	if !t.Expiry.IsZero() && t.Expiry.Before(req.Time()) {
		return core.Token{}, &core.LoginError{
			Authenticator: s.Name(),
			Reason:        fmt.Sprintf("the access token from %s expired at %s", origin, t.Expiry.Format(time.RFC3339)),
			HintText:      "replace or remove it, and check this machine's clock",
		}
	}
	return t, nil
}

// resolve returns the token and its source.
func (s *StaticToken) resolve(req core.LoginRequest) (access, origin string, err error) {
	access, _ = setting.Token(s.Token.Reveal())
	origin = s.Name()
	if access == "" {
		found, _ := req.Setting(core.SettingAccessToken)
		access, _ = setting.Token(found.Value.Reveal())
		origin = cmp.Or(found.Variable, core.SettingAccessToken)
	}
	switch {
	case access == "":
		return "", "", &core.UnavailableError{Reason: origin + " is not set", HintText: "set it to an access token"}
	case req.HomeEnvironment != "":
		return "", "", notFor(req, origin)
	}
	return access, origin, nil
}

// notFor returns the error for a token or a client of the client's own environment in a call for
// another one.
func notFor(req core.LoginRequest, origin string) error {
	return &core.UnavailableError{
		Reason:   "the access token from " + origin + " is for " + req.HomeEnvironment,
		HintText: "set a token for " + req.Environment.Name + " in the context of the call",
	}
}
