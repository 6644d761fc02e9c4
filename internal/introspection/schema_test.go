package introspection_test

import (
	_ "embed"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/introspection"
	"github.com/taegis-go/taegis/taegistest"
)

// answer contains each construct of introspection; printed is the same in SDL.
var (
	//go:embed testdata/answer.json
	answer string
	//go:embed testdata/printed.graphql
	printed string
)

func fetchAnswer(t *testing.T) *ast.Schema {
	t.Helper()
	fake := taegistest.NewTransport(t)
	fake.Unchecked("IntrospectionQuery")
	fake.Reply("IntrospectionQuery", json.RawMessage(answer))
	s, err := introspection.Fetch(t.Context(), fake, &core.Request{Operation: &core.Operation{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPrint(t *testing.T) {
	text := introspection.Print(fetchAnswer(t))
	if diff := cmp.Diff(printed, text); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if again := introspection.Print(load(t, "printed", text)); again != text {
		t.Errorf("loaded and printed again:\n%s", cmp.Diff(text, again))
	}
}

// What is fetched relates types as a schema from SDL does.
func TestTypesAreRelated(t *testing.T) {
	got, want := fetchAnswer(t), load(t, "printed", printed)
	for name := range want.Types {
		if a, b := names(got.PossibleTypes[name]), names(want.PossibleTypes[name]); got.Types[name] != nil && !slices.Equal(a, b) {
			t.Errorf("%s can be %v, want %v", name, a, b)
		}
		if a, b := names(got.Implements[name]), names(want.Implements[name]); !slices.Equal(a, b) {
			t.Errorf("%s implements %v, want %v", name, a, b)
		}
	}
	if got.Query.Name != "Root" || got.Mutation.Name != "Mutation" || got.Subscription != nil {
		t.Errorf("roots %+v", got)
	}
	if !got.Types["ID"].BuiltIn || !got.Types["__Schema"].BuiltIn || got.Types["Time"].BuiltIn {
		t.Error("what is built in is not marked")
	}
}

// names are the names of definitions, sorted.
func names(list []*ast.Definition) []string {
	var all []string
	for _, def := range list {
		all = append(all, def.Name)
	}
	slices.Sort(all)
	return all
}
