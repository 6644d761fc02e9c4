// Package users is the command group that lists and shows the users of a tenant.
package users

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group users.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("users", "List users and show them", listCommand(a), getCommand(a))
}

func columns() []output.Column {
	return []output.Column{
		{Name: "email", Path: "email"},
		{Name: "given name", Path: "given_name"},
		{Name: "family name", Path: "family_name"},
		{Name: "status", Path: "status"},
		{Name: "last login", Path: "last_login", Time: true},
		{Name: "id", Path: "id"},
	}
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var email, name, status string
	return search.NewListCommand(a, &search.List{
		Use: "list", Noun: "users", Short: "List users", Columns: columns(),
		Long: "List the users that the account can see.",
		Example: `  taegis users list --status Registered --all
  taegis users list --name Ann --output json`,
		Flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&email, "email", "", "only the user with this address")
			flags.StringVar(&name, "name", "", "only users with this name")
			flags.StringVar(&status, "status", "", "only users with this status, for example Registered")
		},
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			filters := map[string]any{}
			for key, value := range map[string]string{"email": email, "name": name, "status": status} {
				if value != "" {
					filters[key] = value
				}
			}
			return search.Pages(ctx, client, "users.tdrUsersSearch", map[string]any{"filters": filters}, options...), nil
		},
	})
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "users", Columns: columns(), Batch: 1, ID: search.ID,
		Get: func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
			return search.One(ctx, client, "users.tdruser", map[string]any{"id": ids[0]})
		},
	}, "Show users by their ids.", "  taegis users get 8d1f0f0c-3a3e-4f0e-9f4b-0c9e7b1a2d3f")
}
