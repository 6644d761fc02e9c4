package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// Bounds of the number of alerts in a part.
const (
	minPart = 10
	maxPart = 10_000
)

// maxOpenSearches is the number of searches that keep their results. The oldest ones are dropped.
const maxOpenSearches = 64

// alertSearches holds the searches with more parts to poll, by their IDs.
type alertSearches struct {
	mu   sync.Mutex
	last int
	open map[string]*alertSearch
	ids  []string // oldest first
}

// alertSearch is a search with its results.
type alertSearch struct {
	scope         scope
	rows          []int // indexes of the alerts from offset on
	offset, total int   // of all results
	limit, size   int   // of the search and of a part
	sent          int   // the number of the last part that was sent
	queryID       string
}

// parts returns the number of parts.
func (s *alertSearch) parts() int { return max((len(s.rows)+s.size-1)/s.size, 1) }

// add stores a search and returns its ID.
func (s *alertSearches) add(search *alertSearch) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]*alertSearch{}
	}
	s.last++
	id := fmt.Sprintf("alert-search-%d", s.last)
	s.open[id] = search
	if s.ids = append(s.ids, id); len(s.ids) > maxOpenSearches {
		delete(s.open, s.ids[0])
		s.ids = slices.Delete(s.ids, 0, 1)
	}
	return id
}

// next returns a search and the number of the part to send, or false if there is no such search or
// part.
func (s *alertSearches) next(id string, part int, rule PartRule) (*alertSearch, int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	search, ok := s.open[id]
	if !ok {
		return nil, 0, false
	}
	if rule == PartsAdvance {
		part = 0
	}
	part = cmp.Or(part, search.sent+1)
	if part < 1 || part > search.parts() {
		return nil, 0, false
	}
	search.sent = part
	return search, part, true
}

// alertQuery finds alerts.
type alertQuery struct {
	plan
	scope scope
}

// newAlertQuery parses a query for alerts.
func (c *call) newAlertQuery(text string) (alertQuery, error) {
	p, err := newPlan(text, c.scope.now)
	if err != nil {
		return alertQuery{}, err
	}
	if err := p.checkTypes("alerts", "alert", "detection"); err != nil {
		return alertQuery{}, err
	}
	for _, f := range p.query.Functions {
		if _, sorts := f.(*cql.Sort); sorts && eval.AggregateOf(p.query) == nil {
			return alertQuery{}, eval.Errorf(f.Position(), "detections cannot be sorted")
		}
	}
	possible, err := p.checkFields(knownAlertField)
	if !possible {
		p.holds = func(eval.Record) bool { return false }
	}
	return alertQuery{plan: p, scope: c.scope}, err
}

// find returns the alerts that match the condition, newest first.
func (q alertQuery) find() []int {
	store := &q.scope.Alerts
	first, end := q.scope.AlertWindow(q.earliest, q.latest)
	return collect(first, end, store.Generated(), store.Len(), func(index int) (dated, bool) {
		a := store.At(index)
		ok := q.scope.sees(a.Tenant) && !a.Inserted.After(q.scope.now) &&
			!a.Created.Before(q.earliest) && !a.Created.After(q.latest) && q.holds(alertRecord{a})
		return dated{index: index, time: a.Created, record: a}, ok
	}, newestFirst)
}

// run finds alerts and applies the query's functions.
func (q alertQuery) run() eval.Result {
	return eval.Run(q.query.Functions, q.find(), func(index int) eval.Record {
		return alertRecord{q.scope.Alerts.At(index)}
	})
}

type searchAlertsArgs struct {
	In struct {
		Query  string `json:"cql_query"`
		Offset int
		Limit  int
	}
}

// searchAlerts returns the first part of the results, and an ID to poll for the others. A query
// with an aggregation returns groups instead.
func (c *call) searchAlerts(args searchAlertsArgs) (any, error) {
	query, err := c.newAlertQuery(args.In.Query)
	if err != nil {
		if c.config.Behavior.QueryErrorsInBand {
			return invalidRequest(err.Error()), nil
		}
		return nil, badInput(err.Error())
	}
	result := query.run()
	if result.Aggregated {
		return row{"status": "OK", "queryId": c.e.alerts.queryID(), "alerts": row{
			"total_parts": 1, "part": 1, "list": []any{}, "group_by": alertGroups(result.Groups),
		}}, nil
	}
	search := c.newAlertSearch(args.In.Offset, args.In.Limit, result.Rows)
	var id any
	if search.parts() > 1 {
		id = c.e.alerts.add(search)
	}
	return search.part(id, 1), nil
}

// newAlertSearch cuts the results by the offset and the limit of a search.
func (c *call) newAlertSearch(offset, limit int, rows []int) *alertSearch {
	s := &alertSearch{
		scope: c.scope, offset: max(offset, 0), total: len(rows), sent: 1,
		limit: orDefault(max(limit, 0), defaultPerPage), queryID: c.e.alerts.queryID(),
	}
	rest := rows[min(s.offset, len(rows)):]
	s.rows = rest[:min(s.limit, len(rest))]
	s.size = c.config.Behavior.PartSize
	if s.size <= 0 {
		s.size = min(max((len(s.rows)+2)/3, minPart), maxPart)
	}
	if c.config.Behavior.OverLimit {
		s.rows = rest[:min(s.parts()*s.size, len(rest))]
	}
	return s
}

// queryID returns the ID of a query, for share links and evidence.
func (s *alertSearches) queryID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return fmt.Sprintf("alert-query-%d", s.last)
}

type pollAlertsArgs struct {
	In struct {
		SearchID string `json:"search_id"`
		PartID   int    `json:"part_id"`
	}
}

// pollAlerts returns the next part, or an error after the last one.
func (c *call) pollAlerts(args pollAlertsArgs) (any, error) {
	rule := c.config.Behavior.Parts
	switch {
	case args.In.SearchID == "":
		return invalidRequest("a poll needs a search_id"), nil
	case rule == PartsNumbered && args.In.PartID == 0:
		return invalidRequest("a poll needs a part_id"), nil
	}
	search, part, ok := c.e.alerts.next(args.In.SearchID, args.In.PartID, rule)
	if !ok || search.scope.tenant != c.scope.tenant {
		return nil, notFound("not found: the search " + args.In.SearchID + " has no such part")
	}
	return search.part(args.In.SearchID, part), nil
}

func invalidRequest(reason string) row {
	return row{"status": "INVALID_REQUEST", "reason": reason}
}

// part returns the response to a search or a poll. The alerts are as they are now.
func (s *alertSearch) part(id any, n int) row {
	first := min((n-1)*s.size, len(s.rows))
	list := rows(s.rows[first:min(first+s.size, len(s.rows))], func(index int) any {
		return alertObject{s.scope.Alerts.At(index)}
	})
	alerts := row{"total_parts": s.parts(), "part": n, "list": list}
	if s.total > 0 {
		alerts["total_results"], alerts["first_offset"] = s.total, 0
		alerts["last_offset"] = (s.total - 1) / s.limit * s.limit
	}
	if s.offset+s.limit < s.total {
		alerts["next_offset"] = s.offset + s.limit
	}
	if s.offset > 0 {
		alerts["previous_offset"] = max(s.offset-s.limit, 0)
	}
	return row{"status": "OK", "search_id": id, "queryId": s.queryID, "alerts": alerts}
}

// alertGroups returns the groups of an aggregation.
func alertGroups(groups []eval.Group) []any {
	return rows(groups, func(g eval.Group) any {
		keys := rows(g.Keys, func(k eval.Named) any { return row{"key": k.Name, "value": valueText(k.Value)} })
		if !g.Bucket.IsZero() {
			keys = append(keys, row{"key": "metadata.created_at", "value": g.Bucket.Format(time.RFC3339)})
		}
		result := row{"value": g.Value(), "keys": keys}
		if len(keys) > 0 {
			result["key"] = keys[0].(row)["value"]
		}
		return result
	})
}

// valueText returns the value of a field as text.
func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(value)
}

// alert returns an alert that the request may see.
func (c *call) alert(id string) (*corpus.Alert, bool) {
	a, ok := c.scope.AlertByID(id)
	if !ok || !c.scope.sees(a.Tenant) || a.Inserted.After(c.scope.now) {
		return nil, false
	}
	return a, true
}
