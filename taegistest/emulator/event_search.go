package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// maxEventWindow is the largest window of a search for events.
const maxEventWindow = 31 * 24 * time.Hour

// defaultEventRows is the largest number of rows of an event query.
const defaultEventRows = 100_000

// eventRecord is an event as a query reads it.
type eventRecord struct{ *corpus.Event }

// Time returns the time of the event.
func (e eventRecord) Time() time.Time { return e.Created }

// eventOptions are the options of a search for events.
type eventOptions struct {
	ascending, originalData bool
	maxRows                 int // 0 for the server's own limit
}

// eventSearch is a search for events with its results.
type eventSearch struct {
	id, text           string
	scope              scope
	options            eventOptions
	submitted, expires time.Time
	earliest, latest   time.Time
	aggregated         bool
	types              []*typeResult
}

// typeResult is what a search finds of one type.
type typeResult struct {
	name      string
	rows      []int
	groups    []eval.Group
	fields    []string // empty for all
	truncated bool
	failed    bool
	total     int // before the truncation
}

// len returns the number of rows or groups.
func (t *typeResult) len() int { return len(t.rows) + len(t.groups) }

// newEventSearch runs a query for events.
func (c *call) newEventSearch(text string, options eventOptions) (*eventSearch, error) {
	p, err := newPlan(text, c.scope.now)
	if err != nil {
		return nil, err
	}
	if p.latest.Sub(p.earliest) > maxEventWindow {
		return nil, eval.Errorf(p.query.Earliest.Pos, "the bounds are more than 31 days apart")
	}
	types, err := p.eventTypes()
	if err != nil {
		return nil, err
	}
	if err := p.checkEventSort(len(types)); err != nil {
		return nil, err
	}
	s := &eventSearch{
		text: text, scope: c.scope, options: options, submitted: c.scope.now, earliest: p.earliest, latest: p.latest,
		expires:    c.scope.now.Add(orDefault(c.config.Behavior.SearchLifetime, time.Hour)),
		aggregated: eval.AggregateOf(p.query) != nil,
	}
	s.run(p, types, &c.config.Behavior)
	return s, nil
}

// eventTypes returns the types that the query searches.
func (p plan) eventTypes() ([]*corpus.EventType, error) {
	fields := eval.Fields(p.query)
	named := p.query.Types
	all := slices.ContainsFunc(named, func(t cql.TypeName) bool { return t.Name == "*" })
	if len(named) == 0 || all {
		return slices.DeleteFunc(slices.Clone(corpus.EventTypes()), func(t *corpus.EventType) bool {
			return !hasFields(t, fields)
		}), nil
	}
	var types []*corpus.EventType
	for _, n := range named {
		t, known := corpus.EventTypeByName(n.Name)
		if !known {
			return nil, eval.Errorf(n.Pos, "%q is no type of events", n.Name)
		}
		if hasFields(t, fields) && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	if len(types) == 0 && len(named) == 1 {
		for _, f := range fields {
			if t, _ := corpus.EventTypeByName(named[0].Name); !hasFields(t, []cql.Field{f}) {
				return nil, eval.Errorf(f.Pos, "%s has no field %q", t.Name, f.String())
			}
		}
	}
	return types, nil
}

// hasFields reports whether a type has all of the fields.
func hasFields(t *corpus.EventType, fields []cql.Field) bool {
	return !slices.ContainsFunc(fields, func(f cql.Field) bool {
		name := strings.ToLower(f.Name)
		if f.Logical {
			return !t.HasLogical(name)
		}
		return t.Field(name) == nil && name != corpus.OriginalData
	})
}

// checkEventSort returns an error if the query sorts several types by a field that is not a time of
// all events.
func (p plan) checkEventSort(types int) error {
	for _, f := range p.query.Functions {
		if _, aggregated := f.(*cql.Aggregate); aggregated {
			return nil
		}
		s, sorts := f.(*cql.Sort)
		if !sorts || types < 2 {
			continue
		}
		for _, key := range s.Keys {
			if name := strings.ToLower(key.Field.Name); name != "event_time_usec" && name != "ingest_time_usec" {
				return eval.Errorf(key.Field.Pos, "several types sort by event_time_usec or ingest_time_usec only")
			}
		}
	}
	return nil
}

// run finds the events and applies the functions to each type by itself.
func (s *eventSearch) run(p plan, types []*corpus.EventType, behavior *Behavior) {
	found := s.find(p, types)
	left := orDefault(max(behavior.MaxEventRows, 0), defaultEventRows)
	if s.options.maxRows > 0 {
		left = min(left, s.options.maxRows)
	}
	at := func(index int) eval.Record { return eventRecord{s.scope.Events.At(index)} }
	for _, t := range types {
		result := &typeResult{name: t.Name}
		s.types = append(s.types, result)
		if slices.Contains(behavior.FailTypes, t.Name) {
			result.failed = true
			continue
		}
		r := eval.Run(p.query.Functions, found[t], at)
		result.fields, result.total = r.Fields, len(r.Rows)+len(r.Groups)
		keep := min(left, result.total)
		result.truncated = keep < result.total
		if r.Aggregated {
			result.groups = r.Groups[:keep]
		} else {
			result.rows = r.Rows[:keep]
		}
		left -= keep
	}
}

// find returns the matching events by their type, in the order of the search.
func (s *eventSearch) find(p plan, types []*corpus.EventType) map[*corpus.EventType][]int {
	wanted := make(map[*corpus.EventType]bool, len(types))
	for _, t := range types {
		wanted[t] = true
	}
	compare := newestFirst
	if s.options.ascending {
		compare = compareDated
	}
	store := &s.scope.Events
	found := map[*corpus.EventType][]int{}
	first, end := s.scope.EventWindow(p.earliest, p.latest)
	for _, index := range collect(first, end, store.Generated(), store.Len(), func(index int) (dated, bool) {
		e := store.At(index)
		ok := wanted[e.Type] && s.scope.sees(e.Tenant) && !e.Inserted.After(s.scope.now) &&
			!e.Created.Before(p.earliest) && !e.Created.After(p.latest) && p.holds(eventRecord{e})
		return dated{index: index, time: e.Created, record: e}, ok
	}, compare) {
		t := store.At(index).Type
		found[t] = append(found[t], index)
	}
	return found
}

// rowsOf returns rows of a type from first to end, exclusive, as the service sends them.
func (s *eventSearch) rowsOf(t *typeResult, first, end int) []any {
	end = min(end, t.len())
	list := make([]any, 0, max(end-first, 0))
	for i := first; i < end; i++ {
		if s.aggregated {
			list = append(list, groupRow(t.groups[i]))
		} else {
			list = append(list, eventRow(s.scope.Events.At(t.rows[i]), t.fields, s.options.originalData))
		}
	}
	return list
}

// eventRow returns the fields of an event as JSON.
func eventRow(e *corpus.Event, fields []string, originalData bool) rawJSON {
	b := append(make([]byte, 0, 768), '{')
	add := func(name string, value any) {
		if len(fields) > 0 && !slices.Contains(fields, name) {
			return
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendJSON(append(appendJSON(b, name), ':'), value)
	}
	e.Fields(add)
	if originalData || slices.Contains(fields, corpus.OriginalData) {
		add(corpus.OriginalData, e.OriginalData())
	}
	return append(b, '}')
}

// groupRow returns a group of events: the fields that it has in common, and its columns.
func groupRow(g eval.Group) map[string]any {
	result := map[string]any{}
	if !g.Bucket.IsZero() {
		result["event_time_usec"] = g.Bucket.UnixMicro()
	}
	for _, n := range slices.Concat(g.Keys, g.Columns) {
		result[n.Name] = n.Value
	}
	return result
}
