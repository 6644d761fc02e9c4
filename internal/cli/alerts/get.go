package alerts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
)

// idsPerCall is how many ids public clients send in one call (docs/protocol.md#detections).
const idsPerCall = 500

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "alerts", Columns: columns(), Batch: idsPerCall, ID: search.ID, Get: get,
	}, "Show alerts by their ids.", `  taegis alerts get alert://priv:stolen-user-credentials:11772:1772323200000:0b6f9c1e
  taegis alerts search --fields id --output template --template '{{.id}}{{"\n"}}' | taegis alerts get -`)
}

func get(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
	args := map[string]any{"in": map[string]any{"iDs": ids}}
	result, err := search.Call(ctx, client, operations(client).byID, args)
	if err != nil {
		return nil, err
	}
	if status := search.Text(result, "status"); status != "" && status != "OK" {
		return nil, fmt.Errorf("the alerts cannot be read: %s: %s", status, search.Text(result, "reason"))
	}
	return search.Rows(result, "alerts", "list")
}

func historyCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:     "history ID",
		Short:   "Show the versions of an alert",
		Long:    "Show all versions of an alert, the oldest first: when it was created, changed, resolved and added to a case.",
		Example: `  taegis alerts history alert://priv:stolen-user-credentials:11772:1772323200000:0b6f9c1e`,
		Args:    cmdutil.ExactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.WithClient(ctx, func(client *taegis.Client) error {
				result, err := search.Call(ctx, client, "alerts_history.alertHistoryByID", map[string]any{"id": args[0]})
				if err != nil {
					return err
				}
				rows, err := search.Rows(result)
				if err == nil && len(rows) == 0 {
					err = fmt.Errorf("unknown alert: %s", args[0])
				}
				if err != nil {
					return err
				}
				return cmdutil.PrintList(ctx, out, rows)
			})
		},
	}
	out = a.NewOutput(cmd,
		output.Column{Name: "time", Path: "time", Time: true},
		output.Column{Name: "type", Path: "type"},
		output.Column{Name: "status", Path: "alert.status"},
		output.Column{Name: "severity", Path: "alert.metadata.severity", Format: band},
		output.Column{Name: "id", Path: "id"},
	)
	return cmd
}
