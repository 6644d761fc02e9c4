package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/profile"
)

func statusCommand(a *cmdutil.App) *cobra.Command {
	var asJSON, verify bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show who is logged in, where that comes from and until when",
		Long: `Show whose token the next call would use, where it comes from and until when it is valid. The
exit code is 0 for a valid token, 4 where there is none or it has expired, and 1 where that
cannot be told. Nothing is sent, unless --verify is given.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				return showStatus(cmd.Context(), a, client, asJSON, verify)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&verify, "verify", false, "ask the server whether it accepts the token")
	return cmd
}

// The states of the token that the next call would use.
const (
	stateValid    = "valid"
	stateNone     = "none" // none, or one that has expired
	stateRejected = "rejected"
)

// loggedIn is what auth status prints.
type loggedIn struct {
	Environment string `json:"environment"`
	State       string `json:"state"`
	Who         string `json:"who,omitempty"`
	Account     string `json:"credential,omitempty"`
	Source      string `json:"source,omitempty"`
	// Store is where tokens rest, and StoreFrom who decided that.
	Store     string    `json:"token_store"`
	StoreFrom string    `json:"token_store_from"`
	Expires   time.Time `json:"expires,omitzero"`
	Tenants   []string  `json:"tenants,omitempty"`
	Verified  bool      `json:"verified"` // the server has accepted the token just now
	Reason    string    `json:"reason,omitempty"`
}

// showStatus prints what there is to know of the token, and returns an error where it is no good.
func showStatus(ctx context.Context, a *cmdutil.App, client *taegis.Client, asJSON, verify bool) error {
	env := client.Environment()
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return err
	}
	kept := chosen.Value("token-store")
	s := loggedIn{Environment: env.Name, State: stateNone, Store: cmp.Or(kept.Text, profile.DefaultBackend), StoreFrom: kept.From}
	token, problem := currentToken(ctx, a, client)
	if problem == nil {
		claims, _ := token.Claims() // an opaque token has none
		s.State, s.Who, s.Source, s.Tenants = stateValid, cmdutil.AccountName(token), token.Origin, claims.Tenants
		s.Account, s.Expires = string(token.Account), token.Expiry
		if verify {
			problem = verifyToken(ctx, a, token)
			s.Verified = problem == nil
		}
	}
	if problem != nil {
		if !cmdutil.NotLoggedIn(problem) {
			return problem // nothing can be told
		}
		s.Reason = problem.Error()
		if token.AccessToken.Reveal() != "" {
			s.State = stateRejected
		}
	}
	if asJSON {
		return cmdutil.JoinErrors(problem, a.PrintJSON(s))
	}
	if problem != nil {
		return problem
	}
	return printStatus(a, s)
}

func printStatus(a *cmdutil.App, s loggedIn) error {
	verified := ""
	if s.Verified {
		verified = ", accepted by the server"
	}
	return a.Printf("environment  %s\nwho          %s\nfrom         %s\nuntil        %s%s\ntoken store  %s (%s)\n",
		s.Environment, s.Who, s.Source, cmdutil.FormatExpiry(s.Expires, time.Now()), verified, s.Store, s.StoreFrom)
}

// currentToken returns the token that the next call would use, if there is one without logging in;
// else an error that wraps [core.ErrNoToken], or says why that cannot be told.
func currentToken(ctx context.Context, a *cmdutil.App, client *taegis.Client) (core.Token, error) {
	step, answered, err := cmdutil.ExplainEnd(ctx, client)
	switch {
	case err != nil:
		return core.Token{}, err
	case !step.Stored.IsZero():
		return step.Stored, nil
	case answered && step.Authenticator == (&authn.StaticToken{}).Name():
		return givenToken(ctx, a)
	}
	return core.Token{}, &notLoggedInError{
		environment: client.Environment().Name,
		expired:     a.ExpiredToken(ctx, client.Environment()),
		next:        nextLogin(a, step, answered),
	}
}

// givenToken returns the access token that a variable holds.
func givenToken(ctx context.Context, a *cmdutil.App) (token core.Token, err error) {
	err = a.WithClient(ctx, func(client *taegis.Client) error {
		token, err = client.Token(ctx)
		return err
	}, taegis.WithAuthenticators(&authn.StaticToken{}))
	return token, err
}

// nextLogin says what a call would do now that there is no token.
func nextLogin(a *cmdutil.App, step taegis.ChainStep, answered bool) string {
	switch {
	case !answered:
		return "run `" + a.LoginCommandLine() + "`"
	case step.Err != nil:
		return step.Err.Error()
	}
	return "the next call logs in by " + step.Authenticator
}

// verifyToken asks the server whether it accepts the token. Where it does not, the error wraps
// [core.ErrUnauthorized].
func verifyToken(ctx context.Context, a *cmdutil.App, token core.Token) error {
	var host string
	err := a.WithClient(ctx, func(client *taegis.Client) error {
		host = client.Environment().AuthHost()
		return client.Execute(ctx, cmdutil.CurrentSubject(), nil)
	}, taegis.WithAuthenticators(&authn.StaticToken{Token: token.AccessToken}))
	if errors.Is(err, core.ErrUnauthorized) {
		return fmt.Errorf("%w by %s, the one of %s: run `%s`", core.ErrUnauthorized, host, cmdutil.AccountName(token), a.ReplaceCommandLine(token))
	}
	return err
}

// notLoggedInError says that no token is there that a call could use. It is [core.ErrNoToken].
type notLoggedInError struct {
	environment, expired, next string
}

func (e *notLoggedInError) Error() string {
	text := "not logged in to " + e.environment + ": "
	if e.expired != "" {
		text += e.expired + "; "
	}
	return text + e.next
}

// Unwrap returns [core.ErrNoToken].
func (e *notLoggedInError) Unwrap() error { return core.ErrNoToken }
