package emulator_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// refused are the operations that find no record with a made-up ID, and those for which a made-up
// text is no query. All others answer.
const refused = `
	addCaseComment addCommentToInvestigation addEvidenceToCase addEvidenceToInvestigation
	alertHistoryByID alertsServiceBulkInvestigationsProcessor
	alertsServiceUpdateInvestigationInfo alertsServiceUpdateResolutionInfo appendClientRoles
	archiveInvestigationV2 assignBulkAssetsToGroupStatus bulkDeleteTagsForEndpointsStatusV2
	bulkReconnectByScopeStatus bulkReconnectNativeAssetsStatus bulkUninstallNativeAssetsStatus
	bulkUpdateTagsForEndpointsStatusV2 caseComments changesSince client closeInvestigation
	commentsV2 deleteAssetsStatusV2 deleteCaseComment deleteCaseFile deleteClient
	deleteInvestigationComment deleteInvestigationFile deleteRule
	detectionBulkInvestigationsProcessor detectionUpdateInvestigationInfo
	detectionUpdateResolutionInfo disableRule enableRule eventCountByLogicalType
	eventCountPage eventPage eventQuery fetchQueryRelayResults forceRotateClientSecret
	initInvestigationFileUpload isolateAsset removeClientRoles removeEvidenceFromCase
	removeEvidenceFromInvestigation restoreAssetsStatusV2 restoreRule rotateClientSecret
	searchResults splitCase startCaseFileUpload unarchiveInvestigationV2 updateCase
	updateCaseComment updateInvestigationComment updateInvestigationV2 updateRule
	updateTagsForEndpointStatusV2
`

func TestEveryOperationAnswers(t *testing.T) {
	now := time.Now()
	fixed := emulator.Config{Now: func() time.Time { return now }}
	s, again := start(t, fixed), start(t, fixed)
	environment, err := core.NewEnvironment("loopback", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	access, accessAgain := token(t, s), token(t, again)
	services, err := schema.Services(core.PlatformTaegis)
	if err != nil {
		t.Fatal(err)
	}
	total, refusals := 0, map[string]bool{}
	for _, service := range services {
		def := sdl(t, service.Name)
		for kind, root := range map[core.OperationKind]*ast.Definition{core.KindQuery: def.Query, core.KindMutation: def.Mutation, core.KindSubscription: def.Subscription} {
			if root == nil {
				continue
			}
			for _, field := range root.Fields {
				if strings.HasPrefix(field.Name, "__") {
					continue
				}
				total++
				req := &core.Request{
					Operation:   &core.Operation{Name: field.Name, Kind: kind, Gateway: service.Gateway},
					Document:    string(kind) + " " + field.Name + " { " + example(def, field) + " }",
					Environment: environment, Token: core.NewSecret(access),
				}
				first := run(t, req, refusals)
				req.Environment, _ = core.NewEnvironment("loopback", again.URL)
				req.Token = core.NewSecret(accessAgain)
				second := run(t, req, refusals)
				if kind != core.KindQuery || service.Name == "clients" || service.Name == "subjects" {
					continue
				}
				if string(first) != string(second) {
					t.Errorf("%s differs between two servers:\n%.500s\n%.500s", field.Name, first, second)
				}
			}
		}
	}
	t.Logf("%d operations of %d services answer", total, len(services))
	if got := slices.Sorted(maps.Keys(refusals)); !slices.Equal(got, strings.Fields(refused)) {
		t.Errorf("refused %s", strings.Join(got, " "))
	}
	if total != 1002 {
		t.Errorf("%d operations, want 1002", total)
	}
}

// refusedOnFusion are the operations of the successor that refuse the made-up values of this test:
// the ID of a record that does not exist or of a setting, a query, or an input that is incomplete.
const refusedOnFusion = `
	addCaseComment addEvidenceToCase alertsCountByTenant alertsServiceBulkInvestigationsProcessor
	alertsServiceUpdateInvestigationInfo alertsServiceUpdateResolutionInfo
	cancelLiveDiscoverQueryRun case caseComments caseEvidence createCase createCaseLink
	deleteCaseComment deleteCaseFile deleteCaseLink detectionBulkInvestigationsProcessor
	detectionCountByTenant detectionUpdateInvestigationInfo detectionUpdateResolutionInfo events
	liveDiscoverQueryRun mergeCase removeEvidenceFromCase runLiveDiscoverQuery splitCase
	startCaseFileUpload updateCase updateCaseComment updateCaseLink`

// The same for the operations of the successor, in documents that select what has no arguments.
func TestEveryOperationOfFusion(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fixed := emulator.Config{Now: func() time.Time { return now }}
	first, second := &onFusion{t: t, server: start(t, fixed)}, &onFusion{t: t, server: start(t, fixed)}
	services, err := schema.Services(core.PlatformFusion)
	if err != nil {
		t.Fatal(err)
	}
	total, refusals := 0, map[string]bool{}
	for _, service := range services {
		def := sdl(t, service.Name)
		for kind, root := range map[string]*ast.Definition{"query": def.Query, "mutation": def.Mutation} {
			if root == nil {
				continue
			}
			for _, field := range root.Fields {
				if strings.HasPrefix(field.Name, "__") {
					continue
				}
				total++
				document := kind + " " + field.Name + " { " + example(def, field) + " }"
				answer, again := first.post(document, nil), second.post(document, nil)
				switch code, path, _ := answer.first(); {
				case code == "":
				case (code == "DOWNSTREAM_SERVICE_ERROR" || code == "BAD_REQUEST") && path == "["+field.Name+"]":
					refusals[field.Name] = true
				default:
					t.Errorf("%s: %v\n%s", field.Name, answer.errors, document)
				}
				if kind == "query" && string(answer.body["data"]) != string(again.body["data"]) {
					t.Errorf("%s differs between two servers:\n%.500s\n%.500s", field.Name, answer.body["data"], again.body["data"])
				}
			}
		}
	}
	if got := slices.Sorted(maps.Keys(refusals)); !slices.Equal(got, slices.Sorted(slices.Values(strings.Fields(refusedOnFusion)))) {
		t.Errorf("refused %s", strings.Join(got, " "))
	}
	if total != 90 {
		t.Errorf("%d operations, want 90", total)
	}
}

// run makes a call and checks that there is an answer without errors, or that the server refuses a
// made-up value; of a subscription it returns the last message.
func run(t *testing.T, req *core.Request, refusals map[string]bool) json.RawMessage {
	t.Helper()
	fail := func(err error) {
		response, ok := errors.AsType[*core.ResponseError](err)
		if ok && len(response.Errors) == 1 {
			switch response.Errors[0].Extensions["code"] {
			case "NOT_FOUND", "BAD_USER_INPUT":
				refusals[req.Operation.Name] = true
				return
			}
		}
		t.Errorf("%s: %v\n%s", req.Operation.Name, err, req.Document)
	}
	wire := &transport.HTTP{}
	var value json.RawMessage
	if req.Operation.Kind != core.KindSubscription {
		if err := wire.Execute(t.Context(), req, &value); err != nil {
			fail(err)
		}
		return value
	}
	messages := 0
	for message, err := range wire.Subscribe(t.Context(), req) {
		if err != nil {
			fail(err)
			return nil
		}
		value = message
		messages++
	}
	if messages == 0 {
		t.Errorf("%s: no message", req.Operation.Name)
	}
	return value
}

// example writes a call of a field with its required arguments and all that it selects.
func example(s *ast.Schema, field *ast.FieldDefinition) string {
	var arguments []string
	for _, a := range field.Arguments {
		if a.Type.NonNull {
			arguments = append(arguments, a.Name+": "+literal(s, a.Type, 0))
		}
	}
	text := field.Name
	if len(arguments) > 0 {
		text += "(" + strings.Join(arguments, ", ") + ")"
	}
	return text + " " + selection(s, field.Type.Name(), 3)
}

// selection selects what needs no arguments, so many levels deep.
func selection(s *ast.Schema, typeName string, depth int) string {
	def := s.Types[typeName]
	switch def.Kind {
	case ast.Scalar, ast.Enum:
		return ""
	case ast.Union:
		var members strings.Builder
		for _, member := range def.Types {
			members.WriteString(" ... on " + member + " { __typename }")
		}
		return "{ __typename" + members.String() + " }"
	}
	fields := []string{"__typename"}
	for _, f := range def.Fields {
		composite := s.Types[f.Type.Name()].IsCompositeType()
		required := slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull })
		if required || composite && depth == 0 {
			continue
		}
		fields = append(fields, f.Name+" "+selection(s, f.Type.Name(), depth-1))
	}
	return "{ " + strings.Join(fields, " ") + " }"
}

// literal writes a value of a type.
func literal(s *ast.Schema, t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + literal(s, t.Elem, depth) + "]"
	}
	def := s.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.InputObject:
		var members []string
		for _, f := range def.Fields {
			if f.Type.NonNull {
				members = append(members, f.Name+": "+literal(s, f.Type, depth+1))
			}
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	switch t.NamedType {
	case "Boolean":
		return "true"
	case "Int", "Float", "Int64", "Uint64", "Uint32", "Uint8", "Long", "BigInt":
		return "1"
	case "JSON", "Map", "Any", "JSONObject":
		return `{a: 1}`
	}
	return `"x"`
}
