package catalog

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// Schema describes the arguments and results of a service's operations. [SchemaFor] returns the
// schema from which the SDK was generated, [FetchSchema] that of a gateway. It is safe for
// concurrent use.
type Schema struct {
	service    string // the wire name; empty for a whole gateway
	operations []*core.Operation
	types      *ast.Schema
	sdl        func() string
	unknown    []string
	own        bool // it is the schema that the SDK was generated from
}

// parsed caches the parsed schemas, because programs use a schema repeatedly.
var parsed sync.Map // of wire names to *Schema

// SchemaFor returns the SDK's schema of a service. An unknown name returns an
// [*UnknownServiceError].
func SchemaFor(service string) (*Schema, error) {
	list, err := Operations(service)
	if err != nil {
		return nil, err
	}
	name := list[0].Service
	if s, ok := parsed.Load(name); ok {
		return s.(*Schema), nil
	}
	text, err := schema.SDL(name)
	if err != nil {
		return nil, err
	}
	types, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	s, _ := parsed.LoadOrStore(name, &Schema{
		service: name, operations: list, types: types, own: true,
		sdl: sync.OnceValue(func() string {
			sdl, err := marked(text, name)
			if err != nil {
				panic(err) // embedded, and marked by this package's tests
			}
			return sdl
		}),
	})
	return s.(*Schema), nil
}

// parse parses SDL without validation, which takes a third of the time of loading it.
func parse(name, text string) (*ast.Schema, error) {
	doc, err := parser.ParseSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		return nil, fmt.Errorf("embedded schema: %w", err)
	}
	s := &ast.Schema{}
	s.AddTypes(doc.Definitions...)
	s.Query, s.Mutation, s.Subscription = s.Types["Query"], s.Types["Mutation"], s.Types["Subscription"]
	return s, nil
}

// everySchema returns the SDK's schemas of the services of these platforms; without platforms, of
// all.
func everySchema(platforms ...core.Platform) []*Schema {
	var all []*Schema
	for _, service := range Services(platforms...) {
		s, err := SchemaFor(service)
		if err != nil {
			panic(err) // embedded, and parsed by this package's tests
		}
		all = append(all, s)
	}
	return all
}

// Service returns the wire name of the service, or "" for the schema of a whole gateway.
func (s *Schema) Service() string { return s.service }

// Operations returns the descriptions of the operations.
func (s *Schema) Operations() []*core.Operation { return slices.Clone(s.operations) }

// Operation returns the description of one operation; see the function [Operation] for kinds and
// errors.
func (s *Schema) Operation(name string, kinds ...core.OperationKind) (*core.Operation, error) {
	return choose(s.operations, s.service, name, kinds)
}

// UnknownOperations returns the names of the gateway's operations that no service of the SDK has.
// It returns nil for a schema from [SchemaFor].
func (s *Schema) UnknownOperations() []string { return slices.Clone(s.unknown) }

// SDL returns the schema in GraphQL's schema definition language. Comments in a schema from
// [SchemaFor] mark the arguments and input fields with a scalar that is not certain. For a service
// from [FetchSchema] it omits the fields that refer to other services, if the SDK knows that they
// do.
func (s *Schema) SDL() string { return s.sdl() }

// root returns the root field of an operation, or nil if there is none.
func (s *Schema) root(kind core.OperationKind, name string) *ast.FieldDefinition {
	if def := rootType(s.types, kind); def != nil {
		return def.Fields.ForName(name)
	}
	return nil
}

func rootType(types *ast.Schema, kind core.OperationKind) *ast.Definition {
	switch kind {
	case core.KindMutation:
		return types.Mutation
	case core.KindSubscription:
		return types.Subscription
	}
	return types.Query
}

// isRoot reports whether a definition is one of the types with the operations.
func (s *Schema) isRoot(def *ast.Definition) bool {
	return def == s.types.Query || def == s.types.Mutation || def == s.types.Subscription
}

// Types returns the names of the types, sorted, without GraphQL's own types and the types with the
// operations.
func (s *Schema) Types() []string {
	var names []string
	for name, def := range s.types.Types {
		if !def.BuiltIn && !strings.HasPrefix(name, "__") && !s.isRoot(def) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
