package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// data calls an operation and decodes its value into one of type T.
func data[T any](t *testing.T, e *emulator.Emulator, path, access, query string, variables map[string]any) T {
	t.Helper()
	var members map[string]T
	ask(t, e, path, access, "", query, variables).into(t, &members)
	var found T
	if len(members) != 1 {
		t.Fatalf("%s: %d members of data", query, len(members))
	}
	for _, found = range members {
	}
	return found
}

// refusal calls an operation that has to be refused, and returns the message.
func refusalOf(t *testing.T, e *emulator.Emulator, access, query string, variables map[string]any) string {
	t.Helper()
	r := ask(t, e, gateway, access, "", query, variables)
	if len(r.Errors) != 1 {
		t.Fatalf("%s: %v %s", query, r.Errors, r.Data)
	}
	return r.Errors[0].Message
}

func open(t *testing.T, e *emulator.Emulator, access string) []string {
	t.Helper()
	return findAlerts(t, e, access, "", map[string]any{"cql_query": "FROM alert WHERE status = 'OPEN'", "limit": 1000})
}

func TestAlertsAreResolved(t *testing.T) {
	e, access := local(t, emulator.Config{Corpus: emulator.Corpus{Alerts: 60}})
	before := open(t, e, access)
	const resolve = `mutation ($in: UpdateResolutionRequestInput) { alertsServiceUpdateResolutionInfo(in: $in) { resolution_status reason } }`
	type result struct {
		Status string `json:"resolution_status"`
		Reason string
	}
	in := map[string]any{"alert_ids": before[:2], "resolution_status": "FALSE_POSITIVE", "reason": "ticket"}
	if got := data[result](t, e, gateway, access, resolve, map[string]any{"in": in}); got.Status != "SUCCESS" {
		t.Errorf("%+v", got)
	}
	if after := open(t, e, access); len(after) != len(before)-2 || slices.Contains(after, before[0]) {
		t.Errorf("%d open alerts before, %d after", len(before), len(after))
	}
	in["alert_ids"] = []string{before[2], "alert://unknown"}
	if got := data[result](t, e, gateway, access, resolve, map[string]any{"in": in}); got.Status != "FAILED" || !strings.Contains(got.Reason, "1 of 2") {
		t.Errorf("in part: %+v", got)
	}
	if after := open(t, e, access); len(after) != len(before)-3 {
		t.Errorf("%d open alerts after a failure in part", len(after))
	}
	type version struct {
		Type  string
		Alert struct{ Status string }
	}
	history := data[[]version](t, e, gateway, access, `query ($id: String!) { alertHistoryByID(id: $id) { type alert { status } } }`, map[string]any{"id": before[0]})
	if len(history) != 2 || history[0].Type != "CREATE" || history[0].Alert.Status != "OPEN" ||
		history[1].Type != "RESOLVE" || history[1].Alert.Status != "FALSE_POSITIVE" {
		t.Errorf("history %+v", history)
	}
	in["resolution_status"] = "AUTO_CLOSE"
	if text := refusalOf(t, e, access, resolve, map[string]any{"in": in}); !strings.Contains(text, "AUTO_CLOSE") {
		t.Error(text)
	}
}

func TestBulkResolutionReportsProgress(t *testing.T) {
	s := start(t, emulator.Config{Corpus: emulator.Corpus{Alerts: 100}, Behavior: emulator.Behavior{FailEvery: 10}})
	access := token(t, s)
	before := open(t, s.Emulator, access)
	req := events(t, s, access)
	req.Operation.Name, req.Operation.Gateway = "alertsServiceBulkResolutionProcessor", gateway
	req.Document = `subscription alertsServiceBulkResolutionProcessor { alertsServiceBulkResolutionProcessor(in: {query: "FROM alert WHERE status = 'OPEN'", resolution_status: NOT_ACTIONABLE}) { total_hits total_done total_failed is_complete } }`
	last := fmt.Sprint(string(run(t, req, map[string]bool{})))
	failed := len(before) / 10
	want := fmt.Sprintf(`"total_hits":%d,"total_done":%d,"total_failed":%d,"is_complete":true`, len(before), len(before)-failed, failed)
	if !strings.Contains(last, want) {
		t.Errorf("%s, want %s", last, want)
	}
	if after := open(t, s.Emulator, access); len(after) != failed {
		t.Errorf("%d open alerts after, want %d", len(after), failed)
	}
	if s.Changed(before[0]) != 1 || s.Changed(before[9]) != 0 {
		t.Errorf("changed %d and %d times", s.Changed(before[0]), s.Changed(before[9]))
	}
}

// investigation is what the tests select of a case.
type investigation struct {
	ID, Status, ShortID, Title string
	Alerts                     []string
	ArchivedAt                 *string
	ProcessingStatus           struct{ Alerts, Events string }
}

const caseSelection = "{ id shortId status title alerts archivedAt processingStatus { alerts events } }"

func TestCasesAreClosedInTheBackground(t *testing.T) {
	e, access := local(t, emulator.Config{Corpus: emulator.Corpus{Alerts: 60}})
	ids := open(t, e, access)[:2]
	made := data[investigation](t, e, gateway, access, "mutation ($in: CreateInvestigationInput!) { createInvestigationV2(input: $in) "+caseSelection+" }",
		map[string]any{"in": map[string]any{"title": "Mine", "priority": 2, "alerts": ids}})
	read := func() investigation {
		return data[investigation](t, e, gateway, access, "query ($id: String!) { investigationV2(arguments: {id: $id}) "+caseSelection+" }", map[string]any{"id": made.ID})
	}
	states := []string{made.ProcessingStatus.Alerts}
	for range 3 {
		states = append(states, read().ProcessingStatus.Alerts)
	}
	if want := []string{"RUNNING", "RUNNING", "RUNNING", "SUCCESS"}; !slices.Equal(states, want) {
		t.Errorf("evidence: %q, want %q", states, want)
	}
	if got := read(); !slices.Equal(got.Alerts, ids) || got.Title != "Mine" {
		t.Errorf("%+v", got)
	}
	const archive = `mutation ($id: String!) { archiveInvestigationV2(input: {id: $id}) { id } }`
	const closing = "mutation ($in: CloseInvestigationInput!) { closeInvestigation(input: $in) " + caseSelection + " }"
	id := map[string]any{"id": made.ID}
	if text := refusalOf(t, e, access, archive, id); !strings.Contains(text, "not closed") {
		t.Error(text)
	}
	in := map[string]any{"id": made.ID, "status": "CLOSED_FALSE_POSITIVE_ALERT", "reason": "none"}
	if text := refusalOf(t, e, access, closing, map[string]any{"in": in}); !strings.Contains(text, "alertsResolutionStatus") {
		t.Error(text)
	}
	in["alertsResolutionStatus"] = "FALSE_POSITIVE"
	if got := data[investigation](t, e, gateway, access, closing, map[string]any{"in": in}); got.ProcessingStatus.Alerts != "RUNNING" {
		t.Errorf("%+v", got)
	}
	if !slices.Contains(open(t, e, access), ids[0]) {
		t.Error("the alert is resolved before the work is done")
	}
	for range 3 {
		read()
	}
	if got := open(t, e, access); slices.Contains(got, ids[0]) || slices.Contains(got, ids[1]) {
		t.Error("the alerts are not resolved")
	}
	const update = "mutation ($in: UpdateInvestigationV2Input!) { updateInvestigationV2(input: $in) " + caseSelection + " }"
	if text := refusalOf(t, e, access, update, map[string]any{"in": map[string]any{"id": made.ID, "title": "x"}}); !strings.Contains(text, "closed") {
		t.Error(text)
	}
	ask(t, e, gateway, access, "", archive, id).into(t, new(any))
	if text := refusalOf(t, e, access, update, map[string]any{"in": map[string]any{"id": made.ID, "status": "OPEN"}}); !strings.Contains(text, "archived") {
		t.Error(text)
	}
	ask(t, e, gateway, access, "", `mutation ($id: String!) { unarchiveInvestigationV2(input: {id: $id}) { id } }`, id).into(t, new(any))
	if got := data[investigation](t, e, gateway, access, update, map[string]any{"in": map[string]any{"id": made.ID, "status": "OPEN"}}); got.Status != "OPEN" {
		t.Errorf("reopened: %+v", got)
	}
	r := ask(t, e, gateway, access, "", `mutation ($ids: [String!]) { bulkSetInvestigationStatus(input: {ids: $ids, status: ACTIVE}) { ids } }`,
		map[string]any{"ids": []string{made.ID, "unknown"}})
	if !strings.Contains(string(r.Data), made.ID) || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "unknown") {
		t.Errorf("in bulk: %s %v", r.Data, r.Errors)
	}
	if got := data[any](t, e, gateway, access, `{ investigationV2(arguments: {id: "unknown"}) { id } }`, nil); got != nil {
		t.Errorf("an unknown case: %v", got)
	}
}

func TestFilesNeverSeeAToken(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	list := value(t, s, access, "investigationsV2", `{ investigationsV2(arguments: {cql: "status = 'OPEN'"}) { investigations { id } } }`)
	id := get(list["investigations"].([]any)[0], "id")
	made := value(t, s, access, "initInvestigationFileUpload", fmt.Sprintf(`mutation { initInvestigationFileUpload(input: {investigationId: %q, name: "notes.txt", contentType: "text/plain", size: 5}) { presignedUrl file { id status } } }`, id))
	url := made["presignedUrl"].(string)
	put := func(body, header string) int {
		r := request(t, http.MethodPut, url, "text/plain", body)
		if header != "" {
			r.Header.Set(header, "Bearer x")
		}
		return do(t, r).status
	}
	if strings.HasPrefix(url, s.URL) || put("longer", "") != http.StatusForbidden {
		t.Errorf("%s takes another length", url)
	}
	if put("hello", "Authorization") != http.StatusBadRequest || len(s.Violations()) != 1 {
		t.Errorf("violations: %q", s.Violations())
	}
	if put("hello", "") != http.StatusOK {
		t.Error("no upload")
	}
	file := value(t, s, access, "investigationFileV2", fmt.Sprintf(`{ investigationFileV2(arguments: {fileId: %q}) { status downloadURL } }`, get(made, "file.id")))
	res, err := http.Get(file["downloadURL"].(string)) //nolint:noctx // a test of the server
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err := io.ReadAll(res.Body); err != nil || !bytes.Equal(body, []byte("hello")) || file["status"] != "UPLOADED" {
		t.Errorf("%q, %v, %v", body, err, file)
	}
}

func TestSearchesHaveStates(t *testing.T) {
	now := time.Now()
	e, access := local(t, emulator.Config{Corpus: emulator.Corpus{Events: 200}, Now: func() time.Time { return now }, TokenLifetime: 24 * time.Hour})
	type state struct{ RN, State string }
	made := data[state](t, e, gateway, access, `mutation { createSearch(input: {text: "FROM process, auth"}) { rn state } }`, nil)
	rn := map[string]any{"rn": made.RN}
	const results = `query ($rn: String!, $c: String) { searchResults(rn: $rn, cursor: $c, limit: 30) { values nextCursor totals { total { value } } } }`
	if text := refusalOf(t, e, access, results, rn); !strings.Contains(text, "not ended") {
		t.Error(text)
	}
	states := []string{made.State}
	for range 3 {
		states = append(states, data[state](t, e, gateway, access, `query ($rn: String!) { search(rn: $rn) { rn state } }`, rn).State)
	}
	if want := []string{"QUEUED", "QUEUED", "RUNNING", "SUCCEEDED"}; !slices.Equal(states, want) {
		t.Errorf("%q, want %q", states, want)
	}
	again := data[state](t, e, gateway, access, `mutation { getOrCreateSearch(input: {text: "FROM process, auth"}) { rn state } }`, nil)
	if again.RN != made.RN || again.State != "SUCCEEDED" {
		t.Errorf("again: %+v", again)
	}
	seen, total := map[string]bool{}, 0
	for cursor := any(nil); ; {
		page := data[struct {
			Values     []struct{ Resource_id string }
			NextCursor *string
			Totals     struct{ Total struct{ Value int } }
		}](t, e, gateway, access, results, map[string]any{"rn": made.RN, "c": cursor})
		for _, row := range page.Values {
			seen[row.Resource_id] = true
		}
		total = page.Totals.Total.Value
		if page.NextCursor == nil {
			break
		}
		cursor = *page.NextCursor
	}
	if len(seen) != total || total < 60 {
		t.Errorf("%d rows of %d", len(seen), total)
	}
	if got := data[state](t, e, gateway, access, `{ search(rn: "unknown") { rn state } }`, nil); got.State != "NOTFOUND" {
		t.Errorf("unknown: %+v", got)
	}
	now = now.Add(2 * time.Hour)
	if got := data[state](t, e, gateway, access, `query ($rn: String!) { search(rn: $rn) { rn state } }`, rn); got.State != "UNTRACKED" {
		t.Errorf("expired: %+v", got)
	}
	if text := refusalOf(t, e, access, results, rn); !strings.Contains(text, "no search") {
		t.Error(text)
	}
}

func TestAssetsChangeInTasks(t *testing.T) {
	e, access := local(t, emulator.Config{Corpus: emulator.Corpus{Assets: 50}, Behavior: emulator.Behavior{Polls: 1, FailEvery: 5}})
	const count = `query ($w: AssetWhereInputV2) { assetsV2(filter: {where: $w}) { totalCount } }`
	type total struct{ TotalCount int }
	labs := data[total](t, e, gateway, access, count, map[string]any{"w": map[string]any{"hostname_contains": "LAB-"}})
	type task struct {
		ID, Status string
		Metadata   struct{ NumEndpoints, NumSucceeded, NumFailed int }
	}
	made := data[task](t, e, gateway, access, `mutation { deleteAssetsV2(input: {filter: {where: {hostname_contains: "lab-"}}}) { id status } }`, nil)
	read := func() task {
		return data[task](t, e, gateway, access, `query ($id: String!) { deleteAssetsStatusV2(id: $id) { id status metadata { numEndpoints numSucceeded numFailed } } }`, map[string]any{"id": made.ID})
	}
	first, second := read(), read()
	if made.Status != "TASK_STATE_PENDING" || first.Status != "TASK_STATE_IN_PROGRESS" || second.Status != "TASK_STATE_COMPLETED" {
		t.Errorf("%s, %s, %s", made.Status, first.Status, second.Status)
	}
	left := data[total](t, e, gateway, access, count, map[string]any{"w": map[string]any{"hostname_contains": "lab-"}})
	if m := second.Metadata; labs.TotalCount != 10 || m.NumEndpoints != 10 || m.NumFailed != 2 || left.TotalCount != 2 {
		t.Errorf("%d before, %+v, %d left", labs.TotalCount, m, left.TotalCount)
	}
}

func TestLimitsOfAccounts(t *testing.T) {
	now := time.Now()
	e, access := local(t, emulator.Config{
		Now:      func() time.Time { return now },
		Behavior: emulator.Behavior{Limit: emulator.RateLimit{Requests: 2, Window: 10 * time.Second}, StepUp: []string{"deleteClient"}},
	})
	var codes []int
	for range 3 {
		codes = append(codes, ask(t, e, gateway, access, "", "{ __typename }", nil).status)
	}
	now = now.Add(5 * time.Second)
	codes = append(codes, ask(t, e, gateway, access, "", "mutation { deleteClient(id: \"x\") { id } }", nil).status)
	if want := []int{200, 200, 429, 403}; !slices.Equal(codes, want) {
		t.Errorf("%v, want %v", codes, want)
	}
}

func TestIOCsAreCountedPerDay(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	e, access := local(t, emulator.Config{
		Corpus: emulator.Corpus{Events: 2000, Span: 5 * 24 * time.Hour}, Now: func() time.Time { return now },
	})
	type page struct {
		Next    string
		Results []struct {
			MatchingValue, EventType, Date string
			Count                          int
		}
		Error *struct{ UnavailableDates []string }
	}
	const selection = "{ next results { matchingValue eventType date count } error { message unavailableDates } }"
	const path = "/multi-tenant-ioc/query"
	got := data[page](t, e, path, access, `{ eventCountByLogicalType(arguments: {logicalTypeFilter: {logicalType: DOMAIN, values: ["BAD.example"], operator: EQUALS}, earliest: "20260306", latest: "20260309", limit: 3}) `+selection+" }", nil)
	seen, pages := map[string]bool{}, 1
	for ; ; pages++ {
		for _, r := range got.Results {
			seen[r.MatchingValue+r.EventType+r.Date] = true
			if r.Date < "2026-03-06" || r.Date > "2026-03-09" || r.MatchingValue != "bad.example" || r.Count == 0 {
				t.Errorf("%+v", r)
			}
		}
		if got.Next == "" {
			break
		}
		got = data[page](t, e, path, access, `query ($n: String!) { eventCountPage(nextToken: $n) `+selection+" }", map[string]any{"n": got.Next})
	}
	if pages < 2 || len(seen) < 4 || got.Error != nil {
		t.Errorf("%d pages with %d rows, error %v", pages, len(seen), got.Error)
	}
	today := data[page](t, e, path, access, `{ eventCountByLogicalType(arguments: {logicalTypeFilter: {logicalType: DOMAIN, values: ["bad"], operator: MATCHES_REGEX}, earliest: "20260309", latest: "20260310"}) `+selection+" }", nil)
	if today.Error == nil || !slices.Equal(today.Error.UnavailableDates, []string{"20260310"}) || len(today.Results) == 0 {
		t.Errorf("with today: %+v", today)
	}
}
