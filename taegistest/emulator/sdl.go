package emulator

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// gatewaySchema is the schema that a gateway serves.
type gatewaySchema struct {
	*ast.Schema
	origins
	settled map[*ast.ArgumentDefinition]bool // arguments whose scalar is certain
	strict  bool                             // all types are certain, and results can be non-null
}

// schema parses the SDL of the gateway's services into one schema and applies the drift.
func (g *gateway) schema(version Drift) (*gatewaySchema, error) {
	names := []string{schema.Merged}
	if g.path != core.DefaultGateway {
		names = nil
		for _, s := range g.services {
			names = append(names, s.Name)
		}
	}
	sources := []*ast.Source{validator.Prelude}
	for _, name := range names {
		text, err := schema.SDL(name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, &ast.Source{Name: name, Input: text})
	}
	doc, err := parser.ParseSchemas(sources...)
	if err != nil {
		return nil, err
	}
	doc.Definitions = mergeDefinitions(doc.Definitions)
	doc.Directives = distinctDirectives(doc.Directives)
	var settled map[*ast.ArgumentDefinition]bool
	if !g.isFusion() {
		if settled, err = settle(doc, g.services); err != nil {
			return nil, err
		}
	}
	var was origins
	if version.Seed != 0 {
		was = drift(doc, version.Seed, g.path)
	}
	s, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, err
	}
	for _, service := range g.services {
		if !service.InputValueDeprecation {
			removeInputDeprecation(s)
		}
	}
	removeDraftFeatures(s)
	if version.NoIncludeDeprecated {
		removeInputDeprecation(s)
		removeIncludeDeprecated(s, "__Type", "fields")
		removeIncludeDeprecated(s, "__Type", "enumValues")
	}
	if version.NoIntrospection {
		s.Query.Fields = slices.DeleteFunc(s.Query.Fields, func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	}
	return &gatewaySchema{s, was, settled, g.isFusion()}, nil
}

// distinctDirectives drops definitions of the same name, which several services of a gateway can
// have.
func distinctDirectives(list ast.DirectiveDefinitionList) ast.DirectiveDefinitionList {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(d *ast.DirectiveDefinition) bool {
		again := seen[d.Name]
		seen[d.Name] = true
		return again
	})
}

// mergeDefinitions merges definitions of the same name, which several services of a gateway can
// have. The first definition of a field takes precedence.
func mergeDefinitions(list ast.DefinitionList) ast.DefinitionList {
	byName := map[string]*ast.Definition{}
	return slices.DeleteFunc(list, func(d *ast.Definition) bool {
		first, again := byName[d.Name]
		if !again {
			byName[d.Name] = d
			return false
		}
		for _, f := range d.Fields {
			if first.Fields.ForName(f.Name) == nil {
				first.Fields = append(first.Fields, f)
			}
		}
		for _, v := range d.EnumValues {
			if first.EnumValues.ForName(v.Name) == nil {
				first.EnumValues = append(first.EnumValues, v)
			}
		}
		for _, name := range d.Interfaces {
			if !slices.Contains(first.Interfaces, name) {
				first.Interfaces = append(first.Interfaces, name)
			}
		}
		for _, member := range d.Types {
			if !slices.Contains(first.Types, member) {
				first.Types = append(first.Types, member)
			}
		}
		return true
	})
}

// directiveDefinition is a directive location of the draft specification.
const directiveDefinition = "DIRECTIVE_DEFINITION"

// removeDraftFeatures removes features of the draft specification: graphql-core fails on an unknown
// directive location, and the emulator does not support @defer.
func removeDraftFeatures(s *ast.Schema) {
	delete(s.Directives, "defer")
	places := s.Types["__DirectiveLocation"]
	places.EnumValues = slices.DeleteFunc(places.EnumValues, func(v *ast.EnumValueDefinition) bool { return v.Name == directiveDefinition })
	for _, d := range s.Directives {
		d.Locations = slices.DeleteFunc(d.Locations, func(l ast.DirectiveLocation) bool { return l == directiveDefinition })
	}
}

// removeInputDeprecation makes the schema that of a server without deprecated arguments and input
// fields, which rejects a query for them.
func removeInputDeprecation(s *ast.Schema) {
	removeIncludeDeprecated(s, "__Type", "inputFields")
	removeIncludeDeprecated(s, "__Field", "args")
	removeIncludeDeprecated(s, "__Directive", "args")
	value := s.Types["__InputValue"]
	value.Fields = slices.DeleteFunc(value.Fields, func(f *ast.FieldDefinition) bool {
		return f.Name == "isDeprecated" || f.Name == "deprecationReason"
	})
}

// removeIncludeDeprecated removes the argument includeDeprecated from a field of introspection.
func removeIncludeDeprecated(s *ast.Schema, typ, field string) {
	f := s.Types[typ].Fields.ForName(field)
	f.Arguments = slices.DeleteFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Name == "includeDeprecated" })
}
