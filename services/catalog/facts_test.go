package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A gateway with the schemas of the SDK confirms every assumption.
func TestFactsOfTheSameSchema(t *testing.T) {
	server := taegistest.NewServer(t)
	for _, c := range []struct {
		platform             core.Platform
		wire                 ports.Transport
		services, operations int
		uncertain, settled   int
	}{
		{core.PlatformTaegis, transportTo(server), 65, 1002, 537 + 1990, 210 + 223},
		{core.PlatformFusion, transportToFusion(server), 5, 90, 0, 0},
	} {
		facts, err := catalog.FetchFacts(t.Context(), c.wire, c.platform)
		if err != nil {
			t.Fatal(err)
		}
		operations, types := 0, map[catalog.Basis]int{}
		for _, g := range facts.Gateways {
			operations += g.Operations
			if len(g.New) > 0 || g.Unavailable {
				t.Errorf("%+v", g)
			}
		}
		for _, s := range facts.Services {
			if len(s.Missing)+len(s.New)+len(s.Results) > 0 {
				t.Errorf("%s: missing %q, new %q, results %+v", s.Service, s.Missing, s.New, s.Results)
			}
			for _, f := range append(s.Arguments, s.InputFields...) {
				types[f.Basis]++
				if f.Differs() {
					t.Errorf("%s: %+v", s.Service, f)
				}
			}
		}
		if len(facts.Services) != c.services || operations != c.operations || types[catalog.BasisUncertain] != c.uncertain || types[catalog.BasisSettled] != c.settled {
			t.Errorf("%s: %d services, %d operations, types %v", c.platform, len(facts.Services), operations, types)
		}
	}
}

// The facts about a drifted gateway are those of its schema, which the test reads without
// introspection.
func TestFactsOfADriftedSchema(t *testing.T) {
	for seed := range uint64(3) {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift.Seed = seed + 1 })
		facts, err := catalog.FetchFacts(t.Context(), transportTo(server), core.PlatformTaegis)
		if err != nil {
			t.Fatal(err)
		}
		different, missing, added := 0, 0, 0
		for _, s := range facts.Services {
			operations, err := catalog.Operations(s.Service)
			if err != nil {
				t.Fatal(err)
			}
			live, err := server.Schema(cmpGateway(operations[0]))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range s.Arguments {
				on, field, _ := strings.Cut(f.On, ".")
				if got := live.Types[on].Fields.ForName(field).Arguments.ForName(f.Name).Type.String(); got != f.Type {
					t.Errorf("seed %d, %s: %+v is %s", seed, s.Service, f, got)
				}
			}
			for _, f := range s.InputFields {
				if got := live.Types[f.On].Fields.ForName(f.Name).Type.String(); got != f.Type {
					t.Errorf("seed %d, %s: %+v is %s", seed, s.Service, f, got)
				}
				if f.Differs() {
					different++
				}
			}
			for _, name := range s.Missing {
				missing++
				if existsIn(live, name) {
					t.Errorf("seed %d, %s: %s is not missing", seed, s.Service, name)
				}
			}
			for _, name := range s.New {
				added++
				if place, _, _ := strings.Cut(name, ":"); !existsIn(live, place) {
					t.Errorf("seed %d, %s: there is no %s", seed, s.Service, name)
				}
			}
			countKnown(t, live, s)
		}
		if different == 0 || missing == 0 || added == 0 {
			t.Errorf("seed %d: %d types differ, %d names are missing, %d new", seed, different, missing, added)
		}
	}
}

func cmpGateway(op *core.Operation) string {
	if op.Gateway == "" {
		return core.DefaultGateway
	}
	return op.Gateway
}

// existsIn reports whether a schema has "Query.client", "Query.client(id", "Client" or
// "Client.name".
func existsIn(live *ast.Schema, place string) bool {
	place, argument, isArgument := strings.Cut(strings.TrimSuffix(place, ")"), "(")
	name, part, isPart := strings.Cut(place, ".")
	def := live.Types[name]
	if def == nil || !isPart {
		return def != nil
	}
	field := def.Fields.ForName(part)
	if isArgument {
		return field != nil && field.Arguments.ForName(argument) != nil
	}
	return field != nil || def.EnumValues.ForName(part) != nil || strings.Contains(" "+strings.Join(def.Types, " ")+" ", " "+part+" ")
}

// countKnown checks that no uncertain argument that the gateway has is left out.
func countKnown(t *testing.T, live *ast.Schema, s catalog.ServiceFacts) {
	left, err := schema.Unsettled()
	if err != nil {
		t.Fatal(err)
	}
	want, got := 0, 0
	for _, p := range left[s.Service].Arguments {
		on, field, _ := strings.Cut(p.On, ".")
		if existsIn(live, on+"."+field+"("+p.Name) {
			want++
		}
	}
	for _, f := range s.Arguments {
		if f.Basis == catalog.BasisUncertain {
			got++
		}
	}
	if got != want {
		t.Errorf("%s: %d uncertain arguments, want %d", s.Service, got, want)
	}
}

// closed refuses introspection at some gateways.
type closed struct {
	ports.Transport
	at func(gateway string) bool
}

func (c closed) Execute(ctx context.Context, req *core.Request, out any) error {
	if c.at(req.Operation.Gateway) {
		return &core.ResponseError{Status: 400, Errors: []core.GraphQLError{{Message: "introspection is disabled for tenant 50530"}}}
	}
	return c.Transport.Execute(ctx, req, out)
}

// A gateway that hides its schema is marked. If all do, that is the error.
func TestFactsOfHiddenSchemas(t *testing.T) {
	server := taegistest.NewServer(t)
	facts, err := catalog.FetchFacts(t.Context(), closed{transportTo(server), func(g string) bool { return g == "/events/query" }}, core.PlatformTaegis)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range facts.Gateways {
		_, unavailable := errors.AsType[*catalog.UnavailableError](g.Err)
		if hidden := g.Gateway == "/events/query"; g.Unavailable != hidden || unavailable != hidden {
			t.Errorf("%+v", g)
		}
	}
	if len(facts.Services) != 64 {
		t.Errorf("%d services", len(facts.Services))
	}
	for _, hidden := range []func(*emulator.Config){
		func(c *emulator.Config) { c.NoIntrospection = true },
		func(c *emulator.Config) { c.Drift = emulator.Drift{Seed: 1, NoIntrospection: true} },
	} {
		_, err := catalog.FetchFacts(t.Context(), transportTo(taegistest.NewServer(t, hidden)), core.PlatformTaegis)
		if fault, ok := errors.AsType[*catalog.UnavailableError](err); !ok || fault.Gateway != core.DefaultGateway {
			t.Errorf("got %v", err)
		}
	}
}

// The JSON of facts has names and types of schemas, and the SDK's own words. Descriptions, defaults
// and answers of servers, which can hold anything, are not in it.
func TestFactsHoldNoTexts(t *testing.T) {
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift.Seed = 5 })
	facts, err := catalog.FetchFacts(t.Context(), closed{transportTo(server), func(g string) bool { return g == "/events/query" }}, core.PlatformTaegis)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"127.0.0.1", emulator.DemoTenant, "50530", server.Token(emulator.DemoClientID)} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the facts hold %s", secret)
		}
	}
	allowed := regexp.MustCompile(`^(\w+(\.\w+)?(\(\w+(: [\w!\[\]]+)?\))?|[\w!\[\]]+|(/[\w-]+)+)$`)
	var check func(value any)
	check = func(value any) {
		switch value := value.(type) {
		case string:
			if !allowed.MatchString(value) {
				t.Errorf("the facts hold %q", value)
			}
		case []any:
			for _, item := range value {
				check(item)
			}
		case map[string]any:
			for _, item := range value {
				check(item)
			}
		}
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	check(tree)
}
