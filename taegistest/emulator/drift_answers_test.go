package emulator_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// Answers follow the drifted schema: what it says is an object has fields, a number is a number,
// and no position is left to an error.
func TestAnswersFitTheDriftedSchema(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	answers, values := 0, 0
	for path := range gateways(t) {
		for seed := uint64(1); seed <= 2; seed++ {
			drifted := gatewaySchema(t, s.Emulator, path, seed)
			for _, kind := range []ast.Operation{ast.Query, ast.Mutation} {
				for _, f := range rootFields(drifted, kind) {
					a := graphQL(t, s, path, access, string(kind)+" { "+example(drifted, f)+" }", nil)
					data, _ := a.json["data"].(map[string]any)
					if refusal.MatchString(a.text) { // it has no record with a made-up ID
						continue
					}
					if a.status != http.StatusOK || a.json["errors"] != nil || data == nil {
						t.Errorf("%s, seed %d, %s: %d %.500s", path, seed, f.Name, a.status, a.text)
						continue
					}
					answers++
					values += fits(t, drifted, f.Type, data[f.Name], f.Name)
				}
			}
		}
	}
	t.Logf("%d values in %d answers fit", values, answers)
	if answers < 1500 {
		t.Error("too few answers")
	}
}

// refusal matches the code of an operation that was executed and refuses a value.
var refusal = regexp.MustCompile(`"code":"(NOT_FOUND|BAD_USER_INPUT)"`)

func rootFields(s *ast.Schema, kind ast.Operation) ast.FieldList {
	root := roots(s)[kind]
	if root == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(root.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}

// fits checks a value against its type, and returns how many values it holds.
func fits(t *testing.T, s *ast.Schema, typ *ast.Type, value any, at string) int {
	t.Helper()
	if value == nil {
		return 1
	}
	if typ.Elem != nil {
		items, ok := value.([]any)
		if !ok {
			t.Errorf("%s: %v is no list", at, value)
		}
		n := 0
		for _, item := range items {
			n += fits(t, s, typ.Elem, item, at)
		}
		return n
	}
	def := s.Types[typ.NamedType]
	if members, ok := value.(map[string]any); ok && def.IsCompositeType() {
		return fieldsFit(t, s, def, members, at)
	}
	ok := true
	switch def.Name {
	case "String", "ID", "UUID", "Time":
		_, ok = value.(string)
	case "Int", "Uint64", "Float":
		_, ok = value.(float64)
	case "Boolean":
		_, ok = value.(bool)
	case "JSON", "Map":
	default:
		name, _ := value.(string)
		ok = def.EnumValues.ForName(name) != nil
	}
	if !ok {
		t.Errorf("%s: %v is no %s", at, value, def.Name)
	}
	return 1
}

func fieldsFit(t *testing.T, s *ast.Schema, def *ast.Definition, members map[string]any, at string) int {
	t.Helper()
	name, _ := members["__typename"].(string)
	concrete := s.Types[name]
	if !slices.Contains(s.PossibleTypes[def.Name], concrete) {
		t.Errorf("%s: %q is no %s", at, name, def.Name)
		return 1
	}
	n := 0
	for name, value := range members {
		if f := concrete.Fields.ForName(name); f != nil {
			n += fits(t, s, f.Type, value, at+"."+name)
		}
	}
	return n
}

// findSeed returns the first seed whose schema of the default gateway satisfies a condition.
func findSeed(t *testing.T, e *emulator.Emulator, condition func(*ast.Schema) bool) *ast.Schema {
	t.Helper()
	for seed := uint64(1); seed < 1000; seed++ {
		if s := gatewaySchema(t, e, gateway, seed); condition(s) {
			return s
		}
	}
	t.Fatal("no seed")
	return nil
}

func TestTheDeprecatedTwinHoldsTheSecret(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	findSeed(t, s.Emulator, func(drifted *ast.Schema) bool {
		made, create := drifted.Types["NewClient"], drifted.Mutation.Fields.ForName("createClient")
		if made == nil || create == nil || create.Arguments.ForName("name") == nil {
			return false
		}
		client := made.Fields.ForName("client")
		return made.Fields.ForName("clientSecret") == nil && client != nil && client.Type.Name() == "Client" &&
			drifted.Types["Client"].Fields.ForName("clientID") != nil
	})
	made := value(t, s, access, "createClient", `mutation { createClient(name: "x") { client_secret client { clientID } } }`)
	id, _ := made["client"].(map[string]any)["clientID"].(string)
	secret, _ := made["client_secret"].(string)
	if a := logIn(t, s, id, secret); a.status != http.StatusOK {
		t.Errorf("the secret %q is not the client's: %s", secret, a.text)
	}
}

func TestRenamedOperationsAndArgumentsGoOnWorking(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	usable := func(def *ast.Definition, names ...string) bool {
		return def != nil && !slices.ContainsFunc(names, func(name string) bool { return def.Fields.ForName(name) == nil })
	}
	findSeed(t, s.Emulator, func(drifted *ast.Schema) bool {
		f := drifted.Query.Fields.ForName("client")
		return f != nil && f.Arguments.ForName("idV2") != nil && f.Type.Name() == "Client" && usable(drifted.Types["Client"], "name")
	})
	found := value(t, s, access, "client", `{ client(idV2: "`+emulator.DemoClientID+`") { name } }`)
	if found["name"] != "demo" {
		t.Errorf("by a renamed argument: %v", found)
	}
	findSeed(t, s.Emulator, func(drifted *ast.Schema) bool {
		return drifted.Query.Fields.ForName("clientsSearchV2") != nil && usable(drifted.Types["ClientSearchResults"], "totalCount")
	})
	before := s.Executed("clientsSearch")
	found = value(t, s, access, "clientsSearchV2", `{ clientsSearchV2 { totalCount } }`)
	if found["totalCount"] != 1.0 || s.Executed("clientsSearch") != before+1 {
		t.Errorf("by a renamed operation: %v", found)
	}
	findSeed(t, s.Emulator, func(drifted *ast.Schema) bool {
		f := drifted.Mutation.Fields.ForName("createClient")
		return f != nil && f.Arguments.ForName("name") == nil && drifted.Types["NewClient"] != nil
	})
	value(t, s, access, "createClient", `mutation { createClient { __typename } }`)
}

func TestIntrospectionOfAnotherVersion(t *testing.T) {
	s := start(t, emulator.Config{Drift: emulator.Drift{Seed: 3}})
	access := token(t, s)
	a := graphQL(t, s, gateway, access, `{ __schema { types { name } } }`, nil)
	types := map[string]bool{}
	for _, entry := range a.json["data"].(map[string]any)["__schema"].(map[string]any)["types"].([]any) {
		types[entry.(map[string]any)["name"].(string)] = true
	}
	drifted := gatewaySchema(t, s.Emulator, gateway, 3)
	for name := range maps.Keys(drifted.Types) {
		if !types[name] {
			t.Errorf("introspection does not tell of %s", name)
		}
	}
	s.Configure(func(c *emulator.Config) { c.Drift = emulator.Drift{NoIntrospection: true} })
	for _, query := range []string{`{ __schema { types { name } } }`, `{ __type(name: "Query") { name } }`} {
		a := graphQL(t, s, gateway, access, query, nil)
		if a.status != http.StatusUnprocessableEntity || a.json["data"] != nil || !strings.Contains(a.text, `Cannot query field \"__`) {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}
	s.Configure(func(c *emulator.Config) { c.Drift = emulator.Drift{NoIncludeDeprecated: true} })
	for path := range gateways(t) {
		for _, selection := range []string{
			"fields(includeDeprecated: true) { name }", "enumValues(includeDeprecated: true) { name }",
			"inputFields(includeDeprecated: true) { name }", "fields { args(includeDeprecated: true) { name } }",
		} {
			a := graphQL(t, s, path, access, `{ __type(name: "Query") { `+selection+` } }`, nil)
			if !strings.Contains(a.text, `Unknown argument \"includeDeprecated\"`) {
				t.Errorf("%s: %s: %s", path, selection, a.text)
			}
		}
		a := graphQL(t, s, path, access, `{ __type(name: "Query") { fields { name isDeprecated args { name } } } }`, nil)
		if a.status != http.StatusOK || a.json["errors"] != nil {
			t.Errorf("%s: %d %.300s", path, a.status, a.text)
		}
	}
}

func TestValidationErrorsHaveTheChosenStatus(t *testing.T) {
	s := start(t, emulator.Config{})
	access := token(t, s)
	for chosen, want := range map[int]int{0: http.StatusUnprocessableEntity, 200: 200, 400: 400, 422: 422, 500: 500} {
		s.Configure(func(c *emulator.Config) { c.Drift = emulator.Drift{Status: chosen} })
		a := graphQL(t, s, gateway, access, "{\n  nonsense\n  clientsSearch(x: 1) { totalCount }\n}", nil)
		for _, part := range []string{`"code":"GRAPHQL_VALIDATION_FAILED"`, `"locations":[{"line":2,"column":3}]`, `"locations":[{"line":3,`, `Unknown argument`} {
			if a.status != want || !strings.Contains(a.text, part) {
				t.Errorf("status %d: %d %s, want %s", chosen, a.status, a.text, part)
			}
		}
		if a := graphQL(t, s, gateway, access, "{ clientsSearch { totalCount } }", nil); a.status != http.StatusOK {
			t.Errorf("status %d: a valid document is answered with %d", chosen, a.status)
		}
	}
}

func TestDriftingIsQuick(t *testing.T) {
	e := emulator.New(emulator.Config{})
	defer e.Close()
	gatewaySchema(t, e, gateway, 0)
	begin := time.Now()
	gatewaySchema(t, e, gateway, 1)
	took := time.Since(begin)
	testutil.Within(t, "drifting the schema of the default gateway", took, 100*time.Millisecond)
}
