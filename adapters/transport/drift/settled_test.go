package drift_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// assets is an operation with settled arguments: a scalar, one that holds a list, and one with the
// name of a secret.
var assets = core.Operation{
	Name: "client", Kind: core.KindMutation,
	Arguments: []core.Argument{
		{Name: "id", Type: "String!", Settled: "ID!"},
		{Name: "tags", Type: "[String!]", Settled: "Tags"},
		{Name: "key", Type: "String", Settled: "String"},
	},
	Selection: "{ clientID }",
}

const assetsSDL = `
	type Query { client: Client }
	type Client { clientID: String }
	type Mutation { client(id: $ID, tags: $TAGS, key: String): Client }
	scalar Tags scalar UUID`

// servesAssets rejects what is not valid for a schema with these types. Without messages it rejects
// documents, and introspection, with an error that says nothing.
func servesAssets(t *testing.T, id, tags, types string, messages bool) *gateway {
	sdl := strings.NewReplacer("$ID", id, "$TAGS", tags, "scalar Tags", types).Replace(assetsSDL)
	check := validating(t, sdl)
	return newGateway(t, 400, func(document string, variables map[string]any) string {
		rejection := check(document, variables)
		if rejection != "" && !messages || strings.Contains(document, "__schema") {
			return `{"errors":[{"message":"Bad document.","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`
		}
		return rejection
	})
}

// A wrong settled type is replaced by the server's if its error names that, and by a literal if
// neither the error nor the schema does. A secret stays a variable.
func TestSettledTypesAreAdapted(t *testing.T) {
	all := map[string]any{"id": "1", "tags": []string{"a"}, "key": "k"}
	for name, test := range map[string]struct {
		id, tags, scalars string
		messages          bool
		args              map[string]any
		want              string // the head of the document that was executed; empty for an error
		retyped           []string
	}{
		"as settled": {
			id: "ID!", tags: "Tags", scalars: "scalar Tags", messages: true, args: all,
			want: "($id: ID!, $tags: Tags, $key: String) { client(id: $id, tags: $tags, key: $key)",
		},
		"other scalar": {
			id: "UUID!", tags: "Tags", scalars: "scalar Tags", messages: true, args: all,
			want:    "($id: UUID!, $tags: Tags, $key: String) { client(id: $id, tags: $tags, key: $key)",
			retyped: []string{"id: UUID!"},
		},
		"no such scalar": {
			id: "ID!", tags: "[String!]", messages: true, args: all,
			want:    "($id: ID!, $tags: [String!], $key: String) { client(id: $id, tags: $tags, key: $key)",
			retyped: []string{"tags: [String!]"},
		},
		"errors without names": {
			id: "UUID!", tags: "Tags", scalars: "scalar Tags", args: all,
			want:    `($key: String) { client(id: "1", tags: ["a"], key: $key)`,
			retyped: []string{"id: literal", "tags: literal"},
		},
		"a list, errors without names": {
			id: "ID!", tags: "[String!]", args: all,
			want:    `($key: String) { client(id: "1", tags: ["a"], key: $key)`,
			retyped: []string{"id: literal", "tags: literal"},
		},
		"nothing helps": {
			id: "Boolean!", tags: "Tags", scalars: "scalar Tags", args: all,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := servesAssets(t, test.id, test.tags, test.scalars, test.messages)
			var retyped []string
			req := request(g, assets, test.args)
			req.OnAdapt = func(a core.Adaptation) { retyped = a.Retyped }
			transport := newMiddleware(drift.Config{})
			err := transport.Execute(t.Context(), req, nil)
			sent := g.sent()
			last, _, _ := strings.Cut(strings.TrimPrefix(sent[len(sent)-1], "mutation client"), "\n")
			switch {
			case test.want == "":
				if _, ok := errors.AsType[*core.ResponseError](err); !ok || len(sent) > 3 {
					t.Errorf("%v after %q", err, sent)
				}
				return
			case err != nil || last != test.want || !slices.Equal(retyped, test.retyped):
				t.Errorf("%v, retyped %q\n%s", err, retyped, last)
			}
			if err := transport.Execute(t.Context(), request(g, assets, test.args), nil); err != nil || len(g.sent()) != 1 {
				t.Errorf("the second call: %v", err)
			}
		})
	}
}
