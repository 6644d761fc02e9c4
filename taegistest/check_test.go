package taegistest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
)

// recorder is a test that records its failures.
type recorder struct {
	testing.TB
	failures []string
	helpers  int
}

func (r *recorder) Helper() { r.helpers++ }

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// single returns the only failure.
func (r *recorder) single(t *testing.T) string {
	t.Helper()
	if len(r.failures) != 1 {
		t.Fatalf("%d failures, want 1: %q", len(r.failures), r.failures)
	}
	return r.failures[0]
}

func TestRepliesThatFit(t *testing.T) {
	for name, reply := range map[string]struct {
		operation string
		value     any
	}{
		"generated type": {"clientsSearch", clients.ClientSearchResults{Results: []*clients.Client{{ID: "1"}}}},
		"pointer":        {"clientsSearch", &clients.ClientSearchResults{}},
		"recursive type": {"alertsServiceSearch", alerts.AlertsResponse{}},
		"null":           {"clientsSearch", nil},
		"own type": {"clientsSearch", struct {
			R []int `json:"-"`
		}{}},
		"embedded":         {"clientsSearch", struct{ found }{found{Total: 1}}},
		"raw":              {"clientsSearch", json.RawMessage(`{"results":[{"id":"1"},null]}`)},
		"__typename":       {"clientsSearch", json.RawMessage(`{"__typename":"ClientSearchResults"}`)},
		"older spelling":   {"createClient", map[string]any{"client_secret": "s"}},
		"list":             {"clients", []clients.Client{{ID: "1"}}},
		"boolean":          {"authzCanSubjectAssumeAllTenants", true},
		"free-form values": {"eventQuery", json.RawMessage(`{"result":{"rows":[{"any":[1,{}]}]}}`)},
		"error":            {"clientsSearch", errors.New("broken")},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			fake := taegistest.NewTransport(r)
			fake.Reply(reply.operation, reply.value)
			if len(r.failures) > 0 {
				t.Errorf("failures %q", r.failures)
			}
		})
	}
}

type found struct {
	Total int `json:"totalCount"`
}

func TestRepliesThatDoNotFit(t *testing.T) {
	for name, reply := range map[string]struct {
		operation string
		value     any
		want      string
	}{
		"unknown operation": {
			"clientSearch", nil,
			`no service has an operation "clientSearch": did you mean clientsSearch`,
		},
		"type of another operation": {
			"clientsSearch",
			alerts.AlertsResponse{},
			`clientsSearch: type ClientSearchResults has no member "reason" of alerts.AlertsResponse`,
		},
		"type of a part": {
			"clientsSearch", &clients.Client{},
			`clientsSearch: type ClientSearchResults has no member "id" of clients.Client`,
		},
		"own type": {
			"clientsSearch",
			struct{ Result []int }{},
			`has no member "Result"`,
		},
		"member": {
			"clientsSearch",
			map[string]any{"result": nil},
			`clientsSearch: type ClientSearchResults has no member "result": did you mean results?`,
		},
		"inner member": {
			"clientsSearch", json.RawMessage(`{"results":[{"id":"1"},{"clientid":"2"}]}`),
			`clientsSearch.results[1]: type Client has no member "clientid": did you mean clientID`,
		},
		"type of an object": {
			"clientsSearch", json.RawMessage(`{"__typename":"ClientSearchResult"}`),
			`clientsSearch has no type ClientSearchResult: did you mean ClientSearchResults?`,
		},
		"object for a list": {"clients", clients.Client{}, `clients is an object, want [Client]`},
		"list for an object": {
			"clientsSearch",
			[]clients.ClientSearchResults{},
			`clientsSearch is a list, want ClientSearchResults`,
		},
		"object for a scalar": {
			"clientsSearch", json.RawMessage(`{"totalCount":{}}`),
			`clientsSearch.totalCount is an object, want Int`,
		},
		"string for an object":  {"clientsSearch", "x", `clientsSearch is a string, want ClientSearchResults`},
		"number for an object":  {"clientsSearch", 1, `clientsSearch is a number, want ClientSearchResults`},
		"boolean for an object": {"clientsSearch", true, `clientsSearch is a boolean, want ClientSearchResults`},
		"no JSON":               {"clientsSearch", func() {}, `the reply does not encode`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			fake := taegistest.NewTransport(r)
			fake.Reply(reply.operation, reply.value)
			if got := r.single(t); !strings.HasPrefix(got, "taegistest: ") || !strings.Contains(got, reply.want) {
				t.Errorf("failure %q, want %q", got, reply.want)
			}
			if r.helpers == 0 {
				t.Error("the failure names a line of taegistest, not of the test")
			}
		})
	}
}

func TestUnionsAreChecked(t *testing.T) {
	for value, want := range map[string]string{
		`{"currentSubject":null}`:                          `has no member "currentSubject"`,
		`{"identity":{"__typename":"Client","name":"n"}}`:  "",
		`{"identity":{"__typename":"Client","email":"e"}}`: `type Client has no member "email"`,
		`{"identity":{"__typename":"User"}}`:               `identity has no type User`,
		`{"identity":{"email":"e"}}`:                       "",
		`{"identity":{"mail":"e"}}`:                        `has no member "mail": did you mean email`,
	} {
		r := &recorder{TB: t}
		taegistest.NewTransport(r).Reply("currentSubject", json.RawMessage(value))
		switch {
		case want == "" && len(r.failures) > 0:
			t.Errorf("%s: failures %q", value, r.failures)
		case want != "" && !strings.Contains(r.single(t), want):
			t.Errorf("%s: failure %q, want %q", value, r.failures, want)
		}
	}
}

func TestEachWayToPrepareIsChecked(t *testing.T) {
	for name, prepare := range map[string]func(*taegistest.Transport){
		"Fail":   func(fake *taegistest.Transport) { fake.Fail("clientSearch", errors.New("broken")) },
		"Stream": func(fake *taegistest.Transport) { fake.Stream("eventQuery", nil, map[string]any{"statu": nil}) },
		"Handle": func(fake *taegistest.Transport) { fake.Handle("clientSearch", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			prepare(taegistest.NewTransport(r))
			if got := r.single(t); !strings.Contains(got, "did you mean") {
				t.Errorf("failure %q has no hint", got)
			}
		})
	}
}

func TestHandledRepliesAreChecked(t *testing.T) {
	r := &recorder{TB: t}
	fake := taegistest.NewTransport(r)
	fake.Handle("createClient", func(context.Context, *core.Request) (any, error) {
		return map[string]any{"secret": "s"}, nil
	})
	if len(r.failures) > 0 {
		t.Errorf("failures before the request: %q", r.failures)
	}
	if err := fake.Execute(t.Context(), request("createClient"), nil); err != nil {
		t.Error(err)
	}
	if got := r.single(t); !strings.Contains(got, `type NewClient has no member "secret"`) {
		t.Errorf("failure %q", got)
	}
}

func TestUncheckedOperations(t *testing.T) {
	r := &recorder{TB: t}
	fake := taegistest.NewTransport(r)
	fake.Unchecked("mine", "createClient")
	fake.Reply("mine", 1)
	fake.Reply("createClient", map[string]any{"alias": "s"})
	if len(r.failures) > 0 {
		t.Errorf("failures %q", r.failures)
	}
}
