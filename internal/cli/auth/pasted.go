package auth

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
	clean "github.com/taegis-go/taegis/internal/setting"
)

// maxToken is the number of bytes that are read at most; real tokens have a few kilobytes.
const maxToken = 1 << 20

// readToken reads an access token from stdin. It returns an error if stdin is a terminal, which
// would show the token while it is typed.
func readToken(a *cmdutil.App, cmd *cobra.Command) (core.Secret, error) {
	if cmdutil.IsTerminal(a.In) {
		return core.Secret{}, cmdutil.UsageErrorf(cmd, "--with-token reads the token from a file or a pipe: use `%s --with-token < FILE`", cmd.CommandPath())
	}
	text, err := ctxio.ReadAll(cmd.Context(), io.LimitReader(a.In, maxToken))
	token, quoted := clean.Token(string(text))
	if quoted {
		a.Warnf("the token on stdin is in quotes, which are ignored")
	}
	return core.NewSecret(token), err
}

// pastedToken is an authenticator that has a token already. Unlike the token of
// [authn.StaticToken], its token is stored.
type pastedToken struct{ token core.Secret }

// Name returns "with-token".
func (p *pastedToken) Name() string { return "with-token" }

// Account returns the account that the token's claims name. If they name a user and a client, the
// account is the user; the client is the application that the token was issued to.
func (p *pastedToken) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	claims, err := core.ParseClaims(p.token.Reveal())
	host := req.Environment.AuthHost()
	switch {
	case p.token.IsZero():
		return "", p.reject("stdin holds no token", giveAlone, nil)
	case err != nil:
		return "", p.reject("stdin holds no JSON Web Token", giveAlone, err)
	case req.Environment.Foreign(p.token.Reveal()) != "":
		return "", p.reject("the token is not used: "+req.Environment.Foreign(p.token.Reveal()), "choose its environment", nil)
	case claims.Expiry.IsZero():
		return "", p.reject("the token has no expiry", giveAlone, nil)
	case claims.Expiry.Before(req.Time().Add(core.ExpiryMargin)):
		return "", p.reject("the token expired at "+claims.Expiry.Format(time.RFC3339), "use one that is still valid", nil)
	case claims.Username == "" && claims.ClientID != "":
		return core.ClientAccount(host, claims.ClientID), nil
	}
	return core.UserAccount(host, claims.Username), nil
}

// Authenticate returns the token.
func (p *pastedToken) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := p.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	token := core.NewToken(p.token.Reveal(), req.Time())
	token.Account, token.Host, token.Origin = account, req.Environment.AuthHost(), "stdin"
	return token, nil
}

const giveAlone = "pass only the access token, as `taegis auth token` prints it"

func (p *pastedToken) reject(reason, hint string, err error) error {
	return &core.LoginError{Authenticator: p.Name(), Reason: reason, HintText: hint, Err: err}
}
