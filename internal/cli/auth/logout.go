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
		Short: "Clear the cached tokens of the environment",
		Long: `Clear the cached tokens of the environment, whoever's they are. In the file that is shared with the
Python SDK the key access_token stays with an empty value, which Python understands.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error { return logout(cmd.Context(), a, client, all) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "clear the tokens of every environment")
	return cmd
}

// logout clears tokens, and says which and what logs in all the same.
func logout(ctx context.Context, a *cmdutil.App, client *taegis.Client, all bool) error {
	env := client.Environment()
	store, err := a.TokenStore(ctx)
	if err != nil {
		return err
	}
	sections, count, err := tokens(ctx, store, func(section string) bool { return all || sameEnvironment(section, env) })
	if err != nil {
		return err
	}
	if err := client.ClearTokens(ctx); err != nil { // an empty mark too, which no list has
		return err
	}
	for _, section := range sections {
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

// tokens returns the sections, each once, that hold tokens and are wanted, and how many these are.
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

// sameEnvironment reports whether a section is the environment's, under any of its names.
func sameEnvironment(section string, env core.Environment) bool {
	return core.SameEnvironment(section, env.Section())
}

// warnOfVariables says so where the next call logs in without asking anybody.
func warnOfVariables(ctx context.Context, a *cmdutil.App, client *taegis.Client) error {
	step, answered, err := cmdutil.ExplainEnd(ctx, client)
	if err != nil || !answered {
		return err
	}
	if names := variablesOf(step); len(names) > 0 {
		a.Warnf("%s set, so calls still log in by %s; unset %s to end that", cmdutil.IsOrAre(names), step.Authenticator, cmdutil.JoinNames(names))
	}
	return nil
}
