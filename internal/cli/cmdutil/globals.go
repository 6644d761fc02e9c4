package cmdutil

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	clean "github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/profile"
)

// GlobalFlags are the flags that all commands share. Most of them override an environment variable,
// which the library reads.
type GlobalFlags struct {
	Profile        string // --profile
	TokenStore     string // --token-store
	NonInteractive bool   // --no-input
	Verbose        bool   // --verbose

	environment   string
	apiURL        string
	tenant        string
	universalAuth bool
	timeout       timeout
	quoted        []string // flags with values in quotes
}

// Environment returns the value of --environment, "" if it is not given.
func (g *GlobalFlags) Environment() string { return g.environment }

// APIURL returns the value of --api-url, "" if it is not given.
func (g *GlobalFlags) APIURL() string { return g.apiURL }

// RegisterGlobalFlags adds the global flags to the root command, with their completion.
func (a *App) RegisterGlobalFlags(root *cobra.Command) {
	a.Global.register(root.PersistentFlags())
	CompleteFlag(root, "environment", completeEnvironment)
	CompleteFlag(root, "profile", CompleteProfile)
	CompleteFlag(root, "token-store", cobra.FixedCompletions(profile.Backends(), cobra.ShellCompDirectiveNoFileComp))
}

func (g *GlobalFlags) register(flags *pflag.FlagSet) {
	g.timeout = timeout(taegis.DefaultTimeout)
	g.TextFlag(flags, &g.Profile, "profile", "profile of the profile file (TAEGIS_PROFILE; see \"taegis profile\")")
	g.TextFlag(flags, &g.environment, "environment", "environment, or the name of a custom one with --api-url (TAEGIS_ENVIRONMENT; default charlie)")
	g.TextFlag(flags, &g.apiURL, "api-url", "base URL of the API, in place of the environment's (TAEGIS_API_URL)")
	g.checkedFlag(flags, &g.tenant, "tenant", "", "tenant ID sent with each call (TAEGIS_TENANT_ID)", tenantID)
	g.TextFlag(flags, &g.TokenStore, "token-store", "token store: "+strings.Join(profile.Backends(), ", ")+" (TAEGIS_TOKEN_STORE; default file)")
	flags.BoolVar(&g.universalAuth, "universal-auth", false, "log in at the universal authentication host")
	flags.BoolVar(&g.NonInteractive, "no-input", false, "do not prompt (TAEGIS_NO_INPUT=1)")
	flags.BoolVarP(&g.Verbose, "verbose", "v", false, "log each request to stderr, without secrets")
	flags.Var(&g.timeout, "timeout", "timeout for each request, 0 disables it; does not apply to prompts or streams")
}

// timeout is the value of a duration flag. It must not be negative.
type timeout time.Duration

// Set parses the flag's value.
func (t *timeout) Set(text string) error {
	d, err := time.ParseDuration(clean.Text(text))
	switch {
	case err != nil:
		return errors.New("give a number with its unit, for example 30s or 2m")
	case d < 0:
		return errors.New("it must not be negative")
	}
	*t = timeout(d)
	return nil
}

// String returns the value that the help shows.
func (t *timeout) String() string { return time.Duration(*t).String() }

// Type returns the type that the help shows.
func (t *timeout) Type() string { return "duration" }
