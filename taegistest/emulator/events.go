package emulator

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
)

// Default limits of an event query.
const (
	defaultEventPage = 1000
	defaultEventRows = 100_000
)

// eventQueries holds the pages of event queries by their IDs.
type eventQueries struct {
	mu    sync.Mutex
	last  int
	pages map[string]eventPage
}

// eventQuery is a query with the number of its results.
type eventQuery struct {
	id, text       string
	rows, pageSize int
}

// eventPage is a page of a query. Numbers start at 1.
type eventPage struct {
	eventQuery
	number int
}

func (p eventPage) key() string { return fmt.Sprintf("%s-page-%d", p.id, p.number) }

// first stores a new query and returns its first page.
func (q *eventQueries) first(query eventQuery) eventPage {
	q.mu.Lock()
	q.last++
	query.id = fmt.Sprintf("event-query-%d", q.last)
	q.mu.Unlock()
	return q.page(query, 1)
}

// page stores a page under its key.
func (q *eventQueries) page(query eventQuery, number int) eventPage {
	p := eventPage{query, number}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pages == nil {
		q.pages = map[string]eventPage{}
	}
	q.pages[p.key()] = p
	return p
}

func (q *eventQueries) get(key string) (eventPage, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p, ok := q.pages[key]
	return p, ok
}

type eventQueryArgs struct {
	Query   string
	Options struct{ PageSize, MaxRows int }
}

// runEventQuery sends the same messages as the service: the query's progress without a result, its
// first page with the ID of the next one, and an empty message. An empty query fails.
func (c *call) runEventQuery(args eventQueryArgs) (any, error) {
	rows := min(resultCount(c.config.Events), cmp.Or(args.Options.MaxRows, defaultEventRows))
	page := c.e.events.first(eventQuery{text: args.Query, rows: rows, pageSize: cmp.Or(max(args.Options.PageSize, 0), defaultEventPage)})
	sequence := messages{page.progress("QUEUED", nil), page.progress("RUNNING", nil)}
	if strings.TrimSpace(args.Query) == "" {
		reason := record{"id": page.id, "status": "FAILED", "reason": "the query is empty"}
		return append(sequence, page.progress("FAILED", []any{reason})), nil
	}
	full := page.message()
	full["next"] = c.nextPage(page)
	return append(sequence, full, page.empty()), nil
}

// eventPage sends the page with an ID from an earlier page. The ID of the next page is in the last
// message.
func (c *call) eventPage(args struct{ ID string }) (any, error) {
	page, known := c.e.events.get(args.ID)
	if !known {
		return messages{example{name: "eventPage"}, example{name: "eventPage", n: 1}}, nil
	}
	end := page.empty()
	end["next"] = c.nextPage(page)
	return messages{page.message(), end}, nil
}

// nextPage returns the ID of the next page, nil if there is none.
func (c *call) nextPage(p eventPage) any {
	if p.number*p.pageSize >= p.rows {
		return nil
	}
	return c.e.events.page(p.eventQuery, p.number+1).key()
}

// progress returns a message without a result.
func (p eventPage) progress(status string, reasons any) record {
	message := p.empty()
	message["query"] = p.query(status, reasons)
	return message
}

func (p eventPage) query(status string, reasons any) record {
	return record{"id": p.id, "query": p.text, "status": status, "reasons": reasons}
}

// message returns the message with the rows of the page.
func (p eventPage) message() record {
	rows := []any{}
	for i := (p.number - 1) * p.pageSize; i < min(p.number*p.pageSize, p.rows); i++ {
		rows = append(rows, map[string]any{
			"resource_id":     fmt.Sprintf("event://emulator:%d", i+1),
			"event_time_usec": exampleTime.UnixMicro() + int64(i),
			"original_data":   p.text,
		})
	}
	message := p.empty()
	message["query"] = p.query("SUCCEEDED", nil)
	message["result"] = record{"id": p.id, "type": "event", "status": "SUCCEEDED", "reason": nil, "rows": rows}
	if p.number > 1 {
		message["prev"] = eventPage{p.eventQuery, p.number - 1}.key()
	}
	return message
}

// empty returns a message that contains only the ID of the query.
func (p eventPage) empty() record {
	return record{"queryId": p.id, "query": nil, "result": nil, "next": nil, "prev": nil}
}
