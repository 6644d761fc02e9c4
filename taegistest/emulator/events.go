package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// defaultEventPage is the default number of rows of each type in a page.
const defaultEventPage = 1000

// eventQueries holds the event queries by their IDs.
type eventQueries struct {
	mu      sync.Mutex
	last    int
	queries map[string]*eventQuery
	pages   map[string]eventPage
	ids     []string // oldest first
}

// eventQuery is a search with pages.
type eventQuery struct {
	*eventSearch
	pageSize int
}

// eventPage is a page of a query. Numbers start at 1.
type eventPage struct {
	*eventQuery
	number int
}

func (p eventPage) key() string { return fmt.Sprintf("%s-page-%d", p.id, p.number) }

// add stores a new query and returns its first page.
func (q *eventQueries) add(query *eventQuery) eventPage {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queries == nil {
		q.queries, q.pages = map[string]*eventQuery{}, map[string]eventPage{}
	}
	q.last++
	query.id = fmt.Sprintf("event-query-%d", q.last)
	q.queries[query.id] = query
	if q.ids = append(q.ids, query.id); len(q.ids) > maxOpenSearches {
		q.drop(q.ids[0])
	}
	for number := 1; number == 1 || number <= query.pageCount(); number++ {
		p := eventPage{query, number}
		q.pages[p.key()] = p
	}
	return eventPage{query, 1}
}

// drop removes a query with its pages, and reports whether there was one. The caller holds mu.
func (q *eventQueries) drop(id string) bool {
	query, ok := q.queries[id]
	if !ok {
		return false
	}
	delete(q.queries, id)
	for number := 1; number == 1 || number <= query.pageCount(); number++ {
		delete(q.pages, eventPage{query, number}.key())
	}
	q.ids = slices.DeleteFunc(q.ids, func(other string) bool { return other == id })
	return true
}

func (q *eventQueries) query(id string) (*eventQuery, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	query, ok := q.queries[id]
	return query, ok
}

func (q *eventQueries) page(key string) (eventPage, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p, ok := q.pages[key]
	return p, ok
}

// pageCount returns the number of pages of the type that has most.
func (q *eventQuery) pageCount() int {
	pages := 0
	for _, t := range q.types {
		pages = max(pages, (t.len()+q.pageSize-1)/q.pageSize)
	}
	return pages
}

type eventQueryArgs struct {
	Query   string
	Options struct {
		PageSize, MaxRows          int
		TimestampAscending         bool
		DefaultIncludeOriginalData bool
	}
}

// runEventQuery sends the same messages as the service: the query's progress without a result, the
// first page of each type, and an empty message. The ID of the next page is in one of them.
func (c *call) runEventQuery(args eventQueryArgs) (any, error) {
	search, err := c.newEventSearch(args.Query, eventOptions{
		ascending: args.Options.TimestampAscending, maxRows: max(args.Options.MaxRows, 0),
		originalData: args.Options.DefaultIncludeOriginalData,
	})
	if err != nil {
		return nil, badInput(err.Error())
	}
	page := c.e.events.add(&eventQuery{search, cmp.Or(max(args.Options.PageSize, 0), defaultEventPage)})
	sequence := messages{page.progress("QUEUED"), page.progress("RUNNING")}
	results := page.messages()
	if len(results) > 0 {
		results[0].(row)["next"] = page.next()
	}
	return append(append(sequence, results...), page.empty()), nil
}

// eventPage sends the page with an ID from an earlier page. The ID of the next page is in the last
// message.
func (c *call) eventPage(args struct{ ID string }) (any, error) {
	page, known := c.e.events.page(args.ID)
	switch {
	case !known || page.scope.tenant != c.scope.tenant || page.scope.Corpus != c.scope.Corpus:
		return nil, notFound("there is no page " + args.ID)
	case c.scope.now.After(page.expires):
		return nil, notFound("the page " + args.ID + " has expired")
	}
	end := page.empty()
	end["next"] = page.next()
	return append(page.messages(), end), nil
}

// next returns the ID of the next page, nil if there is none.
func (p eventPage) next() any {
	if p.number >= p.pageCount() {
		return nil
	}
	return eventPage{p.eventQuery, p.number + 1}.key()
}

// progress returns a message without a result.
func (p eventPage) progress(status string) row {
	message := p.empty()
	message["query"] = p.state(status)
	return message
}

// state returns the query as the type EventQuery.
func (q *eventQuery) state(status string) row {
	names := make([]string, len(q.types))
	reasons := []any{}
	for i, t := range q.types {
		names[i] = t.name
		if t.failed && status != "QUEUED" {
			reasons = append(reasons, q.result(t, 0, 0))
		}
	}
	state := row{
		"id": q.id, "query": q.text, "status": status, "types": names, "reasons": reasons, "aggregated": q.aggregated,
		"submitted": instant(q.submitted), "expires": instant(q.expires),
		"earliest": instant(q.earliest), "latest": instant(q.latest),
	}
	if status == "SUCCEEDED" || status == "FAILED" {
		state["completed"] = instant(q.submitted)
	}
	return state
}

// status returns the query's status at its end: it fails if all types do.
func (q *eventQuery) status() string {
	if len(q.types) > 0 && !slices.ContainsFunc(q.types, func(t *typeResult) bool { return !t.failed }) {
		return "FAILED"
	}
	return "SUCCEEDED"
}

// messages returns one message for each type with rows on the page, and on the first page for each
// type.
func (p eventPage) messages() messages {
	var list messages
	for _, t := range p.types {
		first := (p.number - 1) * p.pageSize
		if p.number > 1 && first >= t.len() {
			continue
		}
		message := p.empty()
		message["query"] = p.state(p.status())
		message["result"] = p.result(t, first, first+p.pageSize)
		if p.number > 1 {
			message["prev"] = eventPage{p.eventQuery, p.number - 1}.key()
		}
		list = append(list, message)
	}
	return list
}

// result returns rows of a type as the type EventQueryResult.
func (q *eventQuery) result(t *typeResult, first, end int) row {
	result := row{
		"id": q.id + "-" + t.name, "type": t.name, "status": "SUCCEEDED",
		"submitted": instant(q.submitted), "completed": instant(q.submitted), "expires": instant(q.expires),
	}
	if t.failed {
		result["status"], result["reason"] = "FAILED", "the search of "+t.name+" failed"
		return result
	}
	rows := q.rowsOf(t, first, end)
	result["rows"] = rows
	result["progress"] = row{
		"type": t.name, "totalRows": len(rows), "totalRowsIsLowerBound": true,
		"rowsRemoved": 0, "rowsFiltered": 0, "resultsTruncated": t.truncated,
	}
	return result
}

// empty returns a message that contains only the ID of the query.
func (p eventPage) empty() row { return row{"queryId": p.id} }

// instant returns a time as the service writes it.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// eventQueryState returns the state of a query, nil if it is not known.
func (c *call) eventQueryState(args struct{ ID string }) (any, error) {
	query, ok := c.e.events.query(args.ID)
	if !ok || query.scope.tenant != c.scope.tenant {
		return nil, nil
	}
	return query.state(query.status()), nil
}

// deleteEventQuery drops a query, and returns whether there was one.
func (c *call) deleteEventQuery(args struct{ ID string }) (any, error) {
	q := &c.e.events
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.drop(args.ID), nil
}

// eventsByID returns events by their resource IDs. It omits unknown ones.
func (c *call) eventsByID(args struct{ IDs []string }) (any, error) {
	list := []any{}
	for _, id := range args.IDs {
		if e, ok := c.event(id); ok {
			list = append(list, row{"id": e.ID(), "values": eventRow(e, nil, true)})
		}
	}
	return list, nil
}

// event returns an event that the request may see.
func (c *call) event(id string) (*corpus.Event, bool) {
	e, ok := c.scope.EventByID(id)
	if !ok || !c.scope.sees(e.Tenant) || e.Inserted.After(c.scope.now) {
		return nil, false
	}
	return e, true
}
