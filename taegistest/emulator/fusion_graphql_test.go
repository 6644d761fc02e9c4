package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/fusion/cases"
	"github.com/taegis-go/taegis/services/fusion/detections"
	fusionevents "github.com/taegis-go/taegis/services/fusion/events"
	"github.com/taegis-go/taegis/services/fusion/liveendpointsearch"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// onFusion sends requests as a client of the demo tenant does.
type onFusion struct {
	transport.HTTP
	t      *testing.T
	server *emulator.Server
}

func (w *onFusion) Execute(ctx context.Context, req *core.Request, out any) error {
	own := *req
	own.Environment, own.Token = w.server.Fusion, core.NewSecret(w.server.Token(emulator.DemoSophosClientID))
	own.Tenant = w.server.FusionTenant(emulator.DemoTenant)
	return w.HTTP.Execute(ctx, &own, out)
}

func fusionWire(t *testing.T, config emulator.Config) *onFusion {
	t.Helper()
	return &onFusion{t: t, server: start(t, config)}
}

// posted is an answer as it is.
type posted struct {
	status int
	body   map[string]json.RawMessage
	errors []core.GraphQLError
}

// post sends a document.
func (w *onFusion) post(document string, variables map[string]any) posted {
	w.t.Helper()
	text, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		w.t.Fatal(err)
	}
	r := request(w.t, http.MethodPost, w.server.URL+"/fusion/graphql", "application/json", string(text))
	r.Header.Set("Authorization", "Bearer "+w.server.Token(emulator.DemoSophosClientID))
	r.Header.Set("X-Tenant-ID", w.server.FusionTenant(emulator.DemoTenant))
	a := do(w.t, r)
	p := posted{status: a.status}
	if err := json.Unmarshal([]byte(a.text), &p.body); err != nil {
		w.t.Fatalf("%s: %v", a.text, err)
	}
	if list := p.body["errors"]; list != nil {
		if err := json.Unmarshal(list, &p.errors); err != nil {
			w.t.Fatal(err)
		}
	}
	return p
}

// first returns the code, the path and the message of the first error.
func (p posted) first() (code, path, message string) {
	if len(p.errors) == 0 {
		return "", "", ""
	}
	return p.errors[0].Code(), fmt.Sprint(p.errors[0].Path), p.errors[0].Message
}

// TestFusionErrors has each error in the form that the facts say.
func TestFusionErrors(t *testing.T) {
	w := fusionWire(t, emulator.Config{})
	const aCase = `case(arguments: {id: "INV-1"}) { id }`
	for name, test := range map[string]struct {
		document            string
		status              int
		code, path, message string
		data                string // "" if there is none
	}{
		"a document that does not fit": {`{ case(arguments: {id: "1"}) { id nothing } }`, 400, "GRAPHQL_VALIDATION_FAILED", "[]", "Cannot query field", ""},
		"a variable of another type":   {`query ($id: String!) { case(arguments: {id: $id}) { id } }`, 400, "GRAPHQL_VALIDATION_FAILED", "[]", "String!", ""},
		"no document":                  {`{ case(`, 400, "GRAPHQL_PARSE_FAILED", "[]", "", ""},
		"a missing variable":           {`query ($id: ID!) { case(arguments: {id: $id}) { id } }`, 200, "BAD_USER_INPUT", "[]", "$id is required", ""},
		"an unknown case":              {`{ case(arguments: {id: "1"}) { id } }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[case]", "record not found", `{"case":null}`},
		"an unknown case of a list":    {`{ caseComments(arguments: {caseId: "1"}) { totalCount } }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[caseComments]", "record not found", `null`},
		"a query":                      {`{ cases(arguments: {query: "nothing = 1"}) { totalCount } }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[cases]", "does not match any schema type", `null`},
		"a query with FROM":            {`{ caseFiles(arguments: {query: "FROM case_file"}) { totalCount } }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[caseFiles]", "does not match any schema type", `null`},
		"both forms of pages":          {`{ cases(arguments: {pagination: {offset: {page: 1}, cursor: {first: 1}}}) { totalCount } }`, 200, "BAD_REQUEST", "[cases]", "exactly one", `null`},
		"no form of pages":             {`{ cases(arguments: {pagination: {}}) { totalCount } }`, 200, "BAD_REQUEST", "[cases]", "exactly one", `null`},
		"a wrong pair of cursors":      {`{ cases(arguments: {pagination: {cursor: {first: 1, before: "x"}}}) { totalCount } }`, 200, "BAD_REQUEST", "[cases]", "first with", `null`},
		"both directions":              {`{ cases(arguments: {pagination: {cursor: {first: 1, last: 1}}}) { totalCount } }`, 200, "BAD_REQUEST", "[cases]", "first with", `null`},
		"no resource name":             {`{ events(input: {rns: ["0b6f5a1e"]}) { rn } }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[events]", "6 sections", `null`},
		"two fields about cases":       {`{ ` + aCase + ` caseEvidence(arguments: {id: "INV-1"}) { id } }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[case]", "conn busy", `null`},
		"one of them twice":            {`{ a: ` + aCase + ` b: ` + aCase + ` }`, 200, "DOWNSTREAM_SERVICE_ERROR", "[a]", "conn busy", `{"a":null,"b":null}`},
		"lists next to a case":         {`{ ` + aCase + ` caseTypes(arguments: {}) { types { id } } casePrimaryStatuses(arguments: {}) { primaryStatuses { id } } }`, 200, "", "", "", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.post(test.document, nil)
			code, path, message := p.first()
			if p.status != test.status || code != test.code || !strings.Contains(message, test.message) || test.code != "" && path != test.path {
				t.Errorf("%d %s %s %q; want %d %s %s %q", p.status, code, path, message, test.status, test.code, test.path, test.message)
			}
			if data, given := p.body["data"]; given != (test.data != "") || test.data != "*" && string(data) != test.data {
				t.Errorf("the data is %s, want %s", data, test.data)
			}
			if test.code == "DOWNSTREAM_SERVICE_ERROR" && p.errors[0].Extensions["serviceName"] == nil {
				t.Error("no service is named")
			}
		})
	}
}

// A null in a position that cannot be null makes the value around it null, and no further one.
func TestFusionSubjectsFail(t *testing.T) {
	w := fusionWire(t, emulator.Config{Corpus: emulator.Corpus{Comments: 9}})
	list, err := cases.New(w).Cases(t.Context(), cases.CasesArgs{})
	if err != nil {
		t.Fatal(err)
	}
	discussed := ""
	for _, k := range list.Cases {
		if got := w.post(`{ caseComments(arguments: {caseId: "`+k.ID+`"}) { totalCount } }`, nil); !strings.Contains(string(got.body["data"]), `"totalCount":0`) {
			discussed = k.ID
		}
	}
	for field, data := range map[string]string{
		"authorSubject { id }": `"authorSubject":null`, "mentionsSubjects { id }": "null", "authorId": `"authorId":"`,
		"readBySubjects { id }": `"readBySubjects":[{"id":"`,
	} {
		p := w.post(`{ caseComments(arguments: {caseId: "`+discussed+`"}) { comments { `+field+` } } }`, nil)
		fails := strings.HasPrefix(field, "author") && field != "authorId" || strings.HasPrefix(field, "mentions")
		if (len(p.errors) > 0) != fails || !strings.Contains(string(p.body["data"]), data) {
			t.Errorf("%s: %s, %v", field, p.body["data"], p.errors)
		}
	}
}

func TestFusionRefusals(t *testing.T) {
	w := fusionWire(t, emulator.Config{Fusion: emulator.Fusion{Refusals: 2}})
	service := cases.New(w)
	input := cases.CreateCaseInput{TypeID: "incident_response", Severity: 8, Title: "refused", PrimaryStatusID: "new"}
	found := func() int {
		t.Helper()
		list, err := service.Cases(t.Context(), cases.CasesArgs{Arguments: cases.CasesArguments{Query: new("title = 'refused'")}})
		if err != nil {
			t.Fatal(err)
		}
		return list.TotalCount
	}
	for try := 1; try <= 6; try++ {
		made, err := service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: input})
		answer, refused := errors.AsType[*core.ResponseError](err)
		if refused != (try%3 != 0) || (made != nil) == refused {
			t.Fatalf("try %d: %+v, %v", try, made, err)
		}
		if refused && (fmt.Sprint(answer.Errors[0].Path) != "[partnerPreferences]" || answer.Errors[0].Message != "not allowed" || answer.Evidence != core.EvidenceExecuted) {
			t.Errorf("try %d: %v, evidence %v", try, err, answer.Evidence)
		}
	}
	if n := found(); n != 2 {
		t.Errorf("%d cases", n)
	}
	w.server.Configure(func(c *emulator.Config) { c.Fusion.Refusals, c.Fusion.RefusedTakeEffect = -1, true })
	if _, err := service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: input}); err == nil || found() != 3 {
		t.Errorf("a refused case that takes effect: %d cases, %v", found(), err)
	}
}

// A tenant that has not moved has no types of cases, and no error.
func TestFusionTenantThatHasNotMoved(t *testing.T) {
	for _, notMoved := range []bool{false, true} {
		w := fusionWire(t, emulator.Config{})
		if notMoved {
			w.server.Configure(func(c *emulator.Config) { c.Fusion.NotMoved = []string{emulator.DemoTenant} })
		}
		list, err := cases.New(w).CaseTypes(t.Context(), cases.CaseTypesArgs{})
		if err != nil || (len(list.Types) == 0) != notMoved {
			t.Errorf("not moved %t: %d types, %v", notMoved, len(list.Types), err)
		}
	}
}

// What one platform changes, the other finds.
func TestBothPlatformsHaveTheSameRecords(t *testing.T) {
	w := fusionWire(t, emulator.Config{})
	service := cases.New(w)
	made, err := service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: cases.CreateCaseInput{
		TypeID: "incident_response", Severity: 8, Title: strings.Repeat("é", 300), PrimaryStatusID: "new", Tags: []string{"one"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if made.Severity != 8 || len([]rune(made.Title)) != 256 || made.AssigneeID != "" || made.PrimaryStatus.ID != "new" || made.Type.ID != "incident_response" {
		t.Errorf("%+v", made)
	}
	var old struct{ Priority int }
	taegis := &core.Request{
		Operation:   &core.Operation{Name: "investigationV2", Kind: core.KindQuery, Selection: "{ priority }"},
		Document:    `query investigationV2 { investigationV2(arguments: {id: "` + made.ID + `"}) { priority } }`,
		Environment: w.server.Environment, Token: core.NewSecret(w.server.Token(emulator.DemoClientID)),
	}
	var all json.RawMessage
	if err := (&transport.HTTP{}).Execute(t.Context(), taegis, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all, &struct{ InvestigationV2 *struct{ Priority int } }{&old}); err != nil || old.Priority != 4 {
		t.Errorf("on Taegis: %s, %v", all, err)
	}
	result, err := detections.New(w).DetectionSearch(t.Context(), detections.DetectionSearchArgs{In: &detections.SearchRequestInput{
		CQLQuery: new("from alert severity >= 0.1 EARLIEST=-90d"), Limit: new(5),
	}})
	if err != nil || len(result.Alerts.List) == 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	one, err := detections.New(w).Node(t.Context(), detections.NodeArgs{ID: result.Alerts.List[0].ID})
	if err != nil || one.Alert2 == nil || one.Alert2.ID != result.Alerts.List[0].ID {
		t.Errorf("%+v, %v", one, err)
	}
	rn := w.server.InsertEvent(emulator.Event{Type: "process"})
	got, err := fusionevents.New(w).Events(t.Context(), fusionevents.EventsArgs{Input: fusionevents.EventsInput{RNs: []string{rn, rn + "0"}}})
	if err != nil || len(got) != 2 || got[0] == nil || got[0].EventType != "PROCESS" || got[0].RN != rn || got[1] != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestFusionCaseRules has the rules for changes of a case, one after the other.
func TestFusionCaseRules(t *testing.T) {
	w := fusionWire(t, emulator.Config{})
	service := cases.New(w)
	made, err := service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: cases.CreateCaseInput{
		TypeID: "incident_response", Severity: 2, Title: "t", PrimaryStatusID: "new", ManagedBy: new(cases.CaseManagedByCustomer),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change  cases.UpdateCaseInput
		refused string // "" if it is allowed
		status  string
	}{
		{cases.UpdateCaseInput{PrimaryStatusID: new("active"), Tags: []string{"a"}}, "", "active"},
		{cases.UpdateCaseInput{PrimaryStatusID: new("new")}, "no way back", ""},
		{cases.UpdateCaseInput{ManagedBy: new(cases.CaseManagedByProvider)}, "managedBy", ""},
		{cases.UpdateCaseInput{PrimaryStatusID: new("nothing")}, "primaryStatusId", ""},
		{cases.UpdateCaseInput{KeyFindings: &cases.UpdateKeyFindingsDocumentInput{DocumentType: "MARKDOWN", DocumentVersion: "2", Content: "x"}}, "1.0", ""},
		{cases.UpdateCaseInput{PrimaryStatusID: new("closed")}, "verdict", ""},
		{cases.UpdateCaseInput{PrimaryStatusID: new("closed"), PrimaryVerdictID: new("threat_mitigated")}, "", "closed"},
		{cases.UpdateCaseInput{Title: new("x")}, "closed", ""},
		{cases.UpdateCaseInput{PrimaryStatusID: new("active")}, "cleared", ""},
		{cases.UpdateCaseInput{PrimaryStatusID: new("active"), NullFields: []string{"primaryVerdictId"}}, "cleared", ""},
		{cases.UpdateCaseInput{PrimaryStatusID: new("active"), PrimaryVerdictID: new("")}, "", "active"},
		{cases.UpdateCaseInput{PrimaryStatusID: new("closed"), PrimaryVerdictID: new("inconclusive")}, "", "closed"},
		{cases.UpdateCaseInput{IsArchived: new(true)}, "", "closed"},
		{cases.UpdateCaseInput{CloseReason: new("x")}, "archived", ""},
		{cases.UpdateCaseInput{IsArchived: new(false)}, "", "closed"},
	} {
		test.change.ID = made.ID
		changed, err := service.UpdateCase(t.Context(), cases.UpdateCaseArgs{Input: test.change})
		switch {
		case test.refused == "" && (err != nil || changed.PrimaryStatus.ID != test.status):
			t.Errorf("%+v: %+v, %v", test.change, changed, err)
		case test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)):
			t.Errorf("%+v: %v, want %s", test.change, err, test.refused)
		}
	}
}

func TestFusionCaseQueries(t *testing.T) {
	w := fusionWire(t, emulator.Config{Corpus: emulator.Corpus{Cases: 130}})
	service := cases.New(w)
	query := func(text string, p *cases.CasesPagination) *cases.Cases {
		t.Helper()
		list, err := service.Cases(t.Context(), cases.CasesArgs{Arguments: cases.CasesArguments{Query: &text, Pagination: p}})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	list := query("severity >= 6 and closedAt is null | sort updatedAt desc", &cases.CasesPagination{Offset: &cases.OffsetPagination{PerPage: new(200)}})
	if list.TotalCount == 0 || len(list.Cases) != min(list.TotalCount, 100) {
		t.Errorf("%d of %d cases", len(list.Cases), list.TotalCount)
	}
	for i, k := range list.Cases {
		if k.Severity < 6 || k.ClosedAt != "" || i > 0 && k.UpdatedAt > list.Cases[i-1].UpdatedAt {
			t.Errorf("case %d: %+v", i, k)
		}
	}
	all := query("", nil)
	if len(all.Cases) != 20 || all.TotalCount != 130 || !all.PageInfo.HasNextPage {
		t.Errorf("without pagination: %d of %d", len(all.Cases), all.TotalCount)
	}
	second := query("", &cases.CasesPagination{Offset: &cases.OffsetPagination{Page: new(2)}})
	after := query("", &cases.CasesPagination{Cursor: &cases.CursorPagination{First: new(20), After: &all.PageInfo.EndCursor}})
	before := query("", &cases.CasesPagination{Cursor: &cases.CursorPagination{Last: new(20), Before: &second.PageInfo.StartCursor}})
	if second.Cases[0].ID != after.Cases[0].ID || before.Cases[0].ID != all.Cases[0].ID || before.PageInfo.HasPreviousPage {
		t.Error("the two forms of pages differ")
	}
	for _, k := range append(all.Cases, second.Cases...) {
		for name, value := range map[string]string{
			"id": k.ID, "shortId": k.ShortID, "typeId": k.Type.ID, "primaryStatusId": k.PrimaryStatus.ID, "assigneeId": k.AssigneeID,
		} {
			if found := query(name+" = '"+value+"'", nil); found.TotalCount == 0 {
				t.Errorf("%s = %s finds nothing", name, value)
			}
		}
	}
}

func TestFusionLiveDiscover(t *testing.T) {
	w := fusionWire(t, emulator.Config{Behavior: emulator.Behavior{Polls: 2}})
	service := liveendpointsearch.New(w)
	template := &liveendpointsearch.AdHocQueryInput{Template: "select 1"}
	for _, wrong := range []liveendpointsearch.LiveDiscoverExecutionRequest{
		{},
		{AdHocQuery: template, SavedQuery: &liveendpointsearch.SavedQueryInput{QueryID: "q"}},
		{AdHocQuery: template, MatchEndpoints: liveendpointsearch.MatchEndpointsInput{Filters: make([]liveendpointsearch.EndpointFilterInput, 6)}},
	} {
		if _, err := service.RunLiveDiscoverQuery(t.Context(), liveendpointsearch.RunLiveDiscoverQueryArgs{Input: wrong}); err == nil || !strings.Contains(err.Error(), "1 to 5") && !strings.Contains(err.Error(), "exactly one") {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	started, err := service.RunLiveDiscoverQuery(t.Context(), liveendpointsearch.RunLiveDiscoverQueryArgs{Input: liveendpointsearch.LiveDiscoverExecutionRequest{
		AdHocQuery: template, MatchEndpoints: liveendpointsearch.MatchEndpointsInput{All: new(true)},
	}})
	if err != nil || started.ExecutionSummary.Status != liveendpointsearch.ExecutionStatusStarted {
		t.Fatalf("%+v, %v", started, err)
	}
	for read := 1; ; read++ {
		run, err := service.LiveDiscoverQueryRun(t.Context(), liveendpointsearch.LiveDiscoverQueryRunArgs{RunID: started.ExecutionSummary.ID})
		if err != nil {
			t.Fatal(err)
		}
		if done := run.ExecutionSummary.Status == liveendpointsearch.ExecutionStatusFinished; done != (read == 3) {
			t.Fatalf("reading %d: %s", read, run.ExecutionSummary.Status)
		} else if done {
			break
		}
	}
	for _, counted := range []bool{false, true} {
		page, err := service.LiveDiscoverQueries(t.Context(), liveendpointsearch.LiveDiscoverQueriesArgs{
			Params: &liveendpointsearch.LiveDiscoverQueryParams{PageSize: new(10), PageTotal: &counted},
		})
		if err != nil || len(page.Items) != 10 || (page.Pages.Total == 3) != counted {
			t.Errorf("pages counted %t: %+v, %v", counted, page.Pages, err)
		}
	}
}
