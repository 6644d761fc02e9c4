package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// Every schema parses, and describes each of its operations.
func TestEveryOperationIsDescribed(t *testing.T) {
	total := 0
	for _, service := range catalog.Services() {
		s, err := catalog.SchemaFor(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range s.Operations() {
			total++
			d, err := s.Describe(op)
			if err != nil || d.Result == "" || d.CommandLine == "" || d.Gateway == "" || len(d.Arguments) != len(op.Arguments) ||
				(d.ResultType == nil) != (op.Selection == "") && (d.ResultType == nil || d.ResultType.Kind != "enum") && !strings.Contains(d.Result, "JSON") && d.Result != "UUID!" {
				t.Errorf("%s %s: %+v, %v", service, op.Name, d, err)
			}
		}
	}
	if total != 1092 {
		t.Errorf("%d operations, want 1092", total)
	}
}

func TestDescribe(t *testing.T) {
	s, err := catalog.SchemaFor("clients")
	if err != nil {
		t.Fatal(err)
	}
	op, err := s.Operation("appendClientRoles")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Describe(op)
	if err != nil {
		t.Fatal(err)
	}
	got.ResultType = &catalog.Type{Name: got.ResultType.Name, Kind: got.ResultType.Kind, Fields: got.ResultType.Fields[2:4]}
	got.Selection, got.Inputs[0].Fields = got.Selection[:4], got.Inputs[0].Fields[:1]
	want := &catalog.Description{
		Service: "clients", Name: "appendClientRoles", Kind: core.KindMutation, Gateway: "/graphql", Result: "Client", Selection: "{ id",
		Arguments: []catalog.Field{{Name: "id", Type: "String!", Required: true, Uncertain: true}, {Name: "roles", Type: "[ClientRoleAssignmentInput!]!", Required: true}},
		Inputs: []*catalog.Type{{Service: "clients", Name: "ClientRoleAssignmentInput", Kind: "input", Fields: []catalog.Field{
			{Name: "tenant_id", Type: "String", Deprecated: "Use tenantId."},
		}}},
		ResultType: &catalog.Type{Name: "Client", Kind: "type", Fields: []catalog.Field{
			{Name: "client_id", Type: "String", Deprecated: "Use clientId."}, {Name: "clientID", Type: "String"},
		}},
		CommandLine: `taegis call clients appendClientRoles --arg id=ID --arg 'roles:=[{"tenantID":"TENANT_ID","roleID":"ROLE_ID","expiresAt":"2026-01-02T15:04:05Z"}]'`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := s.Describe(&core.Operation{Name: "other"}); !isUnknownOperation(err) {
		t.Errorf("error %v", err)
	}
}

func isUnknownOperation(err error) bool {
	_, ok := errors.AsType[*catalog.UnknownOperationError](err)
	return ok
}

func TestCommandLine(t *testing.T) {
	for name, want := range map[string]string{
		"clients.clientsSearch":     "taegis call clients clientsSearch",
		"clients.createClient":      "taegis call clients createClient --arg name=NAME",
		"clients.removeClientRoles": "taegis call clients removeClientRoles --arg id=ID --arg roles=ROLES",
	} {
		op, err := catalog.Operation(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := catalog.CommandLine(op); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	op, err := catalog.Operation("events.eventQuery", core.KindSubscription)
	if err != nil {
		t.Fatal(err)
	}
	if got := catalog.CommandLine(op); !strings.HasPrefix(got, "taegis call events eventQuery --kind subscription ") {
		t.Error(got)
	}
	if got := catalog.CommandLine(&core.Operation{Name: "createClient"}); got != "" {
		t.Error(got)
	}
}

func TestTypeOf(t *testing.T) {
	got, err := catalog.TypeOf("", "ClientsSearchSortBy")
	if err != nil {
		t.Fatal(err)
	}
	if got.Service != "clients" || got.Kind != "enum" || got.Values[0].Name == "" || !slices.Equal(got.UsedBy, []string{"ClientsSearchInput.sortBy"}) {
		t.Errorf("%+v", got)
	}
	got, err = catalog.TypeOf("clients", "Client")
	if err != nil {
		t.Fatal(err)
	}
	used := []string{"client", "clients", "appendClientRoles", "removeClientRoles", "deleteClient", "ClientSearchResults.results", "NewClient.client"}
	if !slices.Equal(got.UsedBy, used) {
		t.Errorf("used by %q, want %q", got.UsedBy, used)
	}
	if _, err := catalog.TypeOf("nowhere", "Client"); !isUnknownService(err) {
		t.Errorf("error %v", err)
	}
	for _, service := range []string{"", "clients"} {
		_, err := catalog.TypeOf(service, "NewClientt")
		if unknown, ok := errors.AsType[*catalog.UnknownTypeError](err); !ok || unknown.Service != service || unknown.Similar[0] != "NewClient" {
			t.Errorf("error %v", err)
		}
	}
	_, err = catalog.TypeOf("", "Tenant")
	if ambiguous, ok := errors.AsType[*catalog.AmbiguousTypeError](err); !ok || len(ambiguous.Services) < 2 || !strings.Contains(err.Error(), "tenants.Tenant") {
		t.Errorf("error %v", err)
	}
}

// as sends requests to a server, as a client does.
type as struct {
	ports.Transport
	environment core.Environment
	token       core.Secret
}

func (a as) Execute(ctx context.Context, req *core.Request, out any) error {
	req = req.Clone()
	req.Environment, req.Token = a.environment, a.token
	return a.Transport.Execute(ctx, req, out)
}

func transportTo(server *emulator.Server) ports.Transport {
	return as{&transport.HTTP{}, server.Environment, core.NewSecret(server.Token(emulator.DemoClientID))}
}

// A gateway's schema of a service equals the SDK's schema of it. It omits the types of the
// gateway's other services.
func TestLiveSchemasAreTheEmbeddedOnes(t *testing.T) {
	wire := transportTo(taegistest.NewServer(t))
	for _, service := range []string{"clients", "events", "tenants", "agent", "alerts", "investigations2"} {
		live, err := catalog.FetchSchema(t.Context(), wire, service)
		if err != nil {
			t.Fatal(err)
		}
		known, err := catalog.SchemaFor(service)
		if err != nil {
			t.Fatal(err)
		}
		if len(live.UnknownOperations()) != 0 || live.Service() != service || len(live.Operations()) != len(known.Operations()) {
			t.Errorf("%s: %d operations, want %d; unclaimed %q", service, len(live.Operations()), len(known.Operations()), live.UnknownOperations())
		}
		for _, op := range known.Operations() {
			got, err := live.Operation(op.Name, op.Kind)
			if err != nil || got.Selection != op.Selection || got.Deprecated != op.Deprecated || len(got.Arguments) != len(op.Arguments) {
				t.Errorf("%s %s: %+v, %v", service, op.Name, got, err)
			}
			a, _, _ := strings.Cut(live.CommandLine(op), ":=") // the services of a gateway share inputs
			if b, _, _ := strings.Cut(known.CommandLine(op), ":="); a != b {
				t.Errorf("usage %s\nwant  %s", a, b)
			}
		}
		sdl, err := gqlparser.LoadSchema(&ast.Source{Name: service, Input: live.SDL()})
		if err != nil {
			t.Errorf("%s: %v", service, err)
			continue
		}
		embedded, err := gqlparser.LoadSchema(&ast.Source{Name: service, Input: known.SDL()})
		if err != nil {
			t.Fatal(err)
		}
		for name, def := range sdl.Types {
			if want := fieldsOf(embedded.Types[name]); !def.BuiltIn && !slices.Equal(fieldsOf(def), want) {
				t.Errorf("%s: %s has %q, want %q", service, name, fieldsOf(def), want)
			}
		}
	}
}

// fieldsOf are the names of a type's fields and members, sorted.
func fieldsOf(def *ast.Definition) []string {
	if def == nil {
		return nil
	}
	names := slices.Clone(def.Types)
	for _, f := range def.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestLiveGateway(t *testing.T) {
	s, err := catalog.FetchGatewaySchema(t.Context(), transportTo(taegistest.NewServer(t)), core.PlatformTaegis, "/graphql", core.HostAPI)
	if err != nil {
		t.Fatal(err)
	}
	if s.Service() != "" || len(s.UnknownOperations()) != 0 {
		t.Errorf("service %q, unclaimed %q", s.Service(), s.UnknownOperations())
	}
	op, err := s.Operation("createClient")
	if err != nil || op.Service != "clients" {
		t.Errorf("%+v, %v", op, err)
	}
	if _, err := s.Type("Client"); err != nil {
		t.Error(err)
	}
}

// newer is a gateway with only one of the operations of clients, and a new one.
const newer = `{"__schema": {"queryType": {"name": "Query"}, "types": [
	{"kind": "OBJECT", "name": "Query", "fields": [
		{"name": "client", "args": [{"name": "id", "type": {"kind": "NON_NULL", "ofType": {"kind": "SCALAR", "name": "ID"}}}], "type": {"kind": "OBJECT", "name": "Client"}},
		{"name": "brandNew", "args": [
			{"name": "when", "type": {"kind": "NON_NULL", "ofType": {"kind": "SCALAR", "name": "Timestamp"}}},
			{"name": "size", "type": {"kind": "SCALAR", "name": "Int"}}
		], "type": {"kind": "INTERFACE", "name": "Node"}}
	]},
	{"kind": "OBJECT", "name": "Client", "interfaces": [{"name": "Node"}], "fields": [{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}]},
	{"kind": "OBJECT", "name": "Other", "interfaces": [{"name": "Node"}], "fields": [{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}]},
	{"kind": "INTERFACE", "name": "Node", "interfaces": [], "fields": [{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}]},
	{"kind": "SCALAR", "name": "Timestamp"}, {"kind": "SCALAR", "name": "Int"}, {"kind": "SCALAR", "name": "ID"}
]}}`

func TestFetchSchemaNamesWhatIsNew(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("IntrospectionQuery")
	fake.Reply("IntrospectionQuery", json.RawMessage(newer))
	s, err := catalog.FetchSchema(t.Context(), fake, "clients")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Operations()) != 1 || !slices.Equal(s.UnknownOperations(), []string{"brandNew"}) {
		t.Errorf("%d operations, unclaimed %q", len(s.Operations()), s.UnknownOperations())
	}
	for _, name := range []string{"Other", "Timestamp"} { // which only the new one needs
		if _, err := s.Type(name); err == nil {
			t.Errorf("%s is there", name)
		}
	}

	s, err = catalog.FetchSchema(t.Context(), fake, "clients", "brandNew")
	if err != nil {
		t.Fatal(err)
	}
	op, err := s.Operation("brandNew")
	if err != nil || op.Service != "clients" || len(s.UnknownOperations()) != 0 {
		t.Fatalf("%+v, %v, unclaimed %q", op, err, s.UnknownOperations())
	}
	const commandLine = `taegis api 'query ($when: Timestamp!) { brandNew(when: $when) { __typename } }' --gateway /graphql --var 'when:="2026-01-02T15:04:05Z"'`
	if got := s.CommandLine(op); got != commandLine {
		t.Error(got)
	}
	node, err := s.Type("Node")
	if err != nil || !slices.Equal(node.Members, []string{"Client", "Other"}) || !slices.Equal(node.UsedBy, []string{"brandNew", "Client", "Other"}) {
		t.Errorf("%+v, %v", node, err)
	}

	if _, err := catalog.FetchSchema(t.Context(), fake, "clients", "brandnew"); !isUnknownOperation(err) || !strings.Contains(err.Error(), "did you mean brandNew?") {
		t.Errorf("error %v", err)
	}
	if _, err := catalog.FetchSchema(t.Context(), fake, "client"); !isUnknownService(err) {
		t.Errorf("error %v", err)
	}
}

func TestLiveFails(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("IntrospectionQuery")
	fake.Reply("IntrospectionQuery", json.RawMessage(`null`))
	_, err := catalog.FetchSchema(t.Context(), fake, "agent")
	unavailable, ok := errors.AsType[*catalog.UnavailableError](err)
	if !ok || unavailable.Gateway != "/agent-graphql" || !errors.Is(err, unavailable.Err) ||
		!strings.Contains(err.Error(), "/agent-graphql") {
		t.Errorf("error %v", err)
	}
}
