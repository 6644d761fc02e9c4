package authn

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// StaticToken uses an access token that is there already. It is never stored, and used for the
// client's own environment alone: a call that asks for another one brings its own token.
type StaticToken struct {
	// Token is the access token. The zero Secret means the setting TAEGIS_ACCESS_TOKEN, without
	// which the link is unavailable.
	Token core.Secret
	// Label is the link's name; empty means "static".
	Label string
}

// Name returns Name, else "static".
func (s *StaticToken) Name() string { return cmp.Or(s.Label, nameStaticToken) }

// Account returns the empty credential, and a [*core.UnavailableError] where there is no
// token.
func (s *StaticToken) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	_, _, err := s.resolve(req)
	return "", err
}

// Authenticate returns the token. Its errors are those of Credential, and a [*core.LoginError]
// where the token says of itself that it has expired, or is more than a token.
func (s *StaticToken) Authenticate(_ context.Context, req core.LoginRequest) (core.Token, error) {
	access, origin, err := s.resolve(req)
	if err != nil {
		return core.Token{}, err
	}
	if !setting.Sendable(access) {
		return core.Token{}, &core.LoginError{
			Authenticator: s.Name(),
			Reason:        "the access token from " + origin + " holds what no header can hold",
			HintText:      "give the access token alone, as `taegis auth token` prints it",
		}
	}
	t := core.NewToken(access, req.Time())
	t.Host, t.Origin = req.Environment.AuthHost(), origin
	if !t.Expiry.IsZero() && t.Expiry.Before(req.Time()) {
		return core.Token{}, &core.LoginError{
			Authenticator: s.Name(),
			Reason:        fmt.Sprintf("the access token from %s expired at %s", origin, t.Expiry.Format(time.RFC3339)),
			HintText:      "replace or remove it, and look at this machine's clock",
		}
	}
	return t, nil
}

// resolve returns the token and where it comes from.
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

// notFor keeps a token that was got for the client's own environment from the one that a call asks for.
func notFor(req core.LoginRequest, origin string) error {
	return &core.UnavailableError{
		Reason:   "the access token from " + origin + " is for " + req.HomeEnvironment,
		HintText: "put one for " + req.Environment.Name + " into the context of the call",
	}
}
