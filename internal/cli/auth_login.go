package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// loginFlags are the flags of auth login.
type loginFlags struct {
	method    string
	username  string
	withToken bool
	noBrowser bool
	qr        bool
}

// The links that --method knows.
const (
	methodClient   = "client-credentials"
	methodUser     = "user"
	methodSSO      = "sso"
	methodPassword = "password"
)

var methods = []string{methodClient, methodUser, methodSSO, methodPassword}

// The beginnings of names that the configuration file has.
const (
	methodPlugin = "plugin:"
	methodExec   = "exec:"
)

func (a *app) loginCommand() *cobra.Command {
	var flags loginFlags
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in anew and cache the token",
		Long: `Sign in, whatever is cached, and cache the token: with CLIENT_ID and CLIENT_SECRET where they are
set, otherwise as a person. --method chooses one way: ` + strings.Join(methods, ", ") + `, or
plugin:NAME or exec:NAME of the file of profiles. A user name means a person, so --username without
--method is --method user.`,
		Example: `  taegis auth login
  taegis auth login --username ann@example.com
  taegis auth login --method sso --qr --no-browser
  taegis auth login --with-token < token.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errMisplacedToken
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			links, err := a.loginLinks(cmd, flags)
			if err != nil {
				return err
			}
			prompt := terminal.Open(terminal.Options{NoBrowser: flags.noBrowser, QR: flags.qr, Stderr: a.screen})
			return a.login(cmd.Context(), taegis.WithAuthenticators(links...), taegis.WithPrompt(prompt))
		},
	}
	a.global.text(cmd.Flags(), &flags.method, "method", "one way to sign in: "+strings.Join(methods, ", ")+", plugin:NAME, exec:NAME")
	a.global.text(cmd.Flags(), &flags.username, "username", "user name, in place of being asked")
	cmd.Flags().BoolVar(&flags.withToken, "with-token", false, "cache an access token that stdin holds")
	cmd.Flags().BoolVar(&flags.noBrowser, "no-browser", false, "show the link without opening a browser")
	cmd.Flags().BoolVar(&flags.qr, "qr", false, "show the link as a QR code too")
	for _, other := range []string{"method", "username", "no-browser", "qr"} {
		cmd.MarkFlagsMutuallyExclusive("with-token", other)
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok && invalid.GetFlag().Name == "with-token" {
			return errMisplacedToken
		}
		return err
	})
	complete(cmd, "method", completeMethod)
	return cmd
}

// completeMethod completes a way to sign in, those of the file of profiles too.
func completeMethod(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names := slices.Clone(methods)
	if file, _ := openProfiles(cmd.Context()); file != nil { // comes beside an error, too
		for _, name := range slices.Sorted(maps.Keys(file.Plugins)) {
			names = append(names, methodPlugin+name)
		}
		for _, name := range slices.Sorted(maps.Keys(file.Programs)) {
			names = append(names, methodExec+name)
		}
	}
	return startingWith(names, begun), cobra.ShellCompDirectiveNoFileComp
}

// errMisplacedToken does not repeat what is too much, because it may be the token.
var errMisplacedToken = errors.New("it takes no argument: --with-token reads the token from stdin")

// loginLinks are the links that the flags ask for. TAEGIS_ACCESS_TOKEN is not among them: a token
// that is there already is no way to get one.
func (a *app) loginLinks(cmd *cobra.Command, flags loginFlags) ([]ports.Authenticator, error) {
	if flags.withToken {
		token, err := a.readToken(cmd)
		return []ports.Authenticator{&pastedToken{token}}, err
	}
	chosen, err := a.resolve(cmd.Context())
	if err != nil {
		return nil, err
	}
	method := flags.method
	switch {
	case method == "" && flags.username == "" && chosen.Links != nil:
		return chosen.Links, nil
	case method == "" && flags.username == "":
		return []ports.Authenticator{&authn.ClientCredentials{}, &authn.UserLogin{}}, nil
	case method == "":
		method = methodUser
	}
	if flags.username != "" {
		return a.personLinks(cmd, method, flags.username)
	}
	if !slices.Contains(methods, method) && !strings.HasPrefix(method, methodPlugin) && !strings.HasPrefix(method, methodExec) {
		return nil, usagef(cmd, "--method %q: use one of %s, %sNAME, %sNAME", method, strings.Join(methods, ", "), methodPlugin, methodExec)
	}
	link, err := chosen.Link(method)
	return []ports.Authenticator{link}, err
}

// personLinks are the links of a person with that user name, whoever the profile is for.
func (a *app) personLinks(cmd *cobra.Command, method, username string) ([]ports.Authenticator, error) {
	switch method {
	case methodUser:
		return []ports.Authenticator{&authn.UserLogin{Username: username}}, nil
	case methodSSO:
		return []ports.Authenticator{&authn.DeviceCode{Username: username}}, nil
	case methodPassword:
		return []ports.Authenticator{&authn.Password{Username: username}}, nil
	}
	return nil, usagef(cmd, "--username is for a person, and --method %s is not", method)
}

// login signs in, and says as whom and what calls will make of it.
func (a *app) login(ctx context.Context, options ...taegis.Option) error {
	return a.withClient(ctx, func(client *taegis.Client) error {
		token, err := client.Login(ctx)
		if err != nil {
			return err
		}
		env := client.Environment()
		a.say("Signed in to %s as %s, until %s.", env.Name, holder(token), until(token.Expiry, time.Now()))
		if err := a.checkStored(ctx, env, token); err != nil {
			return err
		}
		return a.withClient(ctx, func(next *taegis.Client) error { return a.warnOfOthers(ctx, next, token) })
	}, options...)
}

// checkStored returns an error where the login was of no use, because the next command will not
// find its token.
func (a *app) checkStored(ctx context.Context, env core.Environment, token core.Token) error {
	key := core.TokenKey{Section: env.Section(), Host: env.AuthHost(), Credential: token.Credential}
	store, err := a.store(ctx)
	if err != nil {
		return err
	}
	stored, err := store.Load(ctx, key)
	switch {
	case err == nil && stored.AccessToken.Equal(token.AccessToken):
		return nil
	case err != nil && !errors.Is(err, core.ErrNoToken):
		return fmt.Errorf("the token was not cached: %w", err)
	case !core.NewToken(token.AccessToken.Reveal(), time.Time{}).Valid(time.Now()):
		return errors.New("the token was not cached: it does not say that it is still valid; look at this machine's clock")
	}
	return errors.New("the token was not cached, so the next command signs in again")
}

// warnOfOthers says so where calls will not use the token of this login, as that of a person
// while CLIENT_ID is set.
func (a *app) warnOfOthers(ctx context.Context, next *taegis.Client, token core.Token) error {
	step, answered, err := decisive(ctx, next)
	if err != nil || !answered || step.Stored.AccessToken.Equal(token.AccessToken) {
		return err
	}
	names := variablesOf(step)
	if len(names) == 0 {
		return nil
	}
	a.warn("calls will still use %s, because %s set; unset %s to use this login",
		step.Authenticator, isOrAre(names), list(names))
	return nil
}

// isOrAre is "CLIENT_ID is" or "CLIENT_ID and CLIENT_SECRET are".
func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return list(names) + " are"
}
