package emulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/cql"
)

// searches holds the searches of the search service and the query relay by their names.
type searches struct {
	mu   sync.Mutex
	last int
	byRN map[string]*search
}

// search is a search that runs in the background.
type search struct {
	*eventSearch
	rn      string
	polls   int // readings of the state that see it running
	started bool
	rows    []any // all of them, once it is done
}

// add stores a search.
func (s *searches) add(found *eventSearch, polls int) *search {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byRN == nil {
		s.byRN = map[string]*search{}
	}
	s.last++
	made := &search{eventSearch: found, rn: fmt.Sprintf("rn:search:%s:%d", found.scope.tenant, s.last), polls: polls}
	s.byRN[made.rn] = made
	return made
}

// get returns a search that a scope may see, and whether it has not expired.
func (s *searches) get(rn string, of scope) (found *search, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found = s.byRN[rn]
	if found == nil || found.scope.tenant != of.tenant || found.scope.Corpus != of.Corpus {
		return nil, false
	}
	return found, !of.now.After(found.expires)
}

// matching returns a search with the same text that has not expired.
func (s *searches) matching(text string, of scope) *search {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, found := range s.byRN {
		if found.text == text && found.scope.tenant == of.tenant && found.scope.Corpus == of.Corpus && !of.now.After(found.expires) {
			return found
		}
	}
	return nil
}

// state brings a search forward and returns its state.
func (s *searches) state(found *search) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found.polls <= 0 {
		return "SUCCEEDED"
	}
	found.polls--
	if !found.started {
		found.started = true
		return "QUEUED"
	}
	return "RUNNING"
}

// done reports whether a search has ended.
func (s *searches) done(found *search) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return found.polls <= 0
}

// object returns a search as the type SearchV2.
func (s *search) object(state string) row {
	partition := "RUNNING"
	end := any(nil)
	if state == "SUCCEEDED" {
		partition, end = state, instant(s.submitted)
	}
	return row{
		"rn": s.rn, "historyRN": s.rn + ":history", "errors": []string{}, "queryText": s.text, "state": state,
		"createTime": instant(s.submitted), "startTime": instant(s.submitted), "endTime": end, "expireTime": instant(s.expires),
		"searchPartitions": rows(s.types, func(t *typeResult) any {
			if t.failed && state == "SUCCEEDED" {
				return row{"resourceType": t.name, "state": "FAILED", "errors": []string{"the search of " + t.name + " failed"}}
			}
			return row{"resourceType": t.name, "state": partition}
		}),
	}
}

// createSearch returns an operation that starts a search, or with reuse returns one with the same
// text.
func createSearch(reuse bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		text := textOf(at(args, "input.text"))
		if reuse {
			if found := c.e.searches.matching(text, c.scope); found != nil {
				return found.object(c.e.searches.state(found)), nil
			}
		}
		found, err := c.newEventSearch(text, eventOptions{})
		if err != nil {
			return nil, badInput(err.Error())
		}
		return c.e.searches.add(found, c.config.Behavior.polls()).object("QUEUED"), nil
	}
}

// searchState returns the state of a search. An unknown one has the state NOTFOUND, an expired one
// UNTRACKED.
func (c *call) searchState(args struct{ RN string }) (any, error) {
	found, alive := c.e.searches.get(args.RN, c.scope)
	switch {
	case found == nil:
		return row{"rn": args.RN, "state": "NOTFOUND", "errors": []string{}}, nil
	case !alive:
		return row{"rn": args.RN, "state": "UNTRACKED", "errors": []string{}}, nil
	}
	return found.object(c.e.searches.state(found)), nil
}

// allRows returns the rows of all types, with their IDs.
func (s *search) allRows() []any {
	if s.rows == nil {
		s.rows = []any{}
		for _, t := range s.types {
			if !t.failed {
				s.rows = append(s.rows, s.rowsOf(t, 0, t.len())...)
			}
		}
	}
	return s.rows
}

// searchResults returns a page of a search that has ended.
func (c *call) searchResults(args map[string]any) (any, error) {
	rn := textOf(args["rn"])
	found, alive := c.e.searches.get(rn, c.scope)
	if found == nil || !alive {
		return nil, notFound("there is no search " + rn)
	}
	if !c.e.searches.done(found) {
		return nil, badInput("the search " + rn + " has not ended")
	}
	all := found.allRows()
	page, err := c.page(c.listing("searchResults", ""), args, source{
		length: len(all), at: func(i int) any { return all[i] },
		more: map[string]any{"fields": []any{}},
	})
	if err != nil {
		return nil, err
	}
	answer := page.(record)
	answer["values"] = jsonList(answer["values"].([]any))
	totals := rows(slices.DeleteFunc(slices.Clone(found.types), func(t *typeResult) bool { return t.failed }), func(t *typeResult) any {
		return row{"resourceType": t.name, "value": t.len()}
	})
	answer["totals"] = row{"total": row{"value": len(all)}, "subtotals": totals}
	return answer, nil
}

// jsonList returns a list as one value of JSON.
func jsonList(items []any) rawJSON {
	text := []byte{'['}
	for i, item := range items {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendJSON(text, item)
	}
	return append(text, ']')
}

// relay starts a query in SQL. The emulator does not read SQL: the table that FROM names is the
// type of events, and the rows are those of the time range.
func (c *call) relay(args map[string]any) (any, error) {
	sql := textOf(at(args, "input.sql"))
	words := strings.Fields(strings.ToLower(sql))
	i := slices.Index(words, "from")
	if i < 0 || i+1 == len(words) {
		return row{"status": "FINISHED", "error": row{"message": "the query has no FROM", "code": "SYNTAX_ERROR"}}, nil
	}
	q := cql.Query{Types: []cql.TypeName{{Name: strings.Trim(words[i+1], `";`)}}}
	for path, bound := range map[string]**cql.Bound{"input.timeRangeStart": &q.Earliest, "input.timeRangeEnd": &q.Latest} {
		if at := instantOf(textOf(at(args, path))); !at.IsZero() {
			*bound = cql.At(at)
		}
	}
	found, err := c.newEventSearch(q.String(), eventOptions{ascending: true})
	if err != nil {
		return row{"status": "FINISHED", "error": row{"message": err.Error(), "code": "INVALID_QUERY"}}, nil //nolint:nilerr // the answer holds the error
	}
	return row{"token": c.e.searches.add(found, c.config.Behavior.polls()).rn, "status": "STARTED"}, nil
}

// relayResults returns a page of the rows of a query in SQL, or its state while it runs.
func (c *call) relayResults(args map[string]any) (any, error) {
	token := textOf(at(args, "input.token"))
	found, alive := c.e.searches.get(token, c.scope)
	if found == nil || !alive {
		return nil, notFound("there is no query " + token)
	}
	if state := c.e.searches.state(found); state != "SUCCEEDED" {
		return row{"token": token, "status": "PENDING", "result": "NOT_AVAILABLE", "createdAt": instant(found.submitted)}, nil
	}
	all := found.allRows()
	page, err := c.page(c.listing("fetchQueryRelayResults", ""), args, source{length: len(all), at: func(i int) any { return all[i] }})
	if err != nil {
		return nil, err
	}
	answer := page.(record)
	pages, _ := answer["pages"].(record)
	pages["maxSize"], pages["items"], pages["size"], pages["fromKey"] = 1000, len(answer["rows"].([]any)), len(all), nil
	answer["token"], answer["status"], answer["result"] = token, "FINISHED", "SUCCEEDED"
	answer["createdAt"], answer["finishedAt"] = instant(found.submitted), instant(found.submitted)
	answer["metadata"] = row{"columns": []any{}}
	return answer, nil
}
