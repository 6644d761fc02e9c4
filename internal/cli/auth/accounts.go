package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
)

// cachedAccount is an account with a cached token, in the output of auth list.
type cachedAccount struct {
	Environment string    `json:"environment"`
	AccountName string    `json:"account_name,omitempty"` // for display
	State       string    `json:"state"`
	Expires     time.Time `json:"expires,omitzero"`
	// Active is true for the latest login of the environment, which calls use unless a setting
	// names an account.
	Active  bool   `json:"active"`
	Account string `json:"account,omitempty"`
	Host    string `json:"host,omitempty"`

	key   core.TokenKey
	token core.Token
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the accounts with cached tokens",
		Long: `List the accounts with cached tokens, of all environments. A star marks the latest login of an
environment, which calls use unless a setting names an account; "taegis auth switch" chooses another
one. The command sends nothing.`,
		Example: `  taegis auth list
  taegis auth list --jq 'select(.active) | .account_name'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				list, err := cachedAccounts(cmd.Context(), a, client.Environment())
				if err != nil {
					return err
				}
				if out.Chosen() {
					return cmdutil.PrintList(cmd.Context(), out, list)
				}
				return printAccounts(a, list)
			})
		},
	}
	out = a.NewTextOutput(cmd,
		output.Column{Name: "ENVIRONMENT", Path: "environment"}, output.Column{Name: "ACCOUNT", Path: "account_name"},
		output.Column{Name: "STATE", Path: "state"}, output.Column{Name: "EXPIRES", Path: "expires", Time: true},
		output.Column{Name: "ACTIVE", Path: "active"})
	return cmd
}

func printAccounts(a *cmdutil.App, list []cachedAccount) error {
	if len(list) == 0 {
		a.Infof("No token is cached; `%s` logs in.", a.LoginCommandLine())
	}
	for _, c := range list {
		mark := " "
		if c.Active {
			mark = "*"
		}
		expires := c.State
		if c.State == stateValid {
			expires = "until " + cmdutil.FormatExpiry(c.Expires, time.Now())
		}
		if err := a.Printf("%s %-12s %-32s %s\n", mark, c.Environment, c.AccountName, expires); err != nil {
			return err
		}
	}
	return nil
}

// cachedAccounts returns the accounts in the token store, those of each environment together. The
// environment of the client is known also if it is a custom one.
func cachedAccounts(ctx context.Context, a *cmdutil.App, own core.Environment) ([]cachedAccount, error) {
	store, err := a.TokenStore(ctx)
	if err != nil {
		return nil, err
	}
	list := []cachedAccount{}
	for key, err := range store.List(ctx) {
		if err != nil {
			return nil, err
		}
		c := cachedAccount{Environment: key.Section, State: stateExpired, Account: string(key.Account)}
		if key.Host == "" {
			key.Host = hostOfSection(key, own)
		}
		c.Host, c.key = key.Host, key
		if c.token, err = store.Load(ctx, key); err != nil && !errors.Is(err, core.ErrNoToken) {
			return nil, err
		}
		if !c.token.IsZero() {
			c.State, c.Expires, c.AccountName = stateOf(c.token), c.token.Expiry, cmdutil.AccountName(c.token)
			latest, err := store.Load(ctx, core.TokenKey{Section: key.Section, Host: key.Host, Account: core.AnyUserAccount})
			c.Active = err == nil && latest.AccessToken.Equal(c.token.AccessToken)
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(x, y cachedAccount) int {
		return cmp.Or(cmp.Compare(x.Environment, y.Environment), cmp.Compare(x.AccountName, y.AccountName))
	})
	return list, nil
}

// hostOfSection returns the authentication host of a section, or "" for an unknown one.
func hostOfSection(key core.TokenKey, own core.Environment) string {
	if key.InSection(own.Section()) {
		return own.AuthHost()
	}
	env, err := core.FindEnvironment(key.Section)
	if err != nil {
		return ""
	}
	return env.AuthHost()
}

// stateOf returns the state of a token by its own expiry.
func stateOf(token core.Token) string {
	switch {
	case token.Expiry.IsZero():
		return stateUnknown
	case token.Valid(time.Now()):
		return stateValid
	}
	return stateExpired
}

func switchCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "switch [ACCOUNT]",
		Short: "Choose another cached account of the environment",
		Long: `Choose the cached account that calls use, without a login. ACCOUNT is a name that "taegis auth list"
shows, or its beginning. Without it, the command switches to the other one of two accounts. The command
sends nothing.`,
		Example: `  taegis auth switch
  taegis auth switch ann@example.com --environment us2`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			_ = a.WithClient(cmd.Context(), func(client *taegis.Client) error { // without one there is nothing to complete
				list, err := accountsOf(cmd.Context(), a, client.Environment())
				for _, c := range list {
					names = append(names, c.AccountName)
				}
				return err
			})
			return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				return switchAccount(cmd, a, client, strings.Join(args, ""))
			})
		},
	}
}

// accountsOf returns the accounts of an environment with a token that is not expired.
func accountsOf(ctx context.Context, a *cmdutil.App, env core.Environment) ([]cachedAccount, error) {
	list, err := cachedAccounts(ctx, a, env)
	return slices.DeleteFunc(list, func(c cachedAccount) bool {
		return c.State == stateExpired || !c.key.InSection(env.Section()) || c.key.Host != env.AuthHost()
	}), err
}

// switchAccount makes an account the latest login of its environment.
func switchAccount(cmd *cobra.Command, a *cmdutil.App, client *taegis.Client, name string) error {
	ctx, env := cmd.Context(), client.Environment()
	list, err := accountsOf(ctx, a, env)
	if err != nil {
		return err
	}
	chosen, err := chooseAccount(list, name)
	if err != nil {
		return cmdutil.UsageErrorf(cmd, "%s: %w", env.Name, err)
	}
	store, err := a.TokenStore(ctx)
	if err != nil {
		return err
	}
	latest := core.TokenKey{Section: chosen.key.Section, Host: chosen.key.Host, Account: core.AnyUserAccount}
	_, err = store.Update(ctx, latest, func(context.Context, core.Token) (core.Token, error) { return chosen.token, nil })
	if err != nil {
		return err
	}
	a.Infof("Calls to %s use %s.", env.Name, chosen.AccountName)
	return warnOfOthers(ctx, a, client, chosen.token)
}

// chooseAccount returns the account with a name, or the other one of two if the name is empty.
func chooseAccount(list []cachedAccount, name string) (cachedAccount, error) {
	var names []string
	var matching []cachedAccount
	for _, c := range list {
		names = append(names, c.AccountName)
		switch {
		case name != "" && strings.EqualFold(c.AccountName, name), name != "" && c.Account == name:
			return c, nil
		case name == "" && !c.Active, name != "" && hasPrefixFold(c.AccountName, name):
			matching = append(matching, c)
		}
	}
	switch {
	case len(matching) == 1:
		return matching[0], nil
	case len(list) == 0:
		return cachedAccount{}, errors.New("no account has a cached token")
	case name == "" && len(list) == 1:
		return cachedAccount{}, fmt.Errorf("only %s has a cached token", names[0])
	case name == "":
		return cachedAccount{}, fmt.Errorf("name one of %s", cmdutil.JoinNames(names))
	case len(matching) > 1:
		return cachedAccount{}, fmt.Errorf("several accounts begin with %q: name one of %s", name, cmdutil.JoinNames(names))
	}
	return cachedAccount{}, fmt.Errorf("no cached account %q: name one of %s", name, cmdutil.JoinNames(names))
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
