// Package assets is the command group that lists and shows assets.
package assets

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

// NewCommand returns the command group assets.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("assets", "List assets and show them", listCommand(a), getCommand(a))
}

func columns() []output.Column {
	return []output.Column{
		{Name: "host id", Path: "hostId"},
		{Name: "hostname", Path: "hostnames", Format: hostname},
		{Name: "last seen", Path: "lastSeenAt", Time: true},
		{Name: "type", Path: "endpointType"},
		{Name: "platform", Path: "endpointPlatform"},
		{Name: "os", Path: "osVersion"},
		{Name: "id", Path: "id"},
	}
}

// hostname returns the first host name of an asset.
func hostname(value json.RawMessage) string {
	rows, err := search.Rows(value)
	if err != nil || len(rows) == 0 {
		return ""
	}
	return search.Text(rows[0], "hostname")
}

// filters are the flags that narrow the list.
type filters struct {
	hostname, hostID, address, group, where string
}

func (f *filters) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.hostname, "hostname", "", "only assets with this text in a host name")
	flags.StringVar(&f.hostID, "host-id", "", "only the asset with this host id")
	flags.StringVar(&f.address, "ip", "", "only assets with this text in an IP address")
	flags.StringVar(&f.group, "group", "", "only assets of the group with this name")
	flags.StringVar(&f.where, "filter", "", "only assets that match an AssetWhereInputV2, as JSON")
}

// args returns the arguments of assetsV2.
func (f *filters) args() (map[string]any, error) {
	where := map[string]any{}
	if f.where != "" {
		if err := json.Unmarshal([]byte(f.where), &where); err != nil {
			return nil, cmdutil.FlagError("--filter", err)
		}
	}
	for name, value := range map[string]string{
		"hostname_contains": f.hostname, "hostId": f.hostID, "ipAddress_contains": f.address, "groupName": f.group,
	} {
		if value != "" {
			where[name] = value
		}
	}
	if len(where) == 0 {
		return map[string]any{}, nil
	}
	return map[string]any{"filter": map[string]any{"where": where}}, nil
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var f filters
	return search.NewListCommand(a, &search.List{
		Use: "list", Noun: "assets", Short: "List assets", Columns: columns(), Flags: f.register,
		Long: `List assets. An asset has to match all filters. "taegis schema show assets2.AssetWhereInputV2" lists
the members of --filter.`,
		Example: `  taegis assets list --hostname lab- --all
  taegis assets list --filter '{"lastSeenAt_gte":"2026-03-01T00:00:00Z"}' --output csv`,
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			args, err := f.args()
			if err != nil {
				return nil, err
			}
			return search.Pages(ctx, client, "assets2.assetsV2", args, options...), nil
		},
	})
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "assets", Columns: columns(), Batch: 1, ID: hostOrID,
		Get: func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
			where := map[string]any{"or": []any{map[string]any{"hostId": ids[0]}, map[string]any{"id": ids[0]}}}
			result, err := search.Call(ctx, client, "assets2.assetsV2", map[string]any{
				"first": 2, "filter": map[string]any{"where": where},
			})
			if err != nil {
				return nil, err
			}
			return search.Rows(result, "assets")
		},
	}, "Show assets by their host ids, or by the ids of the list.", "  taegis assets get 3f2a9c0e5d1b4f7a8c6e9b0d2a1f4c7e")
}

func hostOrID(record json.RawMessage) string { return search.Text(record, "hostId") }
