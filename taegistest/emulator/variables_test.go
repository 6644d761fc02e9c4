package emulator_test

import (
	"net/http"
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// Clients that do not come from this schema declare other scalars.
func TestVariablesOfOtherClients(t *testing.T) {
	e, access := local(t, emulator.Config{})
	for query, variables := range map[string]map[string]any{
		"query ($id: ID!) { alertHistoryByID(id: $id) { id } }":                                    {"id": "x"},
		"query ($id: ID!) { shareLinkById(id: $id) { id } }":                                       {"id": "x"},
		"query ($id: ID!) { asset(id: $id) { id } }":                                               {"id": "x"},
		"mutation ($id: ID!) { deleteClient(id: $id) { id } }":                                     {"id": "x"},
		"query ($t: Time!) { changesSince(timestamp: $t) { id } }":                                 {"t": "2026-03-01T00:00:00Z"},
		"query ($rns: [ID!]) { searchV2s(historyRNs: $rns) { rn } }":                               {"rns": []string{"x"}},
		"query Q($id: Identifier!) { ...f } fragment f on Query { shareLinkById(id: $id) { id } }": {"id": "x"},
	} {
		r := ask(t, e, gateway, access, "", query, variables)
		if r.status != http.StatusOK || len(r.Errors) > 0 && r.Errors[0].Extensions["code"] != "NOT_FOUND" {
			t.Errorf("%s: %d %v", query, r.status, r.Errors)
		}
	}
	for query, variables := range map[string]map[string]any{
		"query ($id: String!) { asset(id: $id) { id } }":               {"id": "x"}, // settled as ID
		"query ($id: [ID!]) { shareLinkById(id: $id) { id } }":         {"id": []string{"x"}},
		"query ($id: ID) { shareLinkById(id: $id) { id } }":            {"id": "x"},
		"query ($in: ID) { alertsServiceSearch(in: $in) { status } }":  {"in": "x"},
		"query ($in: Foo) { alertsServiceSearch(in: $in) { status } }": {"in": "x"},
	} {
		if r := ask(t, e, gateway, access, "", query, variables); r.status != http.StatusUnprocessableEntity || len(r.Errors) == 0 {
			t.Errorf("%s: %d %v", query, r.status, r.Errors)
		}
	}
	path := "/events/query"
	r := ask(t, e, path, access, "", "query ($ids: [ID!]!) { events(ids: $ids) { id } }", map[string]any{"ids": []string{"x"}})
	if r.status != http.StatusOK || len(r.Errors) > 0 {
		t.Errorf("events: %d %v", r.status, r.Errors)
	}
	s := start(t, emulator.Config{})
	req := events(t, s, token(t, s))
	req.Document = `subscription eventQuery($q: String!, $m: JSONObject) { eventQuery(query: $q, metadata: $m) { next } }`
	req.Args = map[string]any{"q": "FROM process | head 1", "m": map[string]any{"callerName": "x"}}
	run(t, req, map[string]bool{})
}
