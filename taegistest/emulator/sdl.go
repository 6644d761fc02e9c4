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

// served is the schema of a gateway as its clients meet it.
type served struct {
	*ast.Schema
	origins
}

// schema parses the SDL of the gateway's services into one schema, and lets it drift.
func (g *gateway) schema(version Drift) (*served, error) {
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
	doc.Definitions = unite(doc.Definitions)
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
			forgetInputDeprecation(s)
		}
	}
	forgetNovelties(s)
	if version.NoIncludeDeprecated {
		forgetInputDeprecation(s)
		forgetArgument(s, "__Type", "fields")
		forgetArgument(s, "__Type", "enumValues")
	}
	if version.NoIntrospection {
		s.Query.Fields = slices.DeleteFunc(s.Query.Fields, func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	}
	return &served{s, was}, nil
}

// unite merges definitions of the same name, as the services of one gateway have them: the
// first spelling of a field wins.
func unite(list ast.DefinitionList) ast.DefinitionList {
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
		for _, member := range d.Types {
			if !slices.Contains(first.Types, member) {
				first.Types = append(first.Types, member)
			}
		}
		return true
	})
}

// directiveDefinition is a place for directives that only drafts of GraphQL know.
const directiveDefinition = "DIRECTIVE_DEFINITION"

// forgetNovelties takes out of introspection what clients of the released specification do not
// know: graphql-core fails on an unknown place for directives, and nothing here defers.
func forgetNovelties(s *ast.Schema) {
	delete(s.Directives, "defer")
	places := s.Types["__DirectiveLocation"]
	places.EnumValues = slices.DeleteFunc(places.EnumValues, func(v *ast.EnumValueDefinition) bool { return v.Name == directiveDefinition })
	for _, d := range s.Directives {
		d.Locations = slices.DeleteFunc(d.Locations, func(l ast.DirectiveLocation) bool { return l == directiveDefinition })
	}
}

// forgetInputDeprecation makes the schema that of a server which cannot deprecate arguments and
// input fields: it refuses a query that asks for that.
func forgetInputDeprecation(s *ast.Schema) {
	forgetArgument(s, "__Type", "inputFields")
	forgetArgument(s, "__Field", "args")
	forgetArgument(s, "__Directive", "args")
	value := s.Types["__InputValue"]
	value.Fields = slices.DeleteFunc(value.Fields, func(f *ast.FieldDefinition) bool {
		return f.Name == "isDeprecated" || f.Name == "deprecationReason"
	})
}

// forgetArgument takes includeDeprecated away from a field of introspection.
func forgetArgument(s *ast.Schema, typ, field string) {
	f := s.Types[typ].Fields.ForName(field)
	f.Arguments = slices.DeleteFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Name == "includeDeprecated" })
}
