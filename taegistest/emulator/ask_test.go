package emulator_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// failer is a test or a property's run.
type failer interface {
	Helper()
	Fatalf(format string, values ...any)
}

// reply is a response to a GraphQL request.
type reply struct {
	status int
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
}

// ask sends a GraphQL request to an emulator that does not listen.
func ask(t failer, e *emulator.Emulator, path, access, tenant, query string, variables map[string]any) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatalf("%v", err)
	}
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+access)
	if tenant != "" {
		r.Header.Set("X-Tenant-Context", tenant)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	result := reply{status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &result); err != nil {
		t.Fatalf("%d %.300s: %v", w.Code, w.Body, err)
	}
	return result
}

// into decodes the data of a response without errors.
func (r reply) into(t failer, value any) {
	t.Helper()
	if len(r.Errors) > 0 || r.status != http.StatusOK {
		t.Fatalf("status %d, errors %v", r.status, r.Errors)
	}
	if err := json.Unmarshal(r.Data, value); err != nil {
		t.Fatalf("%.300s: %v", r.Data, err)
	}
}

// local returns an emulator that does not listen, and a token of its client.
func local(t *testing.T, config emulator.Config) (*emulator.Emulator, string) {
	t.Helper()
	e := emulator.New(config)
	t.Cleanup(e.Close)
	return e, e.Token(emulator.DemoClientID)
}

// alertPart is a response to a search or a poll.
type alertPart struct {
	Status, Reason string
	SearchID       string `json:"search_id"`
	Alerts         struct {
		Total int `json:"total_results"`
		Parts int `json:"total_parts"`
		Part  int
		Next  int `json:"next_offset"`
		List  []struct{ ID string }
	}
}

const alertSelection = "{ status reason search_id alerts { total_results total_parts part next_offset list { id } } }"

// findAlerts returns the IDs of all parts of a search.
func findAlerts(t failer, e *emulator.Emulator, access, tenant string, in map[string]any) []string {
	t.Helper()
	var data map[string]alertPart
	ask(t, e, gateway, access, tenant, "query ($in: SearchRequestInput) { alertsServiceSearch(in: $in) "+alertSelection+" }",
		map[string]any{"in": in}).into(t, &data)
	part, ids := data["alertsServiceSearch"], []string{}
	for number := 1; ; number++ {
		if part.Status != "OK" || part.Alerts.Part != number {
			t.Fatalf("part %d: %+v", number, part)
		}
		for _, a := range part.Alerts.List {
			ids = append(ids, a.ID)
		}
		if number == part.Alerts.Parts {
			return ids
		}
		ask(t, e, gateway, access, tenant, "query ($in: PollRequestInput) { alertsServicePoll(in: $in) "+alertSelection+" }",
			map[string]any{"in": map[string]any{"search_id": part.SearchID}}).into(t, &data)
		part = data["alertsServicePoll"]
	}
}
