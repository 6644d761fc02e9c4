// Package alerts is the command group that searches and shows alerts, which are also called detections.
package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	exports "github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/export"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group alerts.
func NewCommand(a *cmdutil.App) *cobra.Command {
	group := cmdutil.NewGroup("alerts", "Search alerts and show them with their history",
		search.NewCommand(a, source(), long, example),
		getCommand(a),
		historyCommand(a),
		export.NewWatchCommand(a, exports.Alerts, watchLong, watchExample),
	)
	group.Aliases = []string{"detections"}
	return group
}

const watchLong = `Print changes of alerts, which are also called detections: created, updated and closed.`

const watchExample = `  taegis alerts watch "severity >= 0.8"
  taegis alerts watch --state ~/.local/state/alerts --webhook https://hooks.example/taegis`

const long = `Search alerts, which are also called detections. The newest come first.

Use "taegis call alerts alertsServiceUpdateResolutionInfo" to resolve alerts; in the environment fusion "taegis call
fusion/detections detectionUpdateResolutionInfo".`

const example = `  taegis alerts search "severity >= 0.8 AND status = 'OPEN'" --since 7d
  taegis alerts search --since 2026-03-01 --until 2026-03-02 --all --output csv > alerts.csv
  taegis alerts search --tenants all --where region=us1 --since 1h --fields tenant_id,id,metadata.title
  taegis alerts search "FROM alert WHERE status = 'OPEN' | aggregate count by metadata.title"
  taegis alerts search @query.txt --all --cursor alerts.cursor >> alerts.jsonl`

// names are the operations of a platform. Both have the same arguments and results.
type names struct{ search, byID string }

// operations returns those of the platform that the client's calls go to.
func operations(client *taegis.Client) names {
	if client.Environment().Platform == core.PlatformFusion {
		return names{"fusion/detections.detectionSearch", "fusion/detections.detectionRetrieveById"}
	}
	return names{"alerts.alertsServiceSearch", "alerts.alertsServiceRetrieveAlertsById"}
}

// columns are the columns of an alert's table.
func columns() []output.Column {
	return []output.Column{
		{Name: "created", Path: "metadata.created_at", Time: true},
		{Name: "severity", Path: "metadata.severity", Format: band},
		{Name: "status", Path: "status"},
		{Name: "title", Path: "metadata.title"},
		{Name: "tenant", Path: "tenant.id"},
		{Name: "id", Path: "id"},
	}
}

// band returns the name of a severity (docs/protocol.md#severity).
func band(value json.RawMessage) string {
	var severity float64
	if json.Unmarshal(value, &severity) != nil {
		return string(value)
	}
	switch {
	case severity < 0.2:
		return "info"
	case severity < 0.4:
		return "low"
	case severity < 0.6:
		return "medium"
	case severity < 0.8:
		return "high"
	}
	return "critical"
}

// searchArgs are the arguments of alertsServiceSearch.
func searchArgs(query *cql.Query, limit int) map[string]any {
	in := map[string]any{"cql_query": query.String(), "metadata": map[string]any{"callerName": search.CallerName}}
	if limit > 0 {
		in["limit"], in["offset"] = limit, 0
	}
	return map[string]any{"in": in}
}

func source() *search.Source {
	return &search.Source{
		Noun: "alerts", Service: cql.Detections, Columns: columns(), ServerHead: true,
		Pages: func(ctx context.Context, client *taegis.Client, query *cql.Query, options ...paging.Option) search.Records {
			return search.Pages(ctx, client, operations(client).search, searchArgs(query, 0), options...)
		},
		Groups: groups,
	}
}

// groups returns the rows of an aggregation: the fields of BY and the count of each group.
func groups(ctx context.Context, client *taegis.Client, query *cql.Query) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		text, err := search.Call(ctx, client, operations(client).search, searchArgs(query, 1))
		if err != nil {
			yield(nil, err)
			return
		}
		var result struct {
			Status, Reason string
			Alerts         struct {
				GroupBy []group `json:"group_by"`
			}
			GroupBy []group `json:"group_by"`
		}
		if err := json.Unmarshal(text, &result); err != nil {
			yield(nil, fmt.Errorf("the groups of the search: %w", err))
			return
		}
		if result.Status != "" && result.Status != "OK" {
			yield(nil, fmt.Errorf("the search failed: %s: %s", result.Status, result.Reason))
			return
		}
		for _, g := range append(result.Alerts.GroupBy, result.GroupBy...) {
			row, err := g.row(column(query))
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
