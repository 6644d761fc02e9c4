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

// GlobalFlags are the flags that all commands share. Most of them come before an environment
// variable, which the library reads.
type GlobalFlags struct {
	Profile        string // --profile
	TokenStore     string // --token-store
	NonInteractive bool   // --no-input
	Verbose        bool   // --verbose

	environment   string
	apiURL        string
	tenant        string
	universalAuth bool
	timeout       bound
	quoted        []string // the flags whose values were in quotes
}

// RegisterGlobalFlags adds the global flags to the root command, with their completion.
func (a *App) RegisterGlobalFlags(root *cobra.Command) {
	a.Global.register(root.PersistentFlags())
	CompleteFlag(root, "environment", completeEnvironment)
	CompleteFlag(root, "profile", CompleteProfile)
	CompleteFlag(root, "token-store", cobra.FixedCompletions(profile.Backends(), cobra.ShellCompDirectiveNoFileComp))
}

func (g *GlobalFlags) register(flags *pflag.FlagSet) {
	g.timeout = bound(taegis.DefaultTimeout)
	g.TextFlag(flags, &g.Profile, "profile", "profile of the configuration file (TAEGIS_PROFILE; see \"taegis profile\")")
	g.TextFlag(flags, &g.environment, "environment", "environment of Taegis, or one of your own with --api-url (TAEGIS_ENVIRONMENT; default charlie)")
	g.TextFlag(flags, &g.apiURL, "api-url", "base URL in place of the environment's (TAEGIS_API_URL)")
	g.checkedFlag(flags, &g.tenant, "tenant", "", "tenant in whose context calls are made (TAEGIS_TENANT_ID)", tenantID)
	g.TextFlag(flags, &g.TokenStore, "token-store", "where tokens rest: "+strings.Join(profile.Backends(), ", ")+" (TAEGIS_TOKEN_STORE; default file)")
	flags.BoolVar(&g.universalAuth, "universal-auth", false, "log in at the universal authentication host")
	flags.BoolVar(&g.NonInteractive, "no-input", false, "never ask a user (TAEGIS_NO_INPUT=1)")
	flags.BoolVarP(&g.Verbose, "verbose", "v", false, "log each request to stderr, without secrets")
	flags.Var(&g.timeout, "timeout", "bound on each request, 0 for none; a user and a stream have none")
}

// bound is a flag's duration that must not be negative.
type bound time.Duration

// Set parses the flag's value.
func (b *bound) Set(text string) error {
	d, err := time.ParseDuration(clean.Text(text))
	switch {
	case err != nil:
		return errors.New("give a number with its unit, such as 30s or 2m")
	case d < 0:
		return errors.New("it must not be negative")
	}
	*b = bound(d)
	return nil
}

// String is the value as the help shows it.
func (b *bound) String() string { return time.Duration(*b).String() }

// Type is the value's kind as the help shows it.
func (b *bound) Type() string { return "duration" }
