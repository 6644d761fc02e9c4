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
	var verify bool
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the account, source and expiry of the token",
		Long: `Show the account, source and expiry of the token that the next call would use. The exit code is 0 for
a valid token, 4 if there is none or it has expired, and 1 if the state is unknown, for example because
the token has no expiry. The command sends nothing unless --verify is given.`,
		Example: `  taegis auth status
  taegis auth status --verify --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				return showStatus(cmd.Context(), a, out, client, verify)
			})
		},
	}
	out = a.NewTextOutput(cmd)
	cmd.Flags().BoolVar(&verify, "verify", false, "ask the server whether it accepts the token")
	return cmd
}

// The states of the token that the next call would use.
const (
	stateValid    = "valid"
	stateNone     = "none" // none, or one that has expired
	stateRejected = "rejected"
	stateExpired  = "expired" // of a cached token in auth list
	stateUnknown  = "unknown" // the token has no expiry, or the server cannot be asked
)

// loggedIn is the output of auth status.
type loggedIn struct {
	Environment string `json:"environment"`
	State       string `json:"state"`
	AccountName string `json:"account_name,omitempty"` // for display
	Account     string `json:"account,omitempty"`
	Source      string `json:"source,omitempty"`
	// Store is the backend of the token store, StoreFrom the source of that setting.
	Store     string    `json:"token_store"`
	StoreFrom string    `json:"token_store_from"`
	Expires   time.Time `json:"expires,omitzero"`
	Tenants   []string  `json:"tenants,omitempty"`
	// Identity is what the account belongs to on fusion, if it is known.
	Identity *core.Identity `json:"identity,omitempty"`
	Verified bool           `json:"verified"` // the server accepted the token during this command
	Reason   string         `json:"reason,omitempty"`
}

// showStatus prints the status of the token and returns an error if the token cannot be used.
func showStatus(ctx context.Context, a *cmdutil.App, out *cmdutil.Output, client *taegis.Client, verify bool) error {
	env := client.Environment()
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return err
	}
	store := chosen.Value("token-store")
	s := loggedIn{Environment: env.Name, State: stateNone, Store: cmp.Or(store.Text, profile.DefaultBackend), StoreFrom: store.From}
	token, problem := currentToken(ctx, a, client)
	if problem == nil {
		claims, _ := token.Claims() // an opaque token has none
		s.State, s.AccountName, s.Source, s.Tenants = stateValid, cmdutil.AccountName(token), token.Origin, claims.Tenants
		s.Account, s.Expires = string(token.Account), token.Expiry
		if verify {
			token.Identity, problem = verifyToken(ctx, a, token)
			s.Verified = problem == nil
		} else if token.Expiry.IsZero() {
			s.State, s.Reason = stateUnknown, "the token has no expiry; `taegis auth status --verify` asks the server"
		}
	}
	if problem != nil {
		s.Reason = problem.Error()
		if !cmdutil.NotLoggedIn(problem) {
			s.State = stateUnknown
		} else if token.AccessToken.Reveal() != "" {
			s.State = stateRejected
		}
	}
	if !token.Identity.IsZero() {
		s.Identity = &token.Identity
	}
	if out.Chosen() {
		err := out.Value(ctx, s)
		if problem == nil && err == nil && s.State == stateUnknown {
			err = &cmdutil.ExitError{Code: cmdutil.ExitFailed}
		}
		return cmdutil.JoinErrors(problem, err)
	}
	if problem != nil {
		return problem
	}
	if err := printStatus(a, s); err != nil || s.State != stateUnknown {
		return err
	}
	return &cmdutil.ExitError{Code: cmdutil.ExitFailed}
}

func printStatus(a *cmdutil.App, s loggedIn) error {
	verified := ""
	switch {
	case s.Verified:
		verified = ", accepted by the server"
	case s.State == stateUnknown:
		verified = ": " + s.Reason
	}
	err := a.Printf("environment  %s\naccount      %s\n", s.Environment, s.AccountName)
	if s.Identity != nil && err == nil {
		err = a.Printf("%-12s %s\n", s.Identity.Type, s.Identity.ID)
	}
	if err != nil {
		return err
	}
	return a.Printf("source       %s\nexpires      %s%s\ntoken store  %s (%s)\n",
		s.Source, cmdutil.FormatExpiry(s.Expires, time.Now()), verified, s.Store, s.StoreFrom)
}

// currentToken returns the token that the next call would use without a login. If there is none, it
// returns an error that wraps [core.ErrNoToken].
func currentToken(ctx context.Context, a *cmdutil.App, client *taegis.Client) (core.Token, error) {
	step, ended, err := cmdutil.ExplainEnd(ctx, client)
	switch {
	case err != nil:
		return core.Token{}, err
	case !step.Stored.IsZero():
		return step.Stored, nil
	case ended && step.Authenticator == (&authn.StaticToken{}).Name():
		return givenToken(ctx, a)
	}
	return core.Token{}, &notLoggedInError{
		environment: client.Environment().Name,
		expired:     a.ExpiredToken(ctx, client.Environment()),
		next:        nextLogin(a, step, ended),
	}
}

// givenToken returns the access token of TAEGIS_ACCESS_TOKEN.
func givenToken(ctx context.Context, a *cmdutil.App) (token core.Token, err error) {
	err = a.WithClient(ctx, func(client *taegis.Client) error {
		token, err = client.Token(ctx)
		return err
	}, taegis.WithAuthenticators(&authn.StaticToken{}))
	return token, err
}

// nextLogin returns what the next call would do, as the end of a sentence.
func nextLogin(a *cmdutil.App, step taegis.ChainStep, ended bool) string {
	switch {
	case !ended:
		return "run `" + a.LoginCommandLine() + "`"
	case step.Err != nil:
		return step.Err.Error()
	}
	return "the next call logs in with " + step.Authenticator
}

// verifyToken calls the server with the token. On fusion it asks for the identity of the token,
// which it returns. If the server rejects the token, the error wraps [core.ErrUnauthorized].
func verifyToken(ctx context.Context, a *cmdutil.App, token core.Token) (identity core.Identity, err error) {
	var host string
	err = a.WithClient(ctx, func(client *taegis.Client) (err error) {
		host = client.Environment().AuthHost()
		if client.Environment().Platform == core.PlatformFusion {
			identity, err = client.Identity(ctx)
			return err
		}
		return client.Execute(ctx, cmdutil.CurrentSubject(), nil)
	}, taegis.WithAuthenticators(&authn.StaticToken{Token: token.AccessToken}))
	if errors.Is(err, core.ErrUnauthorized) {
		err = fmt.Errorf("%w by %s, the token of %s: run `%s`", core.ErrUnauthorized, host, cmdutil.AccountName(token), a.ReplaceCommandLine(token))
	}
	return identity, err
}

// notLoggedInError is returned if there is no token that a call could use. It wraps
// [core.ErrNoToken].
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
