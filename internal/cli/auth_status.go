package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/profile"
)

func (a *app) statusCommand() *cobra.Command {
	var asJSON, verify bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show who is signed in, where that comes from and until when",
		Long: `Show whose token the next call would use, where it comes from and until when it is valid. The
exit code is 0 for a valid token, 4 where there is none or it has expired, and 1 where that
cannot be told. Nothing is sent, unless --verify is given.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(cmd.Context(), func(client *taegis.Client) error {
				return a.status(cmd.Context(), client, asJSON, verify)
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

// signedIn is what auth status prints.
type signedIn struct {
	Environment string `json:"environment"`
	State       string `json:"state"`
	Who         string `json:"who,omitempty"`
	Credential  string `json:"credential,omitempty"`
	Source      string `json:"source,omitempty"`
	// Store is where tokens rest, and StoreFrom who decided that.
	Store     string    `json:"token_store"`
	StoreFrom string    `json:"token_store_from"`
	Expires   time.Time `json:"expires,omitzero"`
	Tenants   []string  `json:"tenants,omitempty"`
	Verified  bool      `json:"verified"` // the server has accepted the token just now
	Reason    string    `json:"reason,omitempty"`
}

// status prints what there is to know of the token, and returns an error where it is no good.
func (a *app) status(ctx context.Context, client *taegis.Client, asJSON, verify bool) error {
	env := client.Environment()
	chosen, err := a.resolve(ctx)
	if err != nil {
		return err
	}
	kept := chosen.Setting("token-store")
	s := signedIn{Environment: env.Name, State: stateNone, Store: cmp.Or(kept.Value, profile.StoreFile), StoreFrom: kept.From}
	token, problem := a.current(ctx, client)
	if problem == nil {
		claims, _ := token.Claims() // an opaque token has none
		s.State, s.Who, s.Source, s.Tenants = stateValid, holder(token), token.Origin, claims.Tenants
		s.Credential, s.Expires = string(token.Credential), token.Expiry
		if verify {
			problem = a.verify(ctx, token)
			s.Verified = problem == nil
		}
	}
	if problem != nil {
		if !notSignedIn(problem) {
			return problem // nothing can be told
		}
		s.Reason = problem.Error()
		if token.AccessToken.Reveal() != "" {
			s.State = stateRejected
		}
	}
	if asJSON {
		return join(problem, a.printJSON(s))
	}
	if problem != nil {
		return problem
	}
	return a.printStatus(s)
}

func (a *app) printStatus(s signedIn) error {
	verified := ""
	if s.Verified {
		verified = ", accepted by the server"
	}
	return a.printf("environment  %s\nwho          %s\nfrom         %s\nuntil        %s%s\ntoken store  %s (%s)\n",
		s.Environment, s.Who, s.Source, until(s.Expires, time.Now()), verified, s.Store, s.StoreFrom)
}

// current returns the token that the next call would use, if there is one without signing in;
// else an error that wraps [core.ErrNoToken], or says why that cannot be told.
func (a *app) current(ctx context.Context, client *taegis.Client) (core.Token, error) {
	step, answered, err := decisive(ctx, client)
	switch {
	case err != nil:
		return core.Token{}, err
	case !step.Stored.IsZero():
		return step.Stored, nil
	case answered && step.Authenticator == (&authn.Static{}).Link():
		return a.given(ctx)
	}
	return core.Token{}, &notSignedInError{
		environment: client.Environment().Name,
		expired:     a.expired(ctx, client.Environment()),
		next:        a.nextLogin(step, answered),
	}
}

// given returns the access token that a variable holds.
func (a *app) given(ctx context.Context) (token core.Token, err error) {
	err = a.withClient(ctx, func(client *taegis.Client) error {
		token, err = client.Token(ctx)
		return err
	}, taegis.WithAuthenticators(&authn.Static{}))
	return token, err
}

// nextLogin says what a call would do now that there is no token.
func (a *app) nextLogin(step taegis.ChainStep, answered bool) string {
	switch {
	case !answered:
		return "run `" + a.loginLine() + "`"
	case step.Err != nil:
		return step.Err.Error()
	}
	return "the next call signs in by " + step.Authenticator
}

// loginLine is the command that signs in where this one has looked: what variables and the file of profiles say,
// it finds by itself.
func (a *app) loginLine() string {
	words := []string{"taegis auth login"}
	for _, flag := range []struct{ name, value string }{
		{"profile", a.global.profile}, {"environment", a.global.environment}, {"api-url", a.global.apiURL}, {"token-store", a.global.tokenStore},
	} {
		if flag.value != "" {
			words = append(words, "--"+flag.name, shellquote.Word(flag.value))
		}
	}
	if a.global.universalAuth {
		words = append(words, "--universal-auth")
	}
	return strings.Join(words, " ")
}

// expired describes a token in the environment's section of the shared file that is past its time, "" for none and
// where tokens rest elsewhere.
func (a *app) expired(ctx context.Context, env core.Environment) string {
	chosen, err := a.resolve(ctx)
	if err != nil || chosen.Store != nil {
		return ""
	}
	shared, err := a.file()
	if err != nil {
		return ""
	}
	file, err := shared.Snapshot(ctx)
	if err != nil {
		return ""
	}
	for _, section := range file.SectionsFor(env) {
		access, _ := file.Get(section, accessTokenKey)
		token := core.NewToken(access, time.Time{})
		if !token.IsZero() && !token.Expiry.IsZero() && !token.Valid(time.Now()) {
			return fmt.Sprintf("the token of %s in [%s] expired at %s", holder(token), section, stamp(token.Expiry))
		}
	}
	return ""
}

// verify asks the server whether it accepts the token. Where it does not, the error wraps
// [core.ErrUnauthorized].
func (a *app) verify(ctx context.Context, token core.Token) error {
	var host string
	err := a.withClient(ctx, func(client *taegis.Client) error {
		host = client.Environment().AuthHost()
		return client.Execute(ctx, currentSubject(), nil)
	}, taegis.WithAuthenticators(&authn.Static{Token: token.AccessToken}))
	if errors.Is(err, core.ErrUnauthorized) {
		return fmt.Errorf("%w by %s, the one of %s: run `%s`", core.ErrUnauthorized, host, holder(token), a.replacing(token))
	}
	return err
}

// replacing is the command that leads to another token than this one.
func (a *app) replacing(token core.Token) string {
	if token.Origin == core.SettingAccessToken {
		return unsetting(core.SettingAccessToken)
	}
	return a.loginLine()
}

// currentSubject asks who calls, which everybody may.
func currentSubject() *core.Request {
	const document = "query currentSubject { currentSubject { id } }"
	return &core.Request{Operation: &core.Operation{Name: "currentSubject", Kind: core.Query}, Document: document}
}

// notSignedInError says that no token is there that a call could use. It is [core.ErrNoToken].
type notSignedInError struct {
	environment, expired, next string
}

func (e *notSignedInError) Error() string {
	text := "nobody is signed in to " + e.environment + ": "
	if e.expired != "" {
		text += e.expired + "; "
	}
	return text + e.next
}

// Unwrap returns [core.ErrNoToken].
func (e *notSignedInError) Unwrap() error { return core.ErrNoToken }
