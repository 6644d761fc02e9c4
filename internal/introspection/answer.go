package introspection

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// answer is a gateway's response to the introspection query.
type answer struct {
	Schema *struct {
		QueryType        *named
		MutationType     *named
		SubscriptionType *named
		Types            []typeInfo
		Directives       []directiveInfo
	} `json:"__schema"`
}

type named struct{ Name string }

type typeInfo struct {
	Kind          ast.DefinitionKind
	Name          string
	Description   string
	Fields        []fieldInfo
	InputFields   []inputInfo
	Interfaces    []named
	EnumValues    []valueInfo
	PossibleTypes []named
}

type fieldInfo struct {
	valueInfo
	Args []inputInfo
	Type *reference
}

type inputInfo struct {
	valueInfo
	Type         *reference
	DefaultValue *string
}

// valueInfo is what fields, inputs and enum values have in common.
type valueInfo struct {
	Name              string
	Description       string
	IsDeprecated      bool
	DeprecationReason string
}

type directiveInfo struct {
	Name         string
	Description  string
	Locations    []ast.DirectiveLocation
	IsRepeatable bool
	Args         []inputInfo
}

// reference is a type as something refers to it: a name below list and non-null marks.
type reference struct {
	Kind   string
	Name   string
	OfType *reference
}

// schema builds the schema, indexed as gqlparser's validator does it. An answer without a schema,
// and one that refers to a type that it does not have, give an error.
func (a *answer) schema() (*ast.Schema, error) {
	if a.Schema == nil || a.Schema.QueryType == nil || len(a.Schema.Types) == 0 {
		return nil, errors.New("an answer without a schema")
	}
	s := &ast.Schema{
		Types:         map[string]*ast.Definition{},
		Directives:    map[string]*ast.DirectiveDefinition{},
		PossibleTypes: map[string][]*ast.Definition{},
		Implements:    map[string][]*ast.Definition{},
	}
	b := &builder{}
	for _, t := range a.Schema.Types {
		s.Types[t.Name] = b.definition(t)
	}
	for _, d := range a.Schema.Directives {
		s.Directives[d.Name] = b.directive(d)
	}
	for _, root := range []struct {
		name *named
		into **ast.Definition
	}{
		{a.Schema.QueryType, &s.Query}, {a.Schema.MutationType, &s.Mutation}, {a.Schema.SubscriptionType, &s.Subscription},
	} {
		if root.name != nil {
			b.refer(root.name.Name)
			*root.into = s.Types[root.name.Name]
		}
	}
	if b.misnamed != "" {
		return nil, fmt.Errorf("%s, which is no name", b.misnamed)
	}
	if b.broken {
		return nil, errors.New("a type reference that ends in no type")
	}
	for _, name := range b.referred {
		if s.Types[name] == nil {
			return nil, fmt.Errorf("a reference to the type %q, which is not in the answer", name)
		}
	}
	for _, t := range a.Schema.Types { // in the order of the answer
		relate(s, s.Types[t.Name])
	}
	return s, nil
}

// relate notes which types a definition can stand for.
func relate(s *ast.Schema, def *ast.Definition) {
	switch def.Kind {
	case ast.Union:
		for _, member := range def.Types {
			s.AddPossibleType(def.Name, s.Types[member])
			s.AddImplements(member, def)
		}
		return
	case ast.Object, ast.Interface:
		for _, name := range def.Interfaces {
			s.AddPossibleType(name, def)
			s.AddImplements(def.Name, s.Types[name])
		}
	}
	if def.Kind == ast.Object || def.Kind == ast.InputObject {
		s.AddPossibleType(def.Name, def)
	}
}
