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

// maxToken bounds what is read in search of a token; real ones have a few kilobytes.
const maxToken = 1 << 20

// readToken reads an access token from stdin. At a terminal it would be shown while it is typed,
// so there it is refused.
func readToken(a *cmdutil.App, cmd *cobra.Command) (core.Secret, error) {
	if cmdutil.IsTerminal(a.In) {
		return core.Secret{}, cmdutil.UsageErrorf(cmd, "--with-token takes the token from a file or a pipe, as in `%s --with-token < FILE`", cmd.CommandPath())
	}
	text, err := ctxio.ReadAll(cmd.Context(), io.LimitReader(a.In, maxToken))
	token, quoted := clean.Token(string(text))
	if quoted {
		a.Warnf("the token on stdin is in quotes, which are ignored")
	}
	return core.NewSecret(token), err
}

// pastedToken is a link that has its token already and, other than [authn.Static], has it stored.
type pastedToken struct{ token core.Secret }

// Link is the name of the flag.
func (p *pastedToken) Link() string { return "with-token" }

// Credential is what the token's claims name. A token that names a person is that person's: the
// client beside the name is the application that it was issued to.
func (p *pastedToken) Credential(_ context.Context, req core.LoginRequest) (core.Credential, error) {
	claims, err := core.ParseClaims(p.token.Reveal())
	host := req.Environment.AuthHost()
	switch {
	case p.token.IsZero():
		return "", p.refuse("stdin holds no token", giveAlone, nil)
	case err != nil:
		return "", p.refuse("what stdin holds is not a JSON Web Token", giveAlone, err)
	case claims.Expiry.IsZero():
		return "", p.refuse("the token does not say when it expires", giveAlone, nil)
	case claims.Expiry.Before(req.Time().Add(core.ExpiryMargin)):
		return "", p.refuse("the token expired at "+claims.Expiry.Format(time.RFC3339), "give one that is still valid", nil)
	case claims.Username == "" && claims.ClientID != "":
		return core.ClientCredential(host, claims.ClientID), nil
	}
	return core.UserCredential(host, claims.Username), nil
}

// Authenticate returns the token.
func (p *pastedToken) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	credential, err := p.Credential(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	token := core.NewToken(p.token.Reveal(), req.Time())
	token.Credential, token.Host, token.Origin = credential, req.Environment.AuthHost(), "stdin"
	return token, nil
}

const giveAlone = "give the access token alone, as `taegis auth token` prints it"

func (p *pastedToken) refuse(reason, remedy string, err error) error {
	return &core.LoginError{Link: p.Link(), Reason: reason, Remedy: remedy, Err: err}
}
