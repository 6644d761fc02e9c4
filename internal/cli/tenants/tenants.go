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
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group tenants.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("tenants", "List tenants, show them, and run a program for each", listCommand(a), getCommand(a), runCommand(a))
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
	where                                   []string
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
func (f *filters) anySet() bool { return len(f.query())+len(f.where) > 0 }

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

// check returns an error for filters that do not go together.
func (f *filters) check() error {
	if len(f.where) > 0 && len(f.names)+len(f.partners)+len(f.services)+len(f.environments) > 0 {
		return errors.New("--where does not go with --name, --partner, --service and --in: write them as terms of --where")
	}
	return nil
}

// chosen returns the tenants that fit the terms of --where, each once.
func (f *filters) chosen(ctx context.Context, client *taegis.Client, options ...paging.Option) (search.Records, error) {
	selector, err := fleet.ParseTerms(f.where...)
	if err != nil {
		return nil, cmdutil.FlagError("--where", err)
	}
	return paging.Rows(func(yield func(json.RawMessage, error) bool) {
		known := map[string]bool{}
		for _, query := range selector.Queries() {
			for row, err := range search.Pages(ctx, client, "tenants4.tenants", map[string]any{"tenantsQuery": query}) {
				if id := search.ID(row); err == nil && known[id] {
					continue
				} else if known[id] = true; !yield(row, err) || err != nil {
					return
				}
			}
		}
	}, options...), nil
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var f filters
	cmd := search.NewListCommand(a, &search.List{
		OneTenant: true,
		Use:       "list", Noun: "tenants", Short: "List tenants", Columns: columns(), Flags: f.register,
		Long: `List the tenants that the account can see. In the environment fusion these are the tenants of the
partner or the organization that the credentials belong to, or the one tenant of the credentials. The
list has no filters there.

--where lists the enabled tenants for which "--tenants all" with the same terms runs a command: its keys
are id, name, service, label:NAME, partner, organization, region and license. The same key twice means
one of both, while --service twice means both.`,
		Example: `  taegis tenants list --service '*MDR*' --all
  taegis tenants list --where label:tier=gold --where region=us1 --all
  taegis tenants list --fields id,name --output csv
  taegis tenants list --environment fusion --fields id,name,region`,
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			if client.Environment().Platform == core.PlatformFusion {
				if f.anySet() {
					return nil, errors.New("the list of fusion has no filters")
				}
				return ofFusion(ctx, client, options...), nil
			}
			if len(f.where) > 0 {
				return f.chosen(ctx, client, options...)
			}
			return search.Pages(ctx, client, "tenants4.tenants", map[string]any{"tenantsQuery": f.query()}, options...), nil
		},
	})
	across.RegisterWhere(cmd, &f.where, "only enabled tenants with KEY=VALUE, for example label:tier=gold; repeatable")
	cmdutil.Before(cmd, f.check)
	return cmd
}

func getCommand(a *cmdutil.App) *cobra.Command {
	var fusion fusionList
	return search.NewGetCommand(a, &search.Getter{
		Noun: "tenants", Columns: columns(), Batch: 1, ID: search.ID,
		Get: func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
			if client.Environment().Platform == core.PlatformFusion {
				return fusion.find(ctx, client, ids[0])
			}
			return search.One(ctx, client, "tenants4.tenant", map[string]any{"id": ids[0]})
		},
	}, "Show tenants by their ids.", "  taegis tenants get 11772")
}
