package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/paging"
)

// onFusion reports whether the calls of a client go to fusion.
func onFusion(client *taegis.Client) bool {
	return client.Environment().Platform == core.PlatformFusion
}

// fusionCases returns the cases on fusion that a query finds.
func fusionCases(ctx context.Context, client *taegis.Client, query *cql.Query, options ...paging.Option) search.Records {
	return func(yield func(json.RawMessage, error) bool) {
		text, err := predicate(query)
		if err != nil {
			yield(nil, err)
			return
		}
		args := map[string]any{"arguments": map[string]any{"query": text}}
		for record, err := range search.Pages(ctx, client, "fusion/cases.cases", args, options...) {
			if err != nil {
				err = withFields(err, query)
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// predicate returns the text of a query as fusion takes it: a condition, with the bounds as
// comparisons, and a sort (docs/protocol.md#fusion-graphql).
func predicate(query *cql.Query) (string, error) {
	for _, t := range query.Types {
		if name := strings.ToLower(t.Name); name != "case" && name != "investigation" {
			return "", refused("fusion finds cases only: leave out FROM " + t.Name)
		}
	}
	var sorts []cql.Function
	for _, function := range query.Functions {
		if _, ok := function.(*cql.Sort); !ok {
			return "", refused("fusion has no function but sort: leave out the others; --fields chooses fields")
		}
		sorts = append(sorts, function)
	}
	if sorts == nil { // an order that does not change while the search goes on
		sorts = append(sorts, &cql.Sort{Keys: []cql.SortKey{cql.Asc("createdAt")}})
	}
	var conditions []cql.Condition
	switch e := query.Where.(type) {
	case nil:
	case *cql.AndExpr:
		for _, operand := range e.Operands {
			conditions = append(conditions, cql.ConditionOf(operand))
		}
	default:
		conditions = append(conditions, cql.ConditionOf(e))
	}
	if query.Earliest != nil {
		conditions = append(conditions, cql.GTE("createdAt", query.Earliest.Text))
	}
	if query.Latest != nil {
		conditions = append(conditions, cql.LTE("createdAt", query.Latest.Text))
	}
	sent, err := cql.Where(conditions...).Query()
	if err != nil {
		return "", err
	}
	sent.Functions = sorts
	text, err := sent.Text()
	return strings.TrimPrefix(text, "WHERE "), err
}

func refused(reason string) error {
	return &core.ArgumentError{Operation: "cases", Argument: "arguments.query", Reason: reason}
}

// fusionFields are the fields that a query on fusion was seen to search.
func fusionFields() []string {
	return []string{
		"id", "shortId", "title", "severity", "riskScore", "tags", "assigneeId", "createdAt", "updatedAt", "closedAt",
		"closeReason", "archivedAt", "managedBy", "typeId", "primaryStatusId", "primaryVerdictId",
	}
}

// withFields adds to an error the fields of a query that fusion may not know. Its own error does not
// name them.
func withFields(err error, query *cql.Query) error {
	var unknown []string
	known := fusionFields()
	check := func(f cql.Field) {
		same := func(name string) bool { return !f.Logical && strings.EqualFold(name, f.Name) }
		if !slices.ContainsFunc(known, same) && !slices.Contains(unknown, f.String()) {
			unknown = append(unknown, f.String())
		}
	}
	cql.Inspect(query.Where, func(e cql.Expr) bool {
		switch e := e.(type) {
		case *cql.Comparison:
			check(e.Field)
		case *cql.NullCheck:
			check(e.Field)
		}
		return true
	})
	for _, function := range query.Functions {
		if sort, ok := function.(*cql.Sort); ok {
			for _, key := range sort.Keys {
				check(key.Field)
			}
		}
	}
	if unknown == nil {
		return err
	}
	return fmt.Errorf("%w: fusion is not known to search %s: known are %s", err, strings.Join(unknown, ", "), strings.Join(known, ", "))
}

// fusionFiles returns the files of a case on fusion. The server lists those of all cases of the
// tenant, so the others are left out here.
func fusionFiles(ctx context.Context, client *taegis.Client, caseID string, options ...paging.Option) search.Records {
	all := search.Pages(ctx, client, "fusion/cases.caseFiles", map[string]any{"arguments": map[string]any{}}, paging.Prefetch())
	return paging.Rows(func(yield func(json.RawMessage, error) bool) {
		for record, err := range all {
			if err == nil && search.Text(record, "caseId") != caseID {
				continue
			}
			if !yield(record, err) {
				return
			}
		}
	}, options...)
}
