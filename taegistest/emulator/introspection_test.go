package emulator_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// gateways returns a service of each gateway, by path.
func gateways(t *testing.T) map[string][]schema.Service {
	t.Helper()
	services, err := schema.Services(core.PlatformTaegis)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string][]schema.Service{}
	for _, s := range services {
		byPath[s.Gateway] = append(byPath[s.Gateway], s)
	}
	return byPath
}

func sdl(t *testing.T, name string) *ast.Schema {
	t.Helper()
	text, err := schema.SDL(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The reference implementation of GraphQL asks every gateway for its schema, rebuilds it and
// prints it; nothing of the services' SDL may be lost on the way.
func TestTheReferenceClientBuildsItsSchema(t *testing.T) {
	node := testutil.Program(t, "node")
	if err := exec.CommandContext(t.Context(), node, "-e", "require('graphql')").Run(); err != nil {
		testutil.Missing(t, "the npm package graphql in NODE_PATH")
	}
	s := start(t, emulator.Config{})
	access := token(t, s)
	for path, services := range gateways(t) {
		t.Run(path, func(t *testing.T) {
			script, err := filepath.Abs("testdata/client_schema.js")
			if err != nil {
				t.Fatal(err)
			}
			deprecation := "yes"
			if slices.ContainsFunc(services, func(s schema.Service) bool { return !s.InputValueDeprecation }) {
				deprecation = "no"
			}
			cmd := exec.CommandContext(t.Context(), node, script, s.URL+path, deprecation)
			cmd.Env = append(os.Environ(), "ACCESS_TOKEN="+access)
			cmd.Stderr = t.Output()
			printed, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			built, err := gqlparser.LoadSchema(&ast.Source{Name: path, Input: string(printed)})
			if err != nil {
				t.Fatal(err)
			}
			for _, service := range services {
				compare(t, service.Name, sdl(t, service.Name), built)
			}
		})
	}
}

// compare checks that built has all of want.
func compare(t *testing.T, service string, want, built *ast.Schema) {
	t.Helper()
	for name, def := range want.Types {
		got := built.Types[name]
		if got == nil || got.Kind != def.Kind {
			t.Errorf("%s: the type %s became %+v", service, name, got)
			continue
		}
		for _, field := range def.Fields {
			have := got.Fields.ForName(field.Name)
			if have == nil || len(have.Arguments) < len(field.Arguments) {
				t.Errorf("%s: %s.%s became %+v", service, name, field.Name, have)
				continue
			}
			for _, a := range field.Arguments {
				if have.Arguments.ForName(a.Name) == nil {
					t.Errorf("%s: %s.%s lost the argument %s", service, name, field.Name, a.Name)
				}
			}
			old, known := field.Directives.ForName("deprecated") != nil, have.Directives.ForName("deprecated") != nil
			if def.Kind == ast.Object && old && !known {
				t.Errorf("%s: %s.%s is no longer deprecated", service, name, field.Name)
			}
		}
		for _, value := range def.EnumValues {
			if got.EnumValues.ForName(value.Name) == nil {
				t.Errorf("%s: %s lost %s", service, name, value.Name)
			}
		}
		for _, member := range def.Types {
			if !slices.Contains(got.Types, member) {
				t.Errorf("%s: %s lost %s", service, name, member)
			}
		}
	}
}

// graphQL asks a gateway.
func graphQL(t *testing.T, s *emulator.Server, path, access, query string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := request(t, http.MethodPost, s.URL+path, "application/json", string(body))
	r.Header.Set("Authorization", "Bearer "+access)
	return do(t, r)
}

func TestIntrospectionCanBeOffOrOld(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	const deprecated = `{ __type(name: "Query") { fields { args(includeDeprecated: true) { name } } } }`
	for path, services := range gateways(t) {
		a := graphQL(t, s, path, access, deprecated, nil)
		rejected := strings.Contains(a.text, "Unknown argument")
		if old := !services[0].InputValueDeprecation; rejected != old {
			t.Errorf("%s: includeDeprecated on arguments rejected: %v, want %v: %s", path, rejected, old, a.text)
		}
	}
	s.Configure(func(c *emulator.Config) { c.NoIntrospection = true })
	if a := graphQL(t, s, "/graphql", access, "{ __schema { queryType { name } } }", nil); !strings.Contains(a.text, "introspection is disabled") {
		t.Errorf("introspection is off: %s", a.text)
	}
	if a := graphQL(t, s, "/graphql", access, "{ __typename }", nil); a.text != `{"data":{"__typename":"Query"}}` {
		t.Errorf("what is no introspection: %s", a.text)
	}
}
