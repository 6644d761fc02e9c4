package drift_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// Arguments that the caller set are never omitted, nor is the result of the call.
func TestOperationsThatCannotBeAdapted(t *testing.T) {
	create := core.Operation{
		Name: "create", Kind: core.KindMutation, Arguments: client.Arguments,
		Selection:         "{ clientSecret client { clientID tokenRequestCount } }",
		DeprecatedAliases: []core.DeprecatedAlias{{Type: "NewClient", Field: "clientSecret", Deprecated: "client_secret"}},
	}
	const mutations = `
type Query { x: Int }
type Mutation { create(id: String!): NewClient }
type NewClient { clientSecret: String client: Client }
type Client { clientID: String tokenRequestCount: Int }
`
	for name, test := range map[string]struct {
		op       core.Operation
		sdl      string
		args     map[string]any
		argument string
		text     string
	}{
		"an absent argument": {
			client, schemaOf(", filter: Filter", ""),
			map[string]any{"filter": nil},
			"filter", "client: argument filter: the server does not have it: leave it out",
		},
		"a renamed argument": {
			client, schemaOf("note: String)", "notes: String)"),
			map[string]any{"note": "x"},
			"note", "client: argument note: the server does not have it: leave it out, or use notes",
		},
		"an absent operation": {
			client, schemaOf("client(", "customer("), nil,
			"", "client: the server does not have this operation",
		},
		"operations of a kind that the server lacks": {
			create, schemaOf(), nil,
			"", "create: the server does not have this operation",
		},
		"a result of another shape": {
			client, schemaOf("): Client", "): String"), nil,
			"", "client: the server's result of this operation has another shape",
		},
		"a result without a known field": {
			client, schemaOf("clientID: String name: String child: Child pet: Pet", "other: Int"), nil,
			"", "client: the server has no field of the result",
		},
		"a mutation without its secret": {
			create, strings.Replace(mutations, "clientSecret: String", "", 1), nil,
			"", "create: the server does not return the secret that it would create",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t, 422, validating(t, test.sdl))
			args := map[string]any{"id": "1"}
			maps.Copy(args, test.args)
			err := newMiddleware(drift.Config{}).Execute(t.Context(), request(g, test.op, args), nil)
			fault, ok := errors.AsType[*core.SchemaError](err)
			if !ok || err.Error() != test.text || fault.Argument != test.argument || fault.Host == "" {
				t.Fatalf("%#v: %v", fault, err)
			}
			if answer, ok := errors.AsType[*core.ResponseError](err); !ok || len(answer.Errors) == 0 {
				t.Errorf("without the server's answer: %v", err)
			}
		})
	}
	t.Run("a mutation whose secret has another name", func(t *testing.T) {
		g := newGateway(t, 422, validating(t, strings.NewReplacer("clientSecret:", "client_secret:", "tokenRequestCount: Int", "").Replace(mutations)))
		if err := newMiddleware(drift.Config{}).Execute(t.Context(), request(g, create, map[string]any{"id": "1"}), nil); err == nil || !strings.Contains(err.Error(), "has no create") {
			t.Error(err) // this server's error is about client
		}
		documents := g.sent()
		if _, selection := parts(documents[len(documents)-1]); selection != "{ clientSecret: client_secret client { clientID } }" {
			t.Error(selection)
		}
	})
}

// Errors that are not from validation do not adapt the operation. If the caller provides the
// selection, only the arguments are adapted.
func TestOperationsThatAreNotAdapted(t *testing.T) {
	rejection := `{"message":"Cannot query field \"name\" on type \"Client\".","locations":[{"line":2,"column":12}]`
	for name, body := range map[string]string{
		"an error of execution": `{"errors":[` + rejection + `,"path":["client"]}],"data":null}`,
		"with data as well":     `{"errors":[` + rejection + `}],"data":{"client":null}}`,
		"another error":         `{"errors":[{"message":"Client not found"}],"data":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t, 200, func(string, map[string]any) string { return body })
			err := newMiddleware(drift.Config{}).Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil)
			if _, ok := errors.AsType[*core.ResponseError](err); !ok || len(g.sent()) != 1 {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("a document of the caller's own", func(t *testing.T) {
		g := newGateway(t, 200, validating(t, schemaOf()))
		req := request(g, client, nil)
		req.Document = "{ client(id: \"1\")\n{ clientID nonsense } }"
		err := newMiddleware(drift.Config{}).Execute(t.Context(), req, nil)
		if _, ok := errors.AsType[*core.ResponseError](err); !ok || len(g.sent()) != 1 {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a selection of the caller's own", func(t *testing.T) {
		g := newGateway(t, 200, validating(t, schemaOf("id: String!", "id: ID!")))
		req := request(g, client, map[string]any{"id": "1"})
		req.Selection = "{\n  clientID\n}"
		if err := newMiddleware(drift.Config{}).Execute(t.Context(), req, nil); err != nil {
			t.Error(err)
		}
		documents := g.sent()
		if declared, selection := parts(documents[len(documents)-1]); declared != "$id: ID!" || selection != req.Selection {
			t.Errorf("%q %q", declared, selection)
		}
		req.Selection = "{\n  clientID\n  client\n}"
		err := newMiddleware(drift.Config{}).Execute(t.Context(), req, nil)
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || len(answer.Errors) != 1 || !strings.Contains(answer.Errors[0].Message, `"client"`) {
			t.Errorf("error %v", err)
		}
	})
}

// A server that always reports further errors is not called for ever.
func TestAServerThatAlwaysRejects(t *testing.T) {
	n := 0
	g := newGateway(t, 422, func(string, map[string]any) string {
		n++
		text, err := json.Marshal(map[string]any{"errors": []any{map[string]any{
			"message": `Variable "$id" of type "A" used in position expecting type "T` + strings.Repeat("x", n) + `".`,
		}}})
		if err != nil {
			t.Error(err)
		}
		return string(text)
	})
	err := newMiddleware(drift.Config{}).Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil)
	if _, ok := errors.AsType[*core.ResponseError](err); !ok {
		t.Errorf("error %v", err)
	}
	if n := len(g.sent()); n > 20 {
		t.Errorf("%d requests", n)
	}
}

func TestACancelledCallEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	reject := validating(t, schemaOf("age: Int", ""))
	g := newGateway(t, http.StatusOK, func(document string, variables map[string]any) string {
		cancel()
		return reject(document, variables)
	})
	if err := newMiddleware(drift.Config{}).Execute(ctx, request(g, client, map[string]any{"id": "1"}), nil); err == nil {
		t.Error("no error")
	}
	if n := len(slices.Compact(g.sent())); n > 1 {
		t.Errorf("%d requests", n)
	}
}
