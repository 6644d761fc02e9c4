// Package cases is the command group that searches and shows cases, which are also called
// investigations.
package cases

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/cql"
	exports "github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/export"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group cases.
func NewCommand(a *cmdutil.App) *cobra.Command {
	group := cmdutil.NewGroup("cases", "Search cases and show them with their comments and files",
		search.NewCommand(a, source(), long, example),
		getCommand(a),
		commentsCommand(a),
		filesCommand(a),
		uploadCommand(a),
		downloadCommand(a),
		export.NewWatchCommand(a, exports.Cases, watchLong, watchExample),
	)
	group.Aliases = []string{"investigations"}
	return group
}

const watchLong = `Print changes of cases, which are also called investigations: created, updated, commented and closed.`

const watchExample = `  taegis cases watch --state ~/.local/state/cases >> changes.jsonl
  taegis cases watch "assignee_id = '@customer'" --tenants all --webhook https://hooks.example/taegis`

const long = `Search cases, which are also called investigations. The bounds are those of the creation. Without a
sort, the oldest come first: that order does not change while the search goes on.

Use "taegis call investigations2 updateInvestigationV2" to change cases.

In the environment fusion a query is a condition with a sort, and has the fields of fusion, for example typeId and
closedAt. EARLIEST, LATEST, --since and --until become comparisons with createdAt there.
Use "taegis call fusion/cases updateCase" to change cases.`

const example = `  taegis cases search "status = 'OPEN'" --since 90d
  taegis cases search "updated_at >= '2026-03-01T00:00:00Z' | sort updated_at desc" --since 1y --limit 20
  taegis cases search --since 30d --all --output csv > cases.csv
  taegis cases search "severity >= 8 AND closedAt IS NULL" --environment fusion --since 90d`

func columns() []output.Column {
	return []output.Column{
		{Name: "id", Path: "shortId"},
		{Name: "created", Path: "createdAt", Time: true},
		{Name: "updated", Path: "updatedAt", Time: true},
		{Name: "title", Path: "title"},
		{Name: "assignee", Path: "assigneeId"},
		{Name: "uuid", Path: "id"},
	}
}

func source() *search.Source {
	return &search.Source{
		Noun: "cases", Service: cql.Cases, Columns: columns(), NoGroups: true,
		Pages: func(ctx context.Context, client *taegis.Client, query *cql.Query, options ...paging.Option) search.Records {
			if onFusion(client) {
				return fusionCases(ctx, client, query, options...)
			}
			query = sorted(query)
			current := search.Pages(ctx, client, "investigations2.cases",
				map[string]any{"arguments": map[string]any{"query": query.String()}}, options...)
			older := search.Pages(ctx, client, "investigations2.investigationsV2",
				map[string]any{"arguments": map[string]any{"cql": query.String()}}, options...)
			return search.Fallback(client, "investigations2.cases", current, older)
		},
	}
}

// sorted returns a query that sorts by a field that does not change, unless it sorts already, so that
// changes during the search move no case to another page.
func sorted(query *cql.Query) *cql.Query {
	for _, function := range query.Functions {
		if _, ok := function.(*cql.Sort); ok {
			return query
		}
	}
	query = query.Clone()
	query.Functions = append(query.Functions, &cql.Sort{Keys: []cql.SortKey{cql.Asc("created_at")}})
	return query
}

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "cases", Columns: columns(), Batch: 1, ID: search.ID, Get: get,
	}, "Show cases by their ids.", "  taegis cases get 5e0c9d3e-3b0c-4a52-9a86-0d2f1a9d7c11")
}

func get(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
	args := map[string]any{"arguments": map[string]any{"id": ids[0]}}
	if onFusion(client) {
		return search.One(ctx, client, "fusion/cases.case", args)
	}
	return search.FallbackCall(client, "investigations2.case",
		func() ([]json.RawMessage, error) { return search.One(ctx, client, "investigations2.case", args) },
		func() ([]json.RawMessage, error) {
			return search.One(ctx, client, "investigations2.investigationV2", args)
		})
}
