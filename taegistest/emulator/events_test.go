package emulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// eventMessage is what the tests select of a message.
type eventMessage struct {
	Next, Prev string
	Query      *struct {
		Status  string
		Reasons []struct{ Reason string }
	}
	Result *struct{ Rows []map[string]any }
}

// subscribe returns all messages of a subscription to a field such as eventPage(id: "1").
func subscribe(t *testing.T, s *emulator.Server, access, field string) []eventMessage {
	t.Helper()
	req := events(t, s, access)
	req.Operation = &core.Operation{Kind: core.KindSubscription, Gateway: "/events/query"}
	req.Document = "subscription { answer: " + field + " { next prev query { status reasons { reason } } result { rows } } }"
	var list []eventMessage
	for text, err := range (&transport.HTTP{}).Subscribe(t.Context(), req) {
		if err != nil {
			t.Fatalf("%s: %v", field, err)
		}
		var data struct{ Answer eventMessage }
		if err := json.Unmarshal(text, &data); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list = append(list, data.Answer)
	}
	return list
}

func TestEventQueriesHavePages(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	for name, test := range map[string]struct {
		events  int
		options string
		pages   []int
	}{
		"three pages":        {25, "pageSize: 10", []int{10, 10, 5}},
		"full pages":         {20, "pageSize: 10", []int{10, 10}},
		"the service's page": {1500, "timestampAscending: true", []int{1000, 500}},
		"limited":            {25, "pageSize: 10, maxRows: 12", []int{10, 2}},
		"nothing found":      {-1, "pageSize: 10", []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			s.Configure(func(c *emulator.Config) { c.Corpus.Events = -1; c.Corpus.Seed++ })
			for range test.events {
				s.InsertEvent(emulator.Event{Type: "process"})
			}
			ids := map[any]bool{}
			var pages []int
			before := s.Executed("eventQuery")
			for field := `eventQuery(query: "from process", options: {` + test.options + `})`; field != ""; {
				messages := subscribe(t, s, access, field)
				rows, next := 0, ""
				for _, m := range messages {
					if m.Next != "" && next != "" {
						t.Error("two messages of a page name the next")
					}
					next += m.Next
					if m.Result == nil {
						continue
					}
					if (m.Prev == "") != (len(pages) == 0) {
						t.Errorf("page %d names %q as the one before it", len(pages)+1, m.Prev)
					}
					for _, row := range m.Result.Rows {
						rows++
						ids[row["resource_id"]] = true
					}
				}
				if last := messages[len(messages)-1]; last.Result != nil || last.Query != nil {
					t.Errorf("the last message is not empty: %+v", last)
				}
				pages = append(pages, rows)
				if field = ""; next != "" {
					field = fmt.Sprintf("eventPage(id: %q)", next)
				}
			}
			total := 0
			for _, rows := range test.pages {
				total += rows
			}
			if !slices.Equal(pages, test.pages) || len(ids) != total {
				t.Errorf("pages of %v with %d different rows, want %v", pages, len(ids), test.pages)
			}
			if n := s.Executed("eventQuery") - before; n != 1 {
				t.Errorf("executed %d times", n)
			}
		})
	}
}

func TestEventQueriesReportProgress(t *testing.T) {
	s := start(t, emulator.Config{Behavior: emulator.Behavior{FailTypes: []string{"auth"}}})
	access := token(t, s)
	for query, want := range map[string][]string{
		"from process": {"QUEUED", "RUNNING", "SUCCEEDED", ""},
		"FROM auth":    {"QUEUED", "RUNNING", "FAILED", ""},
	} {
		var statuses []string
		messages := subscribe(t, s, access, fmt.Sprintf("eventQuery(query: %q)", query))
		for _, m := range messages {
			status := ""
			if m.Query != nil {
				status = m.Query.Status
			}
			statuses = append(statuses, status)
			if (m.Result != nil) != (status == "SUCCEEDED" || status == "FAILED") {
				t.Errorf("a result while %q", status)
			}
		}
		if !slices.Equal(statuses, want) {
			t.Errorf("%q: %v, want %v", query, statuses, want)
		}
		if query == "FROM auth" && messages[2].Query.Reasons[0].Reason != "the search of auth failed" {
			t.Errorf("why it failed: %+v", messages[2])
		}
	}
}
