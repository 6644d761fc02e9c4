package introspection_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/introspection"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// request asks the gateway of a server as the demo client.
func request(server *emulator.Server, gateway string) *core.Request {
	return &core.Request{
		Operation:   &core.Operation{Service: "any", Name: "any", Gateway: gateway, Selection: "{ id }"},
		Args:        map[string]any{"a": 1},
		Environment: server.Environment,
		Token:       core.NewSecret(server.Token(emulator.DemoClientID)),
		Tenant:      "145831",
		Header:      http.Header{"X-Own": {"mine"}},
	}
}

func load(t *testing.T, name, text string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// Every gateway returns everything in its services' SDL, and its printed form is SDL.
func TestFetchFromEveryGateway(t *testing.T) {
	server := taegistest.NewServer(t)
	services, err := schema.Services(core.PlatformTaegis)
	if err != nil {
		t.Fatal(err)
	}
	fetched := map[string]*ast.Schema{}
	for _, service := range services {
		got := fetched[service.Gateway]
		if got == nil {
			if got, err = introspection.Fetch(t.Context(), &transport.HTTP{}, request(server, service.Gateway)); err != nil {
				t.Fatal(err)
			}
			fetched[service.Gateway] = got
			text := introspection.Print(got)
			if again := introspection.Print(load(t, service.Gateway, text)); again != text {
				t.Errorf("%s: printed, loaded and printed, it is another schema", service.Gateway)
			}
		}
		text, err := schema.SDL(service.Name)
		if err != nil {
			t.Fatal(err)
		}
		contains(t, service, got, load(t, service.Name, text))
	}
}

// settledFields returns the scalars of input fields that the SDL does not tell, for which public
// clients agree on one.
func settledFields(t *testing.T) map[string]string {
	t.Helper()
	services, err := schema.Settled()
	if err != nil {
		t.Fatal(err)
	}
	scalars := map[string]string{}
	for _, service := range services {
		for _, f := range service.InputFields {
			if f.Note == "" {
				scalars[f.On+"."+f.Name] = strings.Trim(f.Type, "[]!")
			}
		}
	}
	return scalars
}

// contains checks that got has all of want. If several services of a gateway declare a field
// differently, only one declaration is served, so only the names of types are compared.
func contains(t *testing.T, service schema.Service, got, want *ast.Schema) {
	t.Helper()
	settled := settledFields(t)
	for name, def := range want.Types {
		if strings.HasPrefix(name, "__") { // introspection itself, of which gateways have several editions
			continue
		}
		have := got.Types[name]
		if have == nil || have.Kind != def.Kind {
			t.Errorf("%s: %s became %+v", service.Name, name, have)
			continue
		}
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			field := have.Fields.ForName(f.Name)
			wanted := f.Type.Name()
			if scalar, found := settled[name+"."+f.Name]; found {
				wanted = scalar
			}
			if field == nil || field.Type.Name() != wanted || len(field.Arguments) < len(f.Arguments) {
				t.Errorf("%s: %s.%s became %+v", service.Name, name, f.Name, field)
				continue
			}
			known := def.Kind != ast.InputObject || service.InputValueDeprecation
			if known && isDeprecated(f.Directives) && !isDeprecated(field.Directives) {
				t.Errorf("%s: %s.%s is not deprecated any more", service.Name, name, f.Name)
			}
		}
		for _, v := range def.EnumValues {
			if have.EnumValues.ForName(v.Name) == nil {
				t.Errorf("%s: %s lost %s", service.Name, name, v.Name)
			}
		}
		if len(have.Types) < len(def.Types) || len(got.PossibleTypes[name]) < len(want.PossibleTypes[name]) {
			t.Errorf("%s: %s has %d possible types, want %d", service.Name, name, len(got.PossibleTypes[name]), len(want.PossibleTypes[name]))
		}
	}
}

func isDeprecated(list ast.DirectiveList) bool { return list.ForName("deprecated") != nil }

func TestFetchCopiesWhereToAndAsWhom(t *testing.T) {
	server := taegistest.NewServer(t)
	req := request(server, "/graphql")
	if _, err := introspection.Fetch(t.Context(), &transport.HTTP{}, req); err != nil {
		t.Fatal(err)
	}
	requests := server.Requests()
	header := requests[len(requests)-1].Header
	if header.Get("X-Tenant-Context") != "145831" || header.Get("X-Own") != "mine" {
		t.Errorf("header %v", header)
	}
	if req.Document != "" || req.Operation.Name != "any" || req.Args == nil {
		t.Errorf("the request was changed: %+v", req)
	}
}

// A gateway is asked in simpler and simpler words until it understands.
func TestFetchFromOlderServers(t *testing.T) {
	schema := load(t, "any", "type Query { a: Int }")
	for _, test := range []struct {
		name   string
		knows  func(document string) bool
		tries  int
		within string // a part of the last question
	}{
		{"newest", func(string) bool { return true }, 1, "inputFields (includeDeprecated: true)"},
		{"no deprecated inputs", func(d string) bool {
			return !strings.Contains(d, "inputFields (") && !strings.Contains(d, "defaultValue isDeprecated")
		}, 2, "fields (includeDeprecated: true)"},
		{"nothing deprecated", func(d string) bool { return !strings.Contains(d, "includeDeprecated") }, 3, "fields {"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := taegistest.NewTransport(t)
			fake.Unchecked("IntrospectionQuery")
			fake.Handle("IntrospectionQuery", func(_ context.Context, req *core.Request) (any, error) {
				if _, err := gqlparser.LoadQueryWithRules(schema, req.Document, nil); err != nil {
					t.Error(err)
				}
				if test.knows(req.Document) {
					return json.RawMessage(answer), nil
				}
				return nil, &core.ResponseError{Status: http.StatusBadRequest, Errors: []core.GraphQLError{{Message: "no"}}}
			})
			if _, err := introspection.Fetch(t.Context(), fake, &core.Request{Operation: &core.Operation{}}); err != nil {
				t.Fatal(err)
			}
			requests := fake.Requests()
			if len(requests) != test.tries || !strings.Contains(requests[len(requests)-1].Document, test.within) {
				t.Errorf("%d questions, want %d; the last was %s", len(requests), test.tries, requests[len(requests)-1].Document)
			}
		})
	}
}

func TestFetchUnavailable(t *testing.T) {
	server := taegistest.NewServer(t)
	const route = "/graphql IntrospectionQuery"
	for _, test := range []struct {
		name  string
		fault emulator.Fault
	}{
		{"off", emulator.Fault{Status: 400, Body: `{"errors":[{"message":"introspection is off"}]}`}},
		{"null", emulator.Fault{Status: 200, Body: `{"data":null}`}},
		{"null schema", emulator.Fault{Status: 200, Body: `{"data":{"__schema":null}}`}},
		{"null schema with an error", emulator.Fault{Status: 200, Body: `{"data":{"__schema":null},"errors":[{"message":"off","path":["__schema"]}]}`}},
		{"no types", emulator.Fault{Status: 200, Body: `{"data":{"__schema":{"queryType":{"name":"Query"},"types":[]}}}`}},
		{"no such type", emulator.Fault{Status: 200, Body: `{"data":{"__schema":{"queryType":{"name":"Query"},"types":[{"kind":"OBJECT","name":"Other"}]}}}`}},
		{"no end of a type", emulator.Fault{Status: 200, Body: `{"data":{"__schema":{"queryType":{"name":"Q"},"types":[{"kind":"OBJECT","name":"Q","fields":[{"name":"f","type":{"kind":"LIST","ofType":null}}]}]}}}`}},
		{"no name", emulator.Fault{Status: 200, Body: `{"data":{"__schema":{"queryType":{"name":"Q"},"types":[{"kind":"OBJECT","name":"Q","fields":[{"name":"a; b","type":{"kind":"OBJECT","name":"Q"}}]}]}}}`}},
		{"not found", emulator.Fault{Status: 404, HTML: true}},
		{"a page", emulator.Fault{Status: 200, HTML: true}},
		{"forbidden", emulator.Fault{Status: 403, Body: `{"message":"Forbidden"}`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.fault.Times = 3 // one for each way to ask
			server.AddFault(route, test.fault)
			_, err := introspection.Fetch(t.Context(), &transport.HTTP{}, request(server, ""))
			unavailable, ok := errors.AsType[*introspection.UnavailableError](err)
			if !ok || unavailable.Gateway != "/graphql" || unavailable.Err == nil || !strings.Contains(server.URL, unavailable.Host) {
				t.Errorf("error %v", err)
			}
			server.ClearFaults()
		})
	}
}

func TestFetchPassesOtherErrorsOn(t *testing.T) {
	server := taegistest.NewServer(t)
	const route = "/graphql IntrospectionQuery"
	for _, test := range []struct {
		name   string
		fault  emulator.Fault
		passed func(error) bool
	}{
		{"connection", emulator.Fault{Drop: true}, func(err error) bool { _, ok := errors.AsType[*core.ConnectionError](err); return ok }},
		{"token", emulator.Fault{RevokeToken: true}, func(err error) bool { return errors.Is(err, core.ErrUnauthorized) }},
		{"outage", emulator.Fault{Status: 503, HTML: true}, answered(503)},
		{"outage in GraphQL", emulator.Fault{Status: 500, Body: `{"errors":[{"message":"oops"}]}`}, answered(500)},
		{"too many", emulator.Fault{Status: 429}, answered(429)},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := server.Count(route)
			test.fault.Times = 1
			server.AddFault(route, test.fault)
			_, err := introspection.Fetch(t.Context(), &transport.HTTP{}, request(server, ""))
			if _, ok := errors.AsType[*introspection.UnavailableError](err); ok || !test.passed(err) {
				t.Errorf("error %v", err)
			}
			if asked := server.Count(route) - before; asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := introspection.Fetch(ctx, &transport.HTTP{}, request(server, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func answered(status int) func(error) bool {
	return func(err error) bool {
		answer, ok := errors.AsType[*core.ResponseError](err)
		return ok && answer.Status == status
	}
}
