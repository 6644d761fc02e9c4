package export

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/events"
)

// callerName is the name by which the server's own logs know the searches of an export.
const callerName = "taegis-export"

// mostAlerts is how many alerts one search returns. The server accepts 10,000, but chooses the size of a
// part itself, as large as a third of them, and a part is in memory as a whole.
const mostAlerts = 2000

// kinds returns the rules of each kind.
var kinds = sync.OnceValue(func() map[Kind]rules {
	return map[Kind]rules{
		Alerts: {
			service: cql.Detections, changes: true, most: mostAlerts, longest: 30 * 24 * time.Hour, pages: alertPages,
			id: []string{"id"}, tenant: []string{"tenant", "id"}, time: []string{"metadata", "created_at"},
			version: []string{"metadata", "updated_at"}, arrived: []string{"metadata", "inserted_at"},
		},
		Cases: {
			service: cql.Cases, changes: true, most: 1_000, longest: 30 * 24 * time.Hour, pages: casePages,
			id: []string{"id"}, tenant: []string{"tenantId"}, time: []string{"createdAt"}, version: []string{"updatedAt"},
		},
		Events: {
			// The server accepts 31 days, and public clients request 100,000 rows.
			service: cql.Events, most: 5000, longest: 30 * 24 * time.Hour, pages: eventPages,
			id: []string{"resource_id"}, tenant: []string{"tenant_id"}, time: []string{"event_time_usec"},
			arrived: []string{"ingest_time_usec"},
		},
		Audits: {
			// The server may refuse an offset above 10,000.
			most: 10_000, longest: 30 * 24 * time.Hour, pages: auditPages,
			id: []string{"id"}, tenant: []string{"tenantId"}, time: []string{"timestamp"},
		},
		Assets: {
			snapshot: true, pages: assetPages, id: []string{"id"}, tenant: []string{"tenantId"},
		},
	}
})

// pagesOf returns the records of all pages of an operation, for example "alerts.alertsServiceSearch".
func pagesOf(ctx context.Context, t ports.Transport, operation string, args any, options []paging.Option) rows {
	op, err := catalog.Operation(operation, core.KindQuery)
	if err != nil {
		return failed(err)
	}
	return pages(ctx, t, op, args, options)
}

// pages returns the records of all pages of an operation.
func pages(ctx context.Context, t ports.Transport, op *core.Operation, args any, options []paging.Option) rows {
	plan, found, err := catalog.Paging(op)
	if err == nil && !found {
		err = errors.New(op.Name + " does not page")
	}
	if err != nil {
		return failed(err)
	}
	return paging.Raw(ctx, t, plan, args, options...)
}

func failed(err error) rows {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, err) }
}

// versions adds the condition that a record was updated within a window. The bounds of the query are
// those of the creation.
func versions(query *cql.Query, field string, w Window) (*cql.Query, error) {
	condition := cql.And(
		cql.GTE(field, w.From.UTC().Format(time.RFC3339)),
		cql.LT(field, w.To.Add(time.Second).UTC().Format(time.RFC3339)),
	)
	if query.Where != nil {
		condition = cql.And(cql.ConditionOf(query.Where), condition)
	}
	both, err := cql.Where(condition).Query()
	if err != nil {
		return nil, err
	}
	changed := query.Clone()
	changed.Where = both.Where
	return changed, nil
}

func alertPages(ctx context.Context, s *Stream, t ports.Transport, r search, options []paging.Option) rows {
	query, err := s.queryOf(r, "metadata.updated_at")
	if err != nil {
		return failed(err)
	}
	return pagesOf(ctx, t, "alerts.alertsServiceSearch", map[string]any{
		"in": map[string]any{"cql_query": query.String(), "limit": mostAlerts, "metadata": map[string]any{"callerName": callerName}},
	}, options)
}

func casePages(ctx context.Context, s *Stream, t ports.Transport, r search, options []paging.Option) rows {
	query, err := s.queryOf(r, "updated_at")
	if err != nil {
		return failed(err)
	}
	order := "created_at"
	if s.config.Changes {
		order = "updated_at"
	}
	query.Functions = append(query.Functions, &cql.Sort{Keys: []cql.SortKey{cql.Asc(order)}})
	return fallback(
		pagesOf(ctx, t, "investigations2.cases", map[string]any{"arguments": map[string]any{"query": query.String()}}, options),
		pagesOf(ctx, t, "investigations2.investigationsV2", map[string]any{"arguments": map[string]any{"cql": query.String()}}, options),
	)
}

// queryOf returns the query of a search.
func (s *Stream) queryOf(r search, updated string) (*cql.Query, error) {
	if !s.config.Changes {
		return s.narrowed(r)
	}
	from, _, err := s.bounds(r.began)
	if err != nil {
		return nil, err
	}
	if from.IsZero() {
		from = r.began.Add(-oldestChange)
	}
	query, err := s.query.Narrow(r.began, from, r.window.To)
	if err != nil {
		return nil, err
	}
	return versions(query, updated, r.window)
}

// oldestChange is how old a record can be at the first run of an export of changes if the query does
// not say it.
const oldestChange = 365 * 24 * time.Hour

// fallback returns the records of an operation, or those of another one if the server lacks it.
func fallback(records, other rows) rows {
	return func(yield func(json.RawMessage, error) bool) {
		for record, err := range records {
			if schema, ok := errors.AsType[*core.SchemaError](err); ok && schema.NoOperation {
				other(yield)
				return
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func eventPages(ctx context.Context, s *Stream, t ports.Transport, r search, options []paging.Option) rows {
	query, err := s.narrowed(r)
	if err != nil {
		return failed(err)
	}
	return pages(ctx, t, &events.OpEventQuerySubscription, map[string]any{
		"query": query.String(), "metadata": map[string]any{"callerName": callerName},
		"options": map[string]any{
			"timestampAscending": true, "maxRows": 100_000, "skipCache": true, "aggregationOff": false,
		},
	}, options)
}

// auditPages reads a second more on both sides, because it is not certain that the server includes the
// ends of a window. What is outside is recognized like everything that two windows share.
func auditPages(ctx context.Context, s *Stream, t ports.Transport, r search, options []paging.Option) rows {
	input := maps.Clone(s.config.Filter)
	if input == nil {
		input = map[string]any{}
	}
	input["after"] = r.window.From.Add(-time.Second).UTC().Format(time.RFC3339)
	input["before"] = r.window.To.Add(2 * time.Second).UTC().Format(time.RFC3339)
	input["sortBy"], input["sortOrder"] = "timestamp", "asc"
	return pagesOf(ctx, t, "audits.searchAudits", map[string]any{"auditSearchInput": input}, options)
}

func assetPages(ctx context.Context, s *Stream, t ports.Transport, _ search, options []paging.Option) rows {
	args := map[string]any{}
	if len(s.config.Filter) > 0 {
		args["filter"] = map[string]any{"where": s.config.Filter}
	}
	return pagesOf(ctx, t, "assets2.assetsV2", args, options)
}

// unix returns the time of seconds and nanoseconds since 1970, as text.
func unix(seconds, nanos string) (time.Time, error) {
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}, &core.TimeError{Value: seconds}
	}
	n, _ := strconv.ParseInt(nanos, 10, 64)
	if s == 0 && n == 0 {
		return time.Time{}, nil
	}
	return core.TimeFromUnix(s, n), nil
}
