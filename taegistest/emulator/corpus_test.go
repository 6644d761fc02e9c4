package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// queryCases are examples of queries and mistakes, from the tests of package cql.
func queryCases(t *testing.T) (examples []string, mistakes map[string]int) {
	t.Helper()
	text, err := os.ReadFile("../../cql/testdata/query-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Examples, Mistakes []struct {
			Query, Kind string
			Column      int
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	mistakes = map[string]int{}
	for _, c := range cases.Examples {
		examples = append(examples, c.Query)
	}
	for _, c := range cases.Mistakes {
		if c.Kind == "syntax" {
			mistakes[c.Query] = c.Column
		}
	}
	return examples, mistakes
}

// ofService returns the service that a query is for: "alerts", "cases", "files" or "events".
func ofService(query string) string {
	switch {
	case strings.HasPrefix(query, "FROM alert"), strings.HasPrefix(query, "FROM detection"):
		return "alerts"
	case strings.HasPrefix(query, "WHERE status"):
		return "cases"
	case strings.HasPrefix(query, "isEmbedded"):
		return "files"
	}
	return "events"
}

func TestExamplesOfQueriesAreAnswered(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	examples, _ := queryCases(t)
	for _, query := range examples {
		switch text := fmt.Sprintf("%q", query); ofService(query) {
		case "alerts":
			value(t, s, access, "alertsServiceSearch", `{ alertsServiceSearch(in: {cql_query: `+text+`}) { status } }`)
		case "cases":
			value(t, s, access, "investigationsV2", `{ investigationsV2(arguments: {cql: `+text+`}) { totalCount } }`)
		case "events":
			messages := subscribe(t, s, access, "eventQuery(query: "+text+")")
			if last := messages[len(messages)-2].Query; last.Status != "SUCCEEDED" {
				t.Errorf("%s: %s", query, last.Status)
			}
		}
	}
}

func TestMistakesInQueriesHavePositions(t *testing.T) {
	e, access := local(t, emulator.Config{})
	_, mistakes := queryCases(t)
	const search = `query ($q: String) { alertsServiceSearch(in: {cql_query: $q}) { status reason } }`
	for query, column := range mistakes {
		position := fmt.Sprintf("line 1, column %d:", column)
		r := ask(t, e, gateway, access, "", search, map[string]any{"q": query})
		if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, position) || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s: %v, want %s", query, r.Errors, position)
		}
	}
	for query, part := range map[string]string{
		"FROM process EARLIEST=-1d":                                "line 1, column 6: alerts has no type",
		"FROM alert WHERE a\n= 1 AND severity > 1":                 "line 1, column 18: alert has no field",
		"FROM alert\nWHERE @ip MATCHES_REGEX '('":                  "line 2, column 25: not a regular expression",
		"FROM alert EARLIEST=-1d | sort severity":                  "line 1, column 27: detections cannot be sorted",
		"EARLIEST=-1h LATEST=-2h":                                  "line 1, column 10: EARLIEST is after LATEST",
		"EARLIEST='yesterday'":                                     "column 10",
		"FROM alert EARLIEST='2026-02-28T23:00:00+01:00' | head 1": "column 21",
	} {
		r := ask(t, e, gateway, access, "", search, map[string]any{"q": query})
		if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, part) {
			t.Errorf("%s: %v, want %q", query, r.Errors, part)
		}
	}
	e.Configure(func(c *emulator.Config) { c.Behavior.QueryErrorsInBand = true })
	var data map[string]alertPart
	ask(t, e, gateway, access, "", search, map[string]any{"q": "FROM"}).into(t, &data)
	if got := data["alertsServiceSearch"]; got.Status != "INVALID_REQUEST" || !strings.Contains(got.Reason, "line 1, column 5") {
		t.Errorf("in band: %+v", got)
	}
}

func TestTenantsAreIsolated(t *testing.T) {
	e, access := local(t, emulator.Config{
		Corpus:  emulator.Corpus{Tenants: 2, Alerts: 300, Cases: 60},
		Clients: append(emulator.DemoClients(), emulator.Client{ID: "other", Secret: "s", Tenant: "999"}),
	})
	tenants := corpus.New(emulator.DemoTenant, corpus.Size{Tenants: 2}).TenantIDs()
	const query = `{ alertsServiceSearch(in: {limit: 1000}) { alerts { total_results list { id tenant { id } } } } }`
	type result struct {
		AlertsServiceSearch struct {
			Alerts struct {
				Total int `json:"total_results"`
				List  []struct {
					ID     string
					Tenant struct{ ID string }
				}
			}
		}
	}
	sum := 0
	for _, tenant := range append(tenants, "") {
		var data result
		ask(t, e, gateway, access, tenant, query, nil).into(t, &data)
		alerts := data.AlertsServiceSearch.Alerts
		child := tenant != "" && tenant != emulator.DemoTenant
		if child {
			sum += alerts.Total
		} else if alerts.Total != 300 {
			t.Errorf("%q sees %d alerts", tenant, alerts.Total)
		}
		for _, a := range alerts.List {
			if child && (a.Tenant.ID != tenant || !strings.Contains(a.ID, ":"+tenant+":")) {
				t.Errorf("%s sees an alert of %s", tenant, a.Tenant.ID)
			}
		}
	}
	if sum < 100 || sum >= 300 {
		t.Errorf("the children have %d alerts", sum)
	}
	e.AddClient(emulator.Client{ID: "child", Secret: "s", Tenant: tenants[1]})
	child := e.Token("child")
	for name, test := range map[string]struct{ access, tenant string }{
		"a foreign tenant":          {access, "999"},
		"the partner of a child":    {child, emulator.DemoTenant},
		"a sister":                  {child, tenants[2]},
		"the tenant of another one": {e.Token("other"), emulator.DemoTenant},
	} {
		if r := ask(t, e, gateway, test.access, test.tenant, query, nil); r.status != http.StatusForbidden || len(r.Errors) != 1 {
			t.Errorf("%s: %d %v", name, r.status, r.Errors)
		}
	}
	var own, others result
	ask(t, e, gateway, child, tenants[1], query, nil).into(t, &own)
	ask(t, e, gateway, e.Token("other"), "", query, nil).into(t, &others)
	if n := own.AlertsServiceSearch.Alerts.Total; n == 0 || n > 200 {
		t.Errorf("a child sees %d alerts", n)
	}
	if len(others.AlertsServiceSearch.Alerts.List) == 0 {
		t.Error("another root tenant has no alerts")
	}
	for _, a := range others.AlertsServiceSearch.Alerts.List {
		if slices.Contains(tenants, a.Tenant.ID) {
			t.Errorf("another root tenant sees an alert of %s", a.Tenant.ID)
		}
	}
}

// A million alerts cost nothing until a search reads them, and a narrow window reads only its own.
func TestAMillionAlertsAreCheap(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, begin := heap(), time.Now()
	now := time.Now()
	e, access := local(t, emulator.Config{
		Corpus: emulator.Corpus{Alerts: 1_000_000, Events: 1_000_000, Cases: 100_000, Tenants: 1000, Span: 30 * 24 * time.Hour},
		Now:    func() time.Time { return now },
	})
	started := time.Since(begin)
	idle := heap() - min(before, heap())
	ask(t, e, gateway, access, "", "{ __typename }", nil)
	before, begin = heap(), time.Now()
	ids := findAlerts(t, e, access, "", map[string]any{"cql_query": "EARLIEST=-1h", "limit": 10_000})
	narrow := time.Since(begin)
	if len(ids) < 1300 || len(ids) > 1400 { // a 720th
		t.Errorf("%d alerts in an hour", len(ids))
	}
	begin = time.Now()
	var data map[string]alertPart
	ask(t, e, gateway, access, "", "{ alertsServiceSearch(in: {cql_query: \"EARLIEST=-40d\", limit: 1000000}) { alerts { total_results total_parts } } }", nil).into(t, &data)
	wide := time.Since(begin)
	if got := data["alertsServiceSearch"].Alerts.Total; got != 1_000_000 {
		t.Errorf("%d alerts in all", got)
	}
	grown := heap() - min(before, heap())
	t.Logf("start %v, idle heap %d KB; an hour of 30 days %v; all %v, heap then %d KB", started, idle>>10, narrow, wide, grown>>10)
	testutil.Within(t, "starting", started, 10*time.Millisecond)
	testutil.Within(t, "an hour of a month", narrow, time.Second)
	testutil.Within(t, "a search of a million", wide, 10*time.Second)
	if idle > 4<<20 || grown > 32<<20 {
		t.Errorf("the heap grew by %d bytes at the start and %d for all", idle, grown)
	}
}

func TestLateRecordsAppearLater(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	clock := now
	e, access := local(t, emulator.Config{
		Corpus: emulator.Corpus{Alerts: 500, Late: time.Hour, Span: time.Hour},
		Now:    func() time.Time { return clock }, TokenLifetime: 24 * time.Hour,
	})
	in := map[string]any{"cql_query": "EARLIEST='2026-03-02T11:00:00Z' LATEST='2026-03-02T12:00:00Z'", "limit": 1000}
	early := findAlerts(t, e, access, "", in)
	clock = now.Add(time.Hour)
	late := findAlerts(t, e, access, "", in)
	if len(late) != 500 || len(early) >= 500 || len(early) < 450 {
		t.Errorf("%d at once, %d later", len(early), len(late))
	}
}

func TestRecordsChangeBetweenParts(t *testing.T) {
	var e *emulator.Emulator
	inserted := ""
	e, access := local(t, emulator.Config{OnExecute: func(operation string, _ map[string]any) {
		if operation == "alertsServicePoll" && inserted == "" {
			inserted = e.InsertAlert(emulator.Alert{Title: "New"})
		}
	}})
	in := map[string]any{"cql_query": "FROM alert", "limit": 100}
	if ids := findAlerts(t, e, access, "", in); len(ids) != 25 {
		t.Errorf("%d alerts during the change", len(ids))
	}
	ids := findAlerts(t, e, access, "", in)
	if len(ids) != 26 || ids[0] != inserted {
		t.Errorf("%d alerts after the change, the first is %q, want %q", len(ids), ids[0], inserted)
	}
	if !e.UpdateAlert(inserted, emulator.Alert{Status: "DISMISSED"}) || e.UpdateAlert("alert://x", emulator.Alert{}) {
		t.Error("UpdateAlert finds the wrong alerts")
	}
	in["cql_query"] = "FROM alert WHERE status = 'dismissed' AND metadata.title = 'new'"
	if ids := findAlerts(t, e, access, "", in); len(ids) != 1 || ids[0] != inserted {
		t.Errorf("after the update: %q", ids)
	}
}
