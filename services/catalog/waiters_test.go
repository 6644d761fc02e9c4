package catalog_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// work is background work: the operation that begins it, with its arguments, and the method that
// waits for it, with the argument that takes the id of the work.
type work struct{ service, begin, args, wait, id string }

// someAssets is a filter of assets.
const someAssets = `"filter":{"where":{"hostname_contains":"wks-"}}`

var works = []work{
	{"assets2", "updateTagsForEndpointV2", `{"input":{"endpointId":"x","tags":[]}}`, "UpdateTagsForEndpointStatusV2Wait", "id"},
	{"assets2", "deleteAssetsV2", `{"input":{` + someAssets + `}}`, "DeleteAssetsStatusV2Wait", "id"},
	{"assets2", "restoreAssetsV2", `{"input":{` + someAssets + `}}`, "RestoreAssetsStatusV2Wait", "id"},
	{"assets2", "assignBulkAssetsToGroup", `{"input":{` + someAssets + `,"groupId":"g-1"}}`, "AssignBulkAssetsToGroupStatusWait", "id"},
	{"assets2", "bulkUpdateTagsForEndpointsV2", `{"input":{` + someAssets + `,"tags":[]}}`, "BulkUpdateTagsForEndpointsStatusV2Wait", "id"},
	{"assets2", "bulkDeleteTagsForEndpointsV2", `{"input":{` + someAssets + `}}`, "BulkDeleteTagsForEndpointsStatusV2Wait", "id"},
	{"assets2", "bulkReconnectNativeAssets", `{"input":{"where":{"hostname_contains":"wks-"}}}`, "BulkReconnectNativeAssetsStatusWait", "id"},
	{"assets2", "bulkUninstallNativeAssets", `{"input":{` + someAssets + `}}`, "BulkUninstallNativeAssetsStatusWait", "id"},
	{"assets2", "bulkReconnectByScope", `{"input":{"groupIds":["g-1"]}}`, "BulkReconnectByScopeStatusWait", "id"},
	{"investigations2", "createInvestigationV2", `{"input":{"title":"x","alertsSearchQuery":"FROM alert"}}`, "InvestigationV2Wait", "arguments.id"},
	{"investigations2", "createCase", `{"input":{"title":"x","detectionsSearchQuery":"FROM alert"}}`, "CaseWait", "arguments.id"},
	{
		"fusion/cases", "createCase", `{"input":{"typeId":"incident_response","severity":8,"title":"x","primaryStatusId":"new",
		"detectionsSearchQuery":"FROM alert"}}`, "CaseWait", "arguments.id",
	},
	{
		"fusion/live_endpoint_search", "runLiveDiscoverQuery", `{"input":{"adHocQuery":{"template":"select 1"},"matchEndpoints":{"all":true}}}`,
		"LiveDiscoverQueryRunWait", "runId",
	},
	{"search", "createSearch", `{"input":{"text":"FROM process"}}`, "SearchWait", "rn"},
	{"exports", "", ``, "SingleExportWait", "id"},
	{"endpoint_management_service", "", ``, "BulkAssignmentStatusByIDWait", "id"},
	{"endpoint_management_service", "", ``, "BulkAssignmentStatusByRequestIDWait", "requestId"},
}

// TestWaitersAgainstTheEmulator begins work that takes some polls, and waits for it.
func TestWaitersAgainstTheEmulator(t *testing.T) {
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Behavior.Polls = 1 })
	onTaegis := clientOf(t, server.Environment, emulator.DemoClientID, emulator.DemoClientSecret)
	onFusion := clientOf(t, server.Fusion, emulator.DemoSophosClientID, emulator.DemoSophosClientSecret)
	if waiters := methodsEndingIn("Wait"); len(waiters) != len(works) {
		t.Errorf("there are %d methods: %q", len(waiters), waiters)
	}
	for _, w := range works {
		t.Run(w.service+"."+w.wait, func(t *testing.T) {
			t.Parallel()
			client := onTaegis
			if strings.HasPrefix(w.service, "fusion/") {
				client = onFusion
			}
			id := "work-1"
			if w.begin != "" {
				id = begin(t, client, w)
			}
			args := map[string]any{}
			if w.id == "arguments.id" {
				args["arguments"] = map[string]any{"id": id}
			} else {
				args[w.id] = id
			}
			waitFor(t, client, w, args)
		})
	}
}

// methodsEndingIn returns the methods of all services whose names end so.
func methodsEndingIn(suffix string) (names []string) {
	for service, build := range services {
		of := reflect.TypeOf(build(nil))
		for method := range of.Methods() {
			if name := method.Name; strings.HasSuffix(name, suffix) {
				names = append(names, service+"."+name)
			}
		}
	}
	return names
}

// begin calls the operation that begins work, and returns the id of the work.
func begin(t *testing.T, c *taegis.Client, w work) string {
	t.Helper()
	op, err := catalog.Operation(w.service + "." + w.begin)
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		ID, RN           string
		ExecutionSummary struct{ ID string }
	}
	if err := c.Execute(t.Context(), &core.Request{Operation: op, Args: json.RawMessage(w.args)}, &made); err != nil {
		t.Fatal(err)
	}
	return made.ID + made.RN + made.ExecutionSummary.ID
}

// waitFor calls the method that waits for work.
func waitFor(t *testing.T, c *taegis.Client, w work, args map[string]any) {
	t.Helper()
	method := reflect.ValueOf(services[w.service](c)).MethodByName(w.wait)
	in := reflect.New(method.Type().In(1))
	text, err := json.Marshal(args)
	if err == nil {
		err = json.Unmarshal(text, in.Interface())
	}
	if err != nil {
		t.Fatal(err)
	}
	out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in.Elem()})
	if err, failed := reflect.TypeAssert[error](out[1]); failed && err != nil || out[0].IsNil() {
		t.Errorf("the result is %v, %v", out[0], err)
	}
}
