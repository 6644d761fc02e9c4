package catalog_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
)

func TestOperations(t *testing.T) {
	for _, service := range []string{"alerts_history", "alertshistory"} {
		operations, err := catalog.Operations(service)
		if err != nil || len(operations) == 0 || operations[0].Service != "alerts_history" {
			t.Errorf("%s: %d operations, %v", service, len(operations), err)
		}
	}
	_, err := catalog.Operations("alert_history")
	if unknown, ok := errors.AsType[*catalog.UnknownServiceError](err); !ok || unknown.Name != "alert_history" || unknown.Similar[0] != "alerts_history" {
		t.Errorf("error %v", err)
	}
}

func TestOperation(t *testing.T) {
	for _, test := range []struct {
		name    string
		kinds   []core.OperationKind
		service string
		kind    core.OperationKind
	}{
		{"createClient", nil, "clients", core.KindMutation},
		{"clients.createClient", nil, "clients", core.KindMutation},
		{"alertshistory.alertHistoryByID", nil, "alerts_history", core.KindQuery},
		{"notifications2.notifications", nil, "notifications2", core.KindSubscription},
		{"eventQuery", []core.OperationKind{core.KindSubscription}, "events", core.KindSubscription},
		{"events.eventQuery", []core.OperationKind{core.KindQuery}, "events", core.KindQuery},
	} {
		op, err := catalog.Operation(test.name, test.kinds...)
		if err != nil || op.Service != test.service || op.Kind != test.kind {
			t.Errorf("%s: %+v, %v", test.name, op, err)
		}
	}
}

func TestOperationErrors(t *testing.T) {
	for _, test := range []struct{ name, service, similar, text string }{
		{"clients.Search", "clients", "clientsSearch", `service clients has no operation "Search": did you mean clientsSearch?`},
		{"creatClient", "", "createClient", `no service has an operation "creatClient": did you mean createClient`},
		{"clients.zz", "clients", "", `service clients has no operation "zz"`},
	} {
		_, err := catalog.Operation(test.name)
		unknown, ok := errors.AsType[*catalog.UnknownOperationError](err)
		if !ok || unknown.Service != test.service || (test.similar == "") != (len(unknown.Similar) == 0) ||
			test.similar != "" && unknown.Similar[0] != test.similar || len(err.Error()) < len(test.text) || err.Error()[:len(test.text)] != test.text {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := catalog.Operation("nowhere.x"); !isUnknownService(err) {
		t.Errorf("error %v", err)
	}
	for name, text := range map[string]string{
		"deleteFile": `several services have an operation "deleteFile": use endpoint_command_manager.deleteFile or investigations.deleteFile`,
		"eventQuery": `events.eventQuery is there as query and as subscription: say which kind`,
	} {
		_, err := catalog.Operation(name)
		if ambiguous, ok := errors.AsType[*catalog.AmbiguousError](err); !ok || ambiguous.Name != name || len(ambiguous.Candidates) != 2 || err.Error() != text {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func isUnknownService(err error) bool {
	_, ok := errors.AsType[*catalog.UnknownServiceError](err)
	return ok
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		words []string
		first catalog.Match // of which only what names it is compared
		where string        // one of the places
	}{
		{[]string{"alerts_history"}, catalog.Match{Service: "alerts_history", Kind: "service"}, ""},
		{[]string{"alertsHistory"}, catalog.Match{Service: "alerts_history", Kind: "service"}, ""},
		{[]string{"createclient"}, catalog.Match{Service: "clients", Name: "createClient", Kind: "mutation"}, ""},
		{[]string{"clients", "rotate"}, catalog.Match{Service: "clients", Name: "rotateClientSecret", Kind: "mutation"}, ""},
		{[]string{"ClientsSearchInput"}, catalog.Match{Service: "clients", Name: "ClientsSearchInput", Kind: "input"}, ""},
		{[]string{"clientssearch", "TOKEN_REQUEST_TIME"}, catalog.Match{Service: "clients", Name: "ClientsSearchSortBy", Kind: "enum"}, "value TOKEN_REQUEST_TIME"},
	} {
		found := catalog.Find(test.words...)
		if len(found) == 0 {
			t.Errorf("%q: nothing", test.words)
			continue
		}
		got := found[0]
		if got.Service != test.first.Service || got.Name != test.first.Name || got.Kind != test.first.Kind ||
			test.where == "" && len(got.MatchedIn) > 0 || test.where != "" && !slices.Contains(got.MatchedIn, test.where) {
			t.Errorf("%q: %+v", test.words, got)
		}
	}
	isOperation := func(m catalog.Match) bool { return m.Name == "clientsSearch" }
	for _, words := range [][]string{{"ClientsSearchInput"}, {"filters", "ClientSearchResults"}} { // a type, an argument and the result
		if !slices.ContainsFunc(catalog.Find(words...), isOperation) {
			t.Errorf("%q does not find clientsSearch", words)
		}
	}
	for _, words := range [][]string{nil, {""}, {"_"}, {"clients", "quark"}} {
		if found := catalog.Find(words...); len(found) != 0 {
			t.Errorf("%q: %+v", words, found)
		}
	}
}
