package auth

import (
	"context"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/ports"
)

func logoutCommand(a *cmdutil.App) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Delete the cached tokens of the environment",
		Long: `Delete the cached tokens of all accounts of the environment. In the file that is shared with the Python
SDK, the key access_token stays with an empty value, which the Python SDK accepts.`,
		Example: `  taegis auth logout
  taegis auth logout --all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error { return logout(cmd.Context(), a, client, all) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "delete the tokens of all environments")
	return cmd
}

// logout deletes tokens, prints their sections and warns if calls will still log in.
func logout(ctx context.Context, a *cmdutil.App, client *taegis.Client, all bool) error {
	env := client.Environment()
	store, err := a.TokenStore(ctx)
	if err != nil {
		return err
	}
	sections, count, err := tokens(ctx, store, func(section string) bool { return all || core.TokenKey{Section: section}.InSection(env.Section()) })
	if err != nil {
		return err
	}
	if err := client.ClearTokens(ctx); err != nil { // this includes an empty token, which List does not return
		return err
	}
	for _, section := range sections {
		// The authenticators hear of it if the environment is known here.
		if !(core.TokenKey{Section: env.Section()}).InSection(section) {
			_ = client.ClearTokens(taegis.ContextWithEnvironment(ctx, section))
		}
		if err := store.Delete(ctx, core.TokenKey{Section: section}); err != nil {
			return err
		}
	}
	switch {
	case count > 0:
		a.Infof("Cleared %d cached %s of %s.", count, cmdutil.Plural(count, "token", "tokens"), cmdutil.JoinNames(sections))
	case all:
		a.Infof("There was no cached token.")
	default:
		a.Infof("There was no cached token of %s.", env.Name)
	}
	return warnOfVariables(ctx, a, client)
}

// tokens returns the wanted sections that have tokens, without duplicates, and the number of tokens.
func tokens(ctx context.Context, store ports.TokenLister, wanted func(section string) bool) (sections []string, count int, err error) {
	seen := map[string]bool{}
	for key, err := range store.List(ctx) {
		if err != nil {
			return nil, 0, err
		}
		if !wanted(key.Section) {
			continue
		}
		count++
		if !seen[key.Section] {
			seen[key.Section] = true
			sections = append(sections, key.Section)
		}
	}
	return sections, count, nil
}

// warnOfVariables warns if the next call logs in without a prompt.
func warnOfVariables(ctx context.Context, a *cmdutil.App, client *taegis.Client) error {
	step, ended, err := cmdutil.ExplainEnd(ctx, client)
	if err != nil || !ended {
		return err
	}
	if names := variablesOf(step); len(names) > 0 {
		a.Warnf("%s set, so calls still log in with %s; unset %s to prevent that", cmdutil.IsOrAre(names), step.Authenticator, cmdutil.JoinNames(names))
	}
	return nil
}
