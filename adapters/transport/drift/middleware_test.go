package drift_test

import (
	"cmp"
	"maps"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

const whole = "{ clientID name child { name note } pet { __typename ... on Cat { name } ... on Dog { name age } } }"

// schemaOf returns an SDL that has everything that client selects, with replaced lines.
func schemaOf(replacements ...string) string {
	return strings.NewReplacer(replacements...).Replace(`
type Query { client(id: String!, filter: Filter, note: String): Client }
type Client { clientID: String name: String child: Child pet: Pet }
type Child { name: String note: String }
union Pet = Cat | Dog
type Cat { name: String }
type Dog { name: String age: Int }
input Filter { text: String order: Order }
enum Order { UP DOWN }
`)
}

func TestAdaptations(t *testing.T) {
	for name, test := range map[string]struct {
		sdl       string
		args      map[string]any
		declared  string
		selection string
		want      core.Adaptation
		requests  int
	}{
		"nothing to adapt": {
			sdl: schemaOf(), selection: whole, requests: 1,
		},
		"an absent field": {
			sdl:       schemaOf("name: String note: String }", "name: String }"),
			selection: "{ clientID name child { name } pet { __typename ... on Cat { name } ... on Dog { name age } } }",
			want:      core.Adaptation{Omitted: []string{"client.child.note"}},
			requests:  2,
		},
		"a field whose name stays elsewhere": {
			sdl:       schemaOf("type Child { name: String", "type Child {"),
			selection: "{ clientID name child { note } pet { __typename ... on Cat { name } ... on Dog { name age } } }",
			want:      core.Adaptation{Omitted: []string{"client.child.name"}},
			requests:  2,
		},
		"an object of which nothing is left": {
			sdl:       schemaOf("name: String note: String", "other: String"),
			selection: "{ clientID name pet { __typename ... on Cat { name } ... on Dog { name age } } }",
			want:      core.Adaptation{Omitted: []string{"client.child"}},
			requests:  2,
		},
		"a deprecated alias": {
			sdl:       schemaOf("{ clientID", "{ client_id"),
			selection: strings.Replace(whole, "clientID", "clientID: client_id", 1),
			want:      core.Adaptation{Renamed: []string{"client.clientID: client_id"}},
			requests:  2,
		},
		"an alias that is absent as well": {
			sdl:       schemaOf("{ clientID", "{ other"),
			selection: strings.Replace(whole, "clientID ", "", 1),
			want:      core.Adaptation{Omitted: []string{"client.clientID"}},
			requests:  3,
		},
		"another spelling that the server suggests": {
			sdl:       schemaOf("name: String child", "Name: String child"),
			selection: strings.Replace(whole, "name", "name: Name", 1),
			want:      core.Adaptation{Renamed: []string{"client.name: Name"}},
			requests:  2,
		},
		"an absent type": {
			sdl:       schemaOf("| Dog", "", "type Dog { name: String age: Int }", ""),
			selection: "{ clientID name child { name note } pet { __typename ... on Cat { name } } }",
			want:      core.Adaptation{Omitted: []string{"client.pet.Dog"}},
			requests:  2,
		},
		"an absent member of a union": {
			sdl:       schemaOf("| Dog", ""),
			selection: "{ clientID name child { name note } pet { __typename ... on Cat { name } } }",
			want:      core.Adaptation{Omitted: []string{"client.pet.Dog"}},
			requests:  2,
		},
		"a member that has become a scalar": {
			sdl:       schemaOf("| Dog", "", "type Dog { name: String age: Int }", "scalar Dog"),
			selection: "{ clientID name child { name note } pet { __typename ... on Cat { name } } }",
			want:      core.Adaptation{Omitted: []string{"client.pet.Dog"}},
			requests:  2,
		},
		"an object that has become a scalar": {
			sdl:       schemaOf("child: Child", "child: String"),
			selection: "{ clientID name pet { __typename ... on Cat { name } ... on Dog { name age } } }",
			want:      core.Adaptation{Omitted: []string{"client.child"}},
			requests:  2,
		},
		"a scalar that has become an object": {
			sdl:       schemaOf("name: String child", "name: Child child"),
			selection: "{ clientID child { name note } pet { __typename ... on Cat { name } ... on Dog { name age } } }",
			want:      core.Adaptation{Omitted: []string{"client.name"}},
			requests:  2,
		},
		"members whose fields have come to differ": {
			sdl:       schemaOf("type Dog { name: String", "type Dog { name: Int"),
			selection: "{ clientID name child { name note } pet { __typename ... on Cat { name } ... on Dog { Dog_name: name age } } }",
			requests:  2,
		},
		"an argument of another type": {
			sdl:      schemaOf("id: String!", "id: ID!"),
			declared: "$id: ID!", selection: whole,
			want:     core.Adaptation{Retyped: []string{"id: ID!"}},
			requests: 2,
		},
		"an input type of another name": {
			sdl:      schemaOf("Filter", "Criteria"),
			args:     map[string]any{"filter": map[string]any{"text": "x"}},
			declared: "$id: String!, $filter: Criteria", selection: whole,
			want:     core.Adaptation{Retyped: []string{"filter: Criteria"}},
			requests: 2,
		},
		"a literal of another type": {
			sdl:       schemaOf("note: String)", "note: Text)", "enum Order", "scalar Text enum Order"),
			args:      map[string]any{"note": "ü\n"},
			selection: whole, requests: 1,
		},
		"much at once, behind a literal": {
			sdl:       schemaOf("id: String!", "id: ID!", "{ clientID", "{ client_id", "age: Int", "", "name: String note", "note"),
			args:      map[string]any{"note": "日本\n \"x\""},
			declared:  "$id: ID!",
			selection: "{ clientID: client_id name child { note } pet { __typename ... on Cat { name } ... on Dog { name } } }",
			want: core.Adaptation{
				Omitted: []string{"client.child.name", "client.pet.Dog.age"}, Renamed: []string{"client.clientID: client_id"},
				Retyped: []string{"id: ID!"},
			},
			requests: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{200, 400, 422, 500} {
				g := newGateway(t, status, validating(t, test.sdl))
				args := map[string]any{"id": "1"}
				maps.Copy(args, test.args)
				req := request(g, client, args)
				var reported []core.Adaptation
				req.OnAdapt = func(r core.Adaptation) { reported = append(reported, r) }
				wire := newMiddleware(drift.Config{})
				for range 2 { // the second call sends the adapted operation first
					var out struct{ ClientID string }
					if err := wire.Execute(t.Context(), req, &out); err != nil || out.ClientID != "c1" {
						t.Fatalf("status %d: %+v, %v", status, out, err)
					}
				}
				documents := g.sent()
				declared, selection := parts(documents[len(documents)-1])
				if want := cmp.Or(test.declared, "$id: String!"); declared != want || selection != test.selection {
					t.Errorf("status %d: declared %q, selection %q", status, declared, selection)
				}
				if len(documents) != test.requests+1 {
					t.Errorf("status %d: %d requests for two calls:\n%s", status, len(documents), strings.Join(documents, "\n"))
				}
				if test.requests == 1 {
					if reported != nil {
						t.Errorf("reported %+v", reported)
					}
					continue
				}
				test.want.Operation, test.want.Host = "client", strings.TrimPrefix(g.APIURL, "http://")
				if diff := gocmp.Diff([]core.Adaptation{test.want, test.want}, reported); diff != "" {
					t.Errorf("status %d: %s", status, diff)
				}
			}
		})
	}
}
