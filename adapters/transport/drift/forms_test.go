package drift_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// TestForms rejects a document once with each known form of a validation error.
func TestForms(t *testing.T) {
	const (
		noName   = "{ clientID child { note } pet { __typename ... on Dog { age } } }" // without locations, all of them
		noDog    = "{ clientID name child { name note } pet { __typename ... on Cat { name } } }"
		noChild  = "{ clientID name pet { __typename ... on Cat { name } ... on Dog { name age } } }"
		noNote   = "{ clientID name child { name } pet { __typename ... on Cat { name } ... on Dog { name age } } }"
		aliases  = "{ clientID name child { name note } pet { __typename ... on Cat { Cat_name: name } ... on Dog { name age } } }"
		older    = "{ clientID: client_id name child { name note } pet { __typename ... on Cat { name } ... on Dog { name age } } }"
		respelt  = "{ clientID name child { name note: no_te } pet { __typename ... on Cat { name } ... on Dog { name age } } }"
		retyped  = "$id: ID!, $filter: Filter"
		probing  = "$id: String!, $filter: Boolean"
		original = "$id: String!, $filter: Filter"
	)
	at := func(offset int) []core.Location { return []core.Location{{Line: 2, Column: offset + 1}} }
	for _, test := range []struct {
		server, message     string
		locations           []core.Location
		path                []any
		declared, selection string
		rejection           string // a part of the error, if the call is rejected
	}{
		{server: "graphql-js 16, Apollo", message: `Cannot query field "note" on type "Child". Did you mean "notes"?`, locations: at(29), selection: noNote},
		{server: "graphql-js 16, Apollo", message: `Cannot query field "name" on type "Client".`, selection: noName},
		{server: "graphql-js 16, Apollo", message: `Cannot query field "note" on type "Child". Did you mean "names", "no_te", or "Note"?`, locations: at(29), selection: respelt},
		{server: "graphql-js 16, Apollo", message: `Cannot query field "clientID" on type "Client". Did you mean "client", "ClientID", or "x"?`, locations: at(2), selection: older},
		{server: "graphql-js 16, Apollo", message: `Unknown type "Dog". Did you mean "Dot"?`, selection: noDog},
		{server: "graphql-js 16, Apollo", message: `Unknown type "Filter".`, declared: probing},
		{server: "graphql-js 16, Apollo", message: `Fragment cannot be spread here as objects of type "Pet" can never be of type "Dog".`, selection: noDog},
		{server: "graphql-js 16, Apollo", message: `Fragment cannot condition on non composite type "Dog".`, selection: noDog},
		{server: "graphql-js 16, Apollo", message: `Unknown argument "filter" on field "Query.client". Did you mean "filters"?`, rejection: "client: argument filter: the server does not have it: leave it out, or use filters"},
		{server: "graphql-js 14", message: `Unknown argument "filter" on field "client" of type "Query".`, rejection: "argument filter: the server does not have it"},
		{server: "graphql-js 16, Apollo", message: `Variable "$id" of type "String!" used in position expecting type "ID!".`, declared: retyped},
		{server: "graphql-js 16, Apollo", message: `Field "note" of type "Note" must have a selection of subfields. Did you mean "note { ... }"?`, locations: at(29), selection: noNote},
		{server: "graphql-js 16, Apollo", message: `Field "child" must not have a selection since type "String" has no subfields.`, locations: at(22), selection: noChild},
		{server: "graphql-js 16, Apollo", message: `Fields "name" conflict because they return conflicting types "String" and "Int!". Use different aliases on the fields to fetch both if this was intentional.`, locations: at(66), selection: aliases},
		{server: "graphql-js 16, Apollo", message: `Variable "$filter" got invalid value "SIDEWAYS" at "filter.order"; Value "SIDEWAYS" does not exist in "Order" enum. Did you mean the enum value "UP" or "DOWN"?`, rejection: "client: argument filter.order: the server's enum Order has no value SIDEWAYS: choose another, or use UP, DOWN"},
		{server: "graphql-js 16, Apollo", message: `Variable "$filter" got invalid value { text: "x" }; Field "text" is not defined by type "Filter".`, rejection: "argument filter.text: the server does not have it"},
		{server: "graphql-js 16, Apollo", message: `Value "SIDEWAYS" does not exist in "Order" enum.`, rejection: "the server's enum Order has no value SIDEWAYS"},
		{server: "graphql-js 16, Apollo", message: `Schema is not configured to execute query operation.`, rejection: "the server does not have this operation"},
		{server: "gqlparser, gqlgen", message: `Schema does not support operation type "query"`, rejection: "the server does not have this operation"},
		{server: "gqlparser, gqlgen", message: `SIDEWAYS is not a valid Order`, path: []any{"variable", "filter", "order"}, rejection: "argument filter.order: the server's enum Order has no value SIDEWAYS"},
		{server: "gqlparser, gqlgen", message: `unknown field`, path: []any{"variable", "filter", "text"}, rejection: "argument filter.text: the server does not have it"},
		{server: "graphql-go", message: `Field "note" of type "Note" must have a sub selection.`, locations: at(29), selection: noNote},
		{server: "graphql-go", message: `Field "child" of type "String" must not have a sub selection.`, locations: at(16), selection: noChild},
		{server: "graphql-java", message: `Validation error (FieldUndefined@[client/child/note]) : Field 'note' in type 'Child' is undefined`, locations: at(29), selection: noNote},
		{server: "graphql-java", message: `Validation error of type UnknownType: Unknown type Dog`, selection: noDog},
		{server: "graphql-java", message: `Validation error (UnknownArgument@[client]) : Unknown field argument 'filter'`, rejection: "argument filter: the server does not have it"},
		{server: "graphql-java", message: `Validation error (VariableTypeMismatch@[client]) : Variable 'id' of type 'String!' used in position expecting type 'ID!'`, declared: retyped},
		{server: "graphql-java", message: `Validation error (SubselectionRequired@[client/child/note]) : Subselection required for type 'Note' of field 'note'`, locations: at(29), selection: noNote},
		{server: "graphql-java", message: `Validation error (SubselectionNotAllowed@[client/child]) : Subselection not allowed on leaf type 'String' of field 'child'`, locations: at(16), selection: noChild},
		{server: "graphql-ruby", message: `Field 'note' doesn't exist on type 'Child'`, locations: at(29), selection: noNote},
		{server: "graphql-ruby", message: `No such type Dog, so it can't be a fragment condition`, selection: noDog},
		{server: "graphql-ruby", message: `Field 'client' doesn't accept argument 'filter'`, rejection: "argument filter: the server does not have it"},
		{server: "graphql-ruby", message: `Type mismatch on variable $id and argument id (String! / ID!)`, declared: retyped},
		{server: "graphql-ruby", message: `Field must have selections (field 'note' returns Note but has no selections. Did you mean 'note { ... }'?)`, locations: at(29), selection: noNote},
		{server: "graphql-ruby", message: `Selections can't be made on scalars (field 'child' returns String but has selections ["name"])`, locations: at(16), selection: noChild},
		{server: "apollo-compiler", message: "type `Child` does not have a field `note`", locations: at(29), selection: noNote},
		{server: "apollo-compiler", message: "cannot find type `Dog` in this document", selection: noDog},
		{server: "apollo-compiler", message: "the argument `filter` is not supported by `Query.client`", rejection: "argument filter: the server does not have it"},
		{server: "apollo-compiler", message: "variable `$id` of type `String!` cannot be used for argument `id` of type `ID!`", declared: retyped},
		{server: "any, of a message that is not known", message: `This is not understood.`, selection: whole},
	} {
		t.Run(test.server+": "+test.message, func(t *testing.T) {
			text, err := json.Marshal(map[string]any{"errors": []core.GraphQLError{{Message: test.message, Locations: test.locations, Path: test.path}}})
			if err != nil {
				t.Fatal(err)
			}
			rejected := false
			g := newGateway(t, 200, func(string, map[string]any) string {
				if rejected {
					return ""
				}
				rejected = true
				return string(text)
			})
			args := map[string]any{"id": "1", "filter": map[string]any{"order": "SIDEWAYS"}}
			err = newMiddleware(drift.Config{}).Execute(t.Context(), request(g, client, args), nil)
			if test.rejection != "" {
				if fault, ok := errors.AsType[*core.SchemaError](err); !ok || !strings.Contains(fault.Error(), test.rejection) {
					t.Errorf("error %v", err)
				}
				return
			}
			documents := g.sent()
			declared, selection := parts(documents[len(documents)-1])
			if declared != cmp.Or(test.declared, original) || selection != cmp.Or(test.selection, whole) {
				t.Errorf("%s\n%s\n%v", declared, selection, err)
			}
		})
	}
}
