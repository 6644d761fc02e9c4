package introspection

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// Print returns the schema in the schema definition language, directives and then types sorted by
// name, their fields in the server's order, without what GraphQL itself defines. Two schemas that
// are the same print alike.
func Print(schema *ast.Schema) string {
	var parts []string
	add := func(format func(formatter.Formatter)) {
		var b strings.Builder
		if format(formatter.NewFormatter(&b, formatter.WithIndent("  "))); b.Len() > 0 {
			parts = append(parts, b.String())
		}
	}
	roots := &ast.Schema{Query: schema.Query, Mutation: schema.Mutation, Subscription: schema.Subscription}
	add(func(f formatter.Formatter) { f.FormatSchema(roots) })
	for _, name := range slices.Sorted(maps.Keys(schema.Directives)) {
		document := &ast.SchemaDocument{Directives: ast.DirectiveDefinitionList{schema.Directives[name]}}
		add(func(f formatter.Formatter) { f.FormatSchemaDocument(document) })
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		document := &ast.SchemaDocument{Definitions: ast.DefinitionList{schema.Types[name]}}
		add(func(f formatter.Formatter) { f.FormatSchemaDocument(document) })
	}
	return strings.Join(parts, "\n")
}
