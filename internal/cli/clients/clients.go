// Package clients is the command group that manages OAuth clients.
package clients

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

// NewCommand returns the command group clients.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("clients", "Manage OAuth clients",
		listCommand(a), getCommand(a), createCommand(a), rotateCommand(a), deleteCommand(a))
}

func columns() []output.Column {
	return []output.Column{
		{Name: "client id", Path: "clientID"},
		{Name: "name", Path: "name"},
		{Name: "created", Path: "createdAt", Time: true},
		{Name: "last token", Path: "tokenRequestTime", Time: true},
		{Name: "id", Path: "id"},
	}
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var name, role string
	return search.NewListCommand(a, &search.List{
		Use: "list", Noun: "clients", Short: "List OAuth clients", Columns: columns(),
		Long: "List the OAuth clients of the tenant. Their secrets cannot be shown.",
		Example: `  taegis clients list
  taegis clients list --name my_awesome --fields clientID,name`,
		Flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&name, "name", "", "only clients with this text in their name")
			flags.StringVar(&role, "role", "", "only clients that have the role with this id")
		},
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			filters := map[string]any{}
			if name != "" {
				filters["name"] = name
			}
			if role != "" {
				filters["roleIDs"] = []string{role}
			}
			return search.Pages(ctx, client, "clients.clientsSearch", map[string]any{"filters": filters}, options...), nil
		},
	})
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "clients", Columns: columns(), Batch: 1, ID: search.ID,
		Get: func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
			return search.One(ctx, client, "clients.client", map[string]any{"id": ids[0]})
		},
	}, "Show OAuth clients by their client ids or object ids.", "  taegis clients get jUKW3rWPjRsDDZMCwYsqBfkHqcHSHF4O")
}
