package transport_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// aTenant is a tenant of fusion.
const aTenant = "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"

// createCase is an operation as the generator describes it.
var createCase = &core.Operation{
	Service: "fusion/cases", Name: "createCase", Kind: core.KindMutation, Platform: core.PlatformFusion,
	Arguments: []core.Argument{{Name: "input", Type: "CreateCaseInput!"}},
	RequiredInputs: []core.RequiredInput{
		{Path: "input"},
		{Path: "input.title", Text: true},
		{Path: "input.severity"},
		{Path: "input.keyFindings.content"},
		{Path: "input.links.url", Text: true},
	},
	Selection: "{ id }",
}

// never is a server that must not get a request.
func never(t *testing.T) core.Environment {
	t.Helper()
	env := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	env.Platform = core.PlatformFusion
	return env
}

func TestRequiredInputs(t *testing.T) {
	env := never(t)
	for name, test := range map[string]struct{ args, path, reason string }{
		"no argument":             {`{}`, "input", "it is required"},
		"a null argument":         {`{"input": null}`, "input", "it is required"},
		"no field":                {`{"input": {"severity": 2}}`, "input.title", "it is required"},
		"a null field":            {`{"input": {"title": null, "severity": 2}}`, "input.title", "it is required"},
		"an empty text":           {`{"input": {"title": "", "severity": 2}}`, "input.title", "must not be empty"},
		"no number":               {`{"input": {"title": "x"}}`, "input.severity", "it is required"},
		"within an optional one":  {`{"input": {"title": "x", "severity": 0, "keyFindings": {}}}`, "input.keyFindings.content", "it is required"},
		"within an item":          {`{"input": {"title": "x", "severity": 0, "links": [{"url": "u"}, {}]}}`, "input.links.1.url", "it is required"},
		"within one item of many": {`{"input": {"title": "x", "severity": 1e400, "links": [{"url": ""}]}}`, "input.links.0.url", "must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			req := &core.Request{Operation: createCase, Args: rawArgs(test.args), Environment: env, Tenant: aTenant}
			err := (&transport.HTTP{}).Execute(t.Context(), req, nil)
			fault, ok := errors.AsType[*core.ArgumentError](err)
			if !ok || fault.Operation != "createCase" || fault.Argument != test.path || !strings.Contains(fault.Reason, test.reason) {
				t.Errorf("got %v, want argument %s: %s", err, test.path, test.reason)
			}
		})
	}
}

// What is not set is not checked within, and an empty text that is a value is sent.
func TestRequiredInputsThatAreThere(t *testing.T) {
	for _, args := range []string{
		`{"input": {"title": "x", "severity": 0}}`,
		`{"input": {"title": "x", "severity": 0, "keyFindings": null, "links": []}}`,
		`{"input": {"title": "x", "severity": 0, "keyFindings": {"content": ""}}}`,
	} {
		env := serve(t, answering(200, `{"data": {"createCase": {"id": "1"}}}`))
		env.Platform = core.PlatformFusion
		req := &core.Request{Operation: createCase, Args: rawArgs(args), Environment: env, Tenant: aTenant}
		if err := (&transport.HTTP{}).Execute(t.Context(), req, nil); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestCaseRootsOfADocument(t *testing.T) {
	for name, test := range map[string]struct {
		document, operation string
		roots               string // empty if it is sent
	}{
		"one":                  {`{ case(arguments: {id: "1"}) { id } }`, "", ""},
		"two":                  {`{ case(arguments: {id: "1"}) { id } caseEvidence(arguments: {id: "1"}) { id } }`, "", "case, caseEvidence"},
		"one twice":            {`{ a: case(arguments: {id: "1"}) { id } b: case(arguments: {id: "2"}) { id } }`, "", "case, case"},
		"reference lists":      {`{ caseTypes(arguments: {}) { types { id } } casePrimaryStatuses(arguments: {}) { primaryStatuses { id } } case(arguments: {id: "1"}) { id } }`, "", ""},
		"other fields":         {`{ case(arguments: {id: "1"}) { id } detectionSearch { status } }`, "", ""},
		"in fragments":         {`query { ...A ... on Query { cases(arguments: {}) { totalCount } } } fragment A on Query { case(arguments: {id: "1"}) { id } ...A }`, "", "case, cases"},
		"mutations":            {`mutation { createCase(input: {}) { id } updateCase(input: {}) { id } }`, "", "createCase, updateCase"},
		"of another operation": {`query One { case(arguments: {id: "1"}) { id } } query Two { case(arguments: {id: "1"}) { id } cases(arguments: {}) { totalCount } }`, "One", ""},
		"of its operation":     {`query One { case(arguments: {id: "1"}) { id } } query Two { case(arguments: {id: "1"}) { id } cases(arguments: {}) { totalCount } }`, "Two", "case, cases"},
		"that does not parse":  {`{ case case `, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			env := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				answering(200, `{"data": {"x": 1}}`)(w, r)
			})
			req := &core.Request{Operation: &core.Operation{Name: test.operation}, Document: test.document, Environment: env}
			if err := (&transport.HTTP{}).Execute(t.Context(), req, nil); err != nil || requests != 1 {
				t.Errorf("on Taegis: %d requests, %v", requests, err)
			}
			requests = 0
			req.Environment.Platform, req.Tenant = core.PlatformFusion, aTenant
			err := (&transport.HTTP{}).Execute(t.Context(), req, nil)
			fault, refused := errors.AsType[*core.ArgumentError](err)
			if refused != (test.roots != "") || refused == (requests == 1) {
				t.Fatalf("%d requests, %v", requests, err)
			}
			if refused && (fault.Argument != "document" || !strings.Contains(fault.Reason, "("+test.roots+")") || !strings.Contains(fault.Reason, "conn busy")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The operation of a service is sent to its platform only, by each way of sending.
func TestOperationsStayOnTheirPlatform(t *testing.T) {
	fusion, taegis := never(t), never(t)
	taegis.Platform = core.PlatformTaegis
	greeting := greet(taegis, core.KindQuery).Operation
	greeting.Service = "greetings"
	for _, test := range []struct {
		op    *core.Operation
		env   core.Environment
		parts []string
	}{
		{createCase, taegis, []string{"createCase", "fusion/cases", `"loopback"`, "the platform taegis", "choose the environment fusion"}},
		{greeting, fusion, []string{"greet", "greetings", `"loopback"`, "the platform fusion", "begin with fusion/"}},
	} {
		req := &core.Request{Operation: test.op, Environment: test.env, Tenant: aTenant}
		err := (&transport.HTTP{}).Execute(t.Context(), req, nil)
		var streamed error
		for _, err := range (&transport.HTTP{}).Subscribe(t.Context(), req) {
			streamed = err
		}
		for _, err := range []error{err, streamed} {
			if _, ok := errors.AsType[*core.PlatformError](err); !ok && !strings.Contains(err.Error(), "no subscriptions") {
				t.Errorf("got %v", err)
			}
		}
		lacks := func(part string) bool { return !strings.Contains(err.Error(), part) }
		if slices.ContainsFunc(test.parts, lacks) || !strings.HasSuffix(err.Error(), core.Hint(err)) {
			t.Errorf("%v lacks one of %q", err, test.parts)
		}
	}
}
