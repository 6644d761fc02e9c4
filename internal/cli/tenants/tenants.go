// Package tenants is the command group that lists and shows tenants.
package tenants

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group tenants.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("tenants", "List tenants and show them", listCommand(a), getCommand(a))
}

func columns() []output.Column {
	return []output.Column{
		{Name: "id", Path: "id"},
		{Name: "name", Path: "name"},
		{Name: "enabled", Path: "enabled"},
		{Name: "environments", Path: "enabledAtEnvironments", Format: joined},
		{Name: "license", Path: "licenseLevel"},
		{Name: "region", Path: "dataRegion"}, // on fusion
	}
}

// joined returns the texts of a list.
func joined(value json.RawMessage) string {
	var names []string
	if json.Unmarshal(value, &names) != nil {
		return string(value)
	}
	return strings.Join(names, ", ")
}

// filters are the flags that narrow the list.
type filters struct {
	names, partners, services, environments []string
	enabled                                 bool
}

func (f *filters) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.names, "name", nil, "only tenants with this name, with * for any characters; repeatable")
	flags.StringArrayVar(&f.partners, "partner", nil, "only tenants of this partner; repeatable")
	flags.StringArrayVar(&f.services, "service", nil, "only tenants with this service, with * for any characters; repeat it for all of several")
	flags.StringArrayVar(&f.environments, "in", nil, "only tenants of this environment, for example CHARLIE; repeatable")
	flags.BoolVar(&f.enabled, "enabled", false, "only enabled tenants")
}

// anySet reports whether a flag narrows the list.
func (f *filters) anySet() bool { return len(f.query()) > 0 }

// query returns the query of the list.
func (f *filters) query() map[string]any {
	query := map[string]any{}
	set := func(name string, values []string) {
		if len(values) > 0 {
			query[name] = values
		}
	}
	set("names", f.names)
	set("partners", f.partners)
	var environments []string
	for _, name := range f.environments {
		environments = append(environments, strings.ToUpper(name))
	}
	set("enabledInEnvironments", environments)
	var services []map[string]string
	for _, name := range f.services {
		services = append(services, map[string]string{"name": name})
	}
	if services != nil {
		query["subscriptionsMatch"] = services
	}
	if f.enabled {
		query["enabled"] = true
	}
	return query
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var f filters
	return search.NewListCommand(a, &search.List{
		Use: "list", Noun: "tenants", Short: "List tenants", Columns: columns(), Flags: f.register,
		Long: `List the tenants that the account can see. In the environment fusion these are the tenants of the
partner or the organization that the credentials belong to, or the one tenant of the credentials. The
list has no filters there.`,
		Example: `  taegis tenants list --service '*MDR*' --all
  taegis tenants list --fields id,name --output csv
  taegis tenants list --environment fusion --fields id,name,region`,
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			if client.Environment().Platform == core.PlatformFusion {
				if f.anySet() {
					return nil, errors.New("the list of fusion has no filters")
				}
				return ofFusion(ctx, client, options...), nil
			}
			return search.Pages(ctx, client, "tenants4.tenants", map[string]any{"tenantsQuery": f.query()}, options...), nil
		},
	})
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "tenants", Columns: columns(), Batch: 1, ID: search.ID,
		Get: func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
			return search.One(ctx, client, "tenants4.tenant", map[string]any{"id": ids[0]})
		},
	}, "Show tenants by their ids.", "  taegis tenants get 11772")
}
