package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// ids adds the ids of a list's objects to those seen, and returns how many there were.
func ids(seen map[any]bool, items any) int {
	list, _ := items.([]any)
	for _, item := range list {
		seen[item.(map[string]any)["id"]] = true
	}
	return len(list)
}

func TestAlertsComeInParts(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	const selection = "{ status search_id alerts { total_results total_parts part list { id } } }"
	for name, test := range map[string]struct {
		alerts int
		in     string
		parts  []int
	}{
		"three parts":       {0, "limit: 100", []int{10, 10, 5}},
		"the limit":         {0, "limit: 15", []int{10, 5}},
		"an offset":         {0, "offset: 10, limit: 100", []int{10, 5}},
		"one part":          {0, "limit: 3", []int{3}},
		"the default limit": {102, "cql_query: \"from alert\"", []int{10, 10, 10, 10, 10, 10, 10, 10, 10, 10}},
		"nothing found":     {-1, "limit: 100", []int{0}},
		"behind the end":    {0, "offset: 50", []int{0}},
	} {
		s.Configure(func(c *emulator.Config) { c.Corpus.Alerts = test.alerts; c.Behavior.PartSize = 10 })
		seen := map[any]bool{}
		var parts []int
		answer := value(t, s, access, "alertsServiceSearch", "{ alertsServiceSearch(in: {"+test.in+"}) "+selection+" }")
		for {
			alerts := answer["alerts"].(map[string]any)
			parts = append(parts, ids(seen, alerts["list"]))
			if answer["status"] != "OK" || alerts["part"] != float64(len(parts)) || alerts["total_parts"] != float64(len(test.parts)) {
				t.Errorf("%s: part %d of %d says %v", name, len(parts), len(test.parts), answer)
			}
			poll := fmt.Sprintf(`{ alertsServicePoll(in: {search_id: "%v"}) %s }`, answer["search_id"], selection)
			if len(parts) == len(test.parts) {
				if a := graphQL(t, s, gateway, access, poll, nil); a.status != http.StatusOK || !strings.Contains(a.text, "not found") {
					t.Errorf("%s: after the end: %s", name, a.text)
				}
				break
			}
			answer = value(t, s, access, "alertsServicePoll", poll)
		}
		total := 0
		for _, n := range test.parts {
			total += n
		}
		if !slices.Equal(parts, test.parts) || len(seen) != total {
			t.Errorf("%s: parts of %v with %d different alerts, want %v", name, parts, len(seen), test.parts)
		}
	}
}

func TestPollingForAlerts(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	search := value(t, s, access, "detectionSearch", "{ detectionSearch(in: {limit: 100}) { search_id } }")
	poll := func(arguments string) map[string]any {
		t.Helper()
		return value(t, s, access, "detectionPoll", "{ detectionPoll"+arguments+" { status reason alerts { part list { id } } } }")
	}
	numbered := fmt.Sprintf(`(in: {search_id: "%v", part_id: 3})`, search["search_id"])
	if third := poll(numbered)["alerts"].(map[string]any); third["part"] != 3.0 || len(third["list"].([]any)) != 5 {
		t.Errorf("by its number: %v", third)
	}
	if none := poll(""); none["status"] != "INVALID_REQUEST" || none["reason"] == nil || none["alerts"] != nil {
		t.Errorf("without an id: %v", none)
	}
	groups := value(t, s, access, "alertsServiceSearch", `{ alertsServiceSearch(in: {cql_query: "from alert | aggregate count by severity"}) { search_id alerts { list { id } group_by { __typename } } } }`)
	alerts := groups["alerts"].(map[string]any)
	if groups["search_id"] != nil || len(alerts["list"].([]any)) != 0 || len(alerts["group_by"].([]any)) == 0 {
		t.Errorf("groups: %v", groups)
	}
}

func TestInvestigationsAndCasesHavePages(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	for query, list := range map[string]string{
		"investigationsV2(arguments: {page: %d, perPage: 10}) { totalCount investigations { id } }":                                              "investigations",
		"investigationsSearch(page: %d, perPage: 10) { totalCount investigations { id } }":                                                       "investigations",
		"cases(arguments: {pagination: {offset: {page: %d, perPage: 10}}}) { totalCount cases { id } pageInfo { hasNextPage hasPreviousPage } }": "cases",
	} {
		name, _, _ := strings.Cut(query, "(")
		first := 1
		if name == "investigationsSearch" {
			first = 0
		}
		seen := map[any]bool{}
		var pages []int
		for page := first; page < first+4; page++ {
			answer := value(t, s, access, name, fmt.Sprintf("{ "+query+" }", page))
			pages = append(pages, ids(seen, answer[list]))
			if answer["totalCount"] != 25.0 {
				t.Errorf("%s: %v in all", name, answer["totalCount"])
			}
			info, known := answer["pageInfo"].(map[string]any)
			if known && (info["hasNextPage"] != (page < 3) || info["hasPreviousPage"] != (page > 1)) {
				t.Errorf("%s: page %d says %v", name, page, info)
			}
		}
		if !slices.Equal(pages, []int{10, 10, 5, 0}) || len(seen) != 25 {
			t.Errorf("%s: pages of %v with %d different ids", name, pages, len(seen))
		}
	}
	s.Configure(func(c *emulator.Config) { c.Corpus.Cases = 101 })
	a := graphQL(t, s, gateway, access, "{ allInvestigations { id } rest: allInvestigations(page: 2) { id } }", nil)
	data, _ := a.json["data"].(map[string]any)
	if seen := map[any]bool{}; ids(seen, data["allInvestigations"]) != 100 || ids(seen, data["rest"]) != 1 || len(seen) != 101 {
		t.Errorf("a hundred to a page: %.300s", a.text)
	}
}
