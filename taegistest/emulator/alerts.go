package emulator

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
)

// alertsPerPart is the number of alerts in a part of a search. Only the last part of all alerts is
// smaller, so a search can return more than its limit, as with the service.
const alertsPerPart = 10

// alertSearches holds the searches with more parts to poll, by their IDs.
type alertSearches struct {
	mu   sync.Mutex
	last int
	open map[string]*alertSearch
}

// alertSearch is a search with more than one part.
type alertSearch struct {
	offset, total int // of all alerts
	parts, sent   int
}

func (s *alertSearches) add(search alertSearch) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]*alertSearch{}
	}
	s.last++
	id := fmt.Sprintf("alert-search-%d", s.last)
	s.open[id] = &search
	return id
}

// next returns a search and the number of the part to send: the requested one, or by default the
// part after the last one. It returns false if there is no such search or part.
func (s *alertSearches) next(id string, part int) (alertSearch, int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	search, ok := s.open[id]
	if !ok {
		return alertSearch{}, 0, false
	}
	part = cmp.Or(part, search.sent+1)
	if part < 1 || part > search.parts {
		return alertSearch{}, 0, false
	}
	search.sent = part
	return *search, part, true
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
	if strings.Contains(args.In.Query, "aggregate") {
		return record{"status": "OK", "reason": nil, "search_id": nil, "alerts": record{
			"total_results": 2, "total_parts": 1, "part": 1, "list": nil, "group_by": example{name: "group_by"},
		}}, nil
	}
	search := alertSearch{offset: max(args.In.Offset, 0), total: resultCount(c.config.Alerts), sent: 1}
	wanted := min(orDefault(max(args.In.Limit, 0), defaultPerPage), max(search.total-search.offset, 0))
	search.parts = max((wanted+alertsPerPart-1)/alertsPerPart, 1)
	var id any
	if search.parts > 1 {
		id = c.e.alerts.add(search)
	}
	return search.part(id, 1), nil
}

type pollAlertsArgs struct {
	In struct {
		SearchID string `json:"search_id"`
		PartID   int    `json:"part_id"`
	}
}

// pollAlerts returns the next part, or an error after the last one.
func (c *call) pollAlerts(args pollAlertsArgs) (any, error) {
	if args.In.SearchID == "" {
		return record{"status": "INVALID_REQUEST", "reason": "a poll needs a search_id", "search_id": nil, "alerts": nil}, nil
	}
	search, part, ok := c.e.alerts.next(args.In.SearchID, args.In.PartID)
	if !ok {
		return nil, notFound("not found: the search " + args.In.SearchID + " has no such part")
	}
	return search.part(args.In.SearchID, part), nil
}

// part returns the response to a search or a poll.
func (s alertSearch) part(id any, n int) record {
	first := s.offset + (n-1)*alertsPerPart
	return record{"status": "OK", "reason": nil, "search_id": id, "alerts": record{
		"total_results": s.total, "total_parts": s.parts, "part": n, "group_by": nil,
		"list": examples("list", first, min(first+alertsPerPart, s.total)),
	}}
}
