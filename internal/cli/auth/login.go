package auth

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
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
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

var methods = []string{cmdutil.MethodClientCredentials, cmdutil.MethodInteractive, cmdutil.MethodSSO, cmdutil.MethodPassword}

// The prefixes of methods that the profile file configures.
const (
	methodPlugin = "plugin:"
	methodExec   = "exec:"
)

func loginCommand(a *cmdutil.App) *cobra.Command {
	var flags loginFlags
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log in and cache the token",
		Long: `Log in, even if a token is cached, and cache the new token. Without --method the chain of the profile
is used; without a profile, the client credentials in CLIENT_ID and CLIENT_SECRET if they are set,
otherwise an interactive login. In the environment fusion the variables are SOPHOS_CLIENT_ID and
SOPHOS_CLIENT_SECRET, and client-credentials is the only method. --method chooses one method: ` + strings.Join(methods, ", ") + `,
or plugin:NAME or exec:NAME of the profile file. --username without --method chooses an interactive
login.`,
		Example: `  taegis auth login
  taegis auth login --username ann@example.com
  taegis auth login --method sso --qr --no-browser
  taegis auth login --environment fusion
  taegis auth login --with-token < token.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errMisplacedToken
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			authenticators, err := loginAuthenticators(a, cmd, flags)
			if err != nil {
				return err
			}
			prompt := terminal.New(terminal.Options{NoBrowser: flags.noBrowser, QR: flags.qr, Stderr: a.Screen})
			return login(cmd.Context(), a, taegis.WithAuthenticators(authenticators...), taegis.WithPrompt(prompt))
		},
	}
	a.Global.TextFlag(cmd.Flags(), &flags.method, "method", "login method: "+strings.Join(methods, ", ")+", plugin:NAME, exec:NAME")
	a.Global.TextFlag(cmd.Flags(), &flags.username, "username", "user name, in place of a prompt")
	cmd.Flags().BoolVar(&flags.withToken, "with-token", false, "read an access token from stdin and cache it")
	cmd.Flags().BoolVar(&flags.noBrowser, "no-browser", false, "show the verification page's URL without opening a browser")
	cmd.Flags().BoolVar(&flags.qr, "qr", false, "show the verification page's URL as a QR code too")
	for _, other := range []string{"method", "username", "no-browser", "qr"} {
		cmd.MarkFlagsMutuallyExclusive("with-token", other)
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok && invalid.GetFlag().Name == "with-token" {
			return errMisplacedToken
		}
		return err
	})
	cmdutil.CompleteFlag(cmd, "method", completeMethod)
	return cmd
}

// completeMethod completes a login method, including those of the profile file.
func completeMethod(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names := slices.Clone(methods)
	if file, _ := cmdutil.OpenProfiles(cmd.Context()); file != nil { // it may come with an error
		for _, name := range slices.Sorted(maps.Keys(file.Plugins)) {
			names = append(names, methodPlugin+name)
		}
		for _, name := range slices.Sorted(maps.Keys(file.Processes)) {
			names = append(names, methodExec+name)
		}
	}
	return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoFileComp
}

// errMisplacedToken does not repeat the argument, because it may be the token.
var errMisplacedToken = errors.New("the command takes no argument: --with-token reads the token from stdin")

// loginAuthenticators returns the authenticators that the flags choose. TAEGIS_ACCESS_TOKEN is not
// among them, because it is a token and not a way to obtain one.
func loginAuthenticators(a *cmdutil.App, cmd *cobra.Command, flags loginFlags) ([]ports.Authenticator, error) {
	if flags.withToken {
		token, err := readToken(a, cmd)
		return []ports.Authenticator{&pastedToken{token}}, err
	}
	chosen, err := a.Resolve(cmd.Context())
	if err != nil {
		return nil, err
	}
	method := flags.method
	switch {
	case method == "" && flags.username == "" && chosen.Authenticators != nil:
		return chosen.Authenticators, nil
	case method == "" && flags.username == "":
		return []ports.Authenticator{&authn.ClientCredentials{}, &authn.Interactive{}}, nil
	case method == "":
		method = cmdutil.MethodInteractive
	}
	if flags.username != "" {
		return userAuthenticators(cmd, method, flags.username)
	}
	if !slices.Contains(methods, method) && !strings.HasPrefix(method, methodPlugin) && !strings.HasPrefix(method, methodExec) {
		return nil, cmdutil.UsageErrorf(cmd, "--method %q: use one of %s, %sNAME, %sNAME", method, strings.Join(methods, ", "), methodPlugin, methodExec)
	}
	authenticator, err := chosen.Authenticator(method)
	return []ports.Authenticator{authenticator}, err
}

// userAuthenticators returns the authenticator of a method with a user name. It ignores the
// profile.
func userAuthenticators(cmd *cobra.Command, method, username string) ([]ports.Authenticator, error) {
	switch method {
	case cmdutil.MethodInteractive:
		return []ports.Authenticator{&authn.Interactive{Username: username}}, nil
	case cmdutil.MethodSSO:
		return []ports.Authenticator{&authn.DeviceCode{Username: username}}, nil
	case cmdutil.MethodPassword:
		return []ports.Authenticator{&authn.Password{Username: username}}, nil
	}
	return nil, cmdutil.UsageErrorf(cmd, "--username cannot be used with --method %s", method)
}

// login logs in, prints the account and warns if calls will not use the new token.
func login(ctx context.Context, a *cmdutil.App, options ...taegis.Option) error {
	return a.WithClient(ctx, func(client *taegis.Client) error {
		token, err := client.Login(ctx)
		if err != nil {
			return err
		}
		env := client.Environment()
		a.Infof("Logged in to %s as %s, until %s.", env.Name, cmdutil.AccountName(token), cmdutil.FormatExpiry(token.Expiry, time.Now()))
		if env.Platform == core.PlatformFusion {
			describeIdentity(ctx, a, client)
		}
		if err := checkStored(ctx, a, env, token); err != nil {
			return err
		}
		return a.WithClient(ctx, func(next *taegis.Client) error { return warnOfOthers(ctx, a, next, token) })
	}, options...)
}

// describeIdentity prints what the account belongs to on fusion, which decides whether calls need a
// tenant. The login has succeeded even if the identity service does not answer.
func describeIdentity(ctx context.Context, a *cmdutil.App, client *taegis.Client) {
	switch identity, err := client.Identity(ctx); {
	case err != nil:
		a.Warnf("the tenant of the account is not known: %v", err)
	case identity.Type == core.IdentityTenant:
		a.Infof("Calls are for its tenant, %s.", identity.ID)
	default:
		a.Infof("The account is that of the %s %s: choose a tenant with --tenant; `taegis tenants list` lists them.",
			cmdutil.OneLine(string(identity.Type)), identity.ID)
	}
}

// checkStored returns an error if the next command will not find the token of the login.
func checkStored(ctx context.Context, a *cmdutil.App, env core.Environment, token core.Token) error {
	key := core.TokenKey{Section: env.Section(), Host: env.AuthHost(), Account: token.Account}
	store, err := a.TokenStore(ctx)
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
		return errors.New("the token was not cached: its expiry is missing or past: check the clock of this machine")
	}
	return errors.New("the token was not cached: the next command logs in again")
}

// warnOfOthers warns if calls will not use the token of this login, for example a user's token
// while CLIENT_ID is set.
func warnOfOthers(ctx context.Context, a *cmdutil.App, next *taegis.Client, token core.Token) error {
	step, ended, err := cmdutil.ExplainEnd(ctx, next)
	if err != nil || !ended || step.Stored.AccessToken.Equal(token.AccessToken) {
		return err
	}
	names := variablesOf(step)
	if len(names) == 0 {
		return nil
	}
	a.Warnf("calls will still use %s, because %s set; unset %s to use this login",
		step.Authenticator, cmdutil.IsOrAre(names), cmdutil.JoinNames(names))
	return nil
}
