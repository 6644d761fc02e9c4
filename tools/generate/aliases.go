package main

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// alias is a field and its deprecated alias in the same type.
type alias struct{ Type, Field, Deprecated string }

// aliasesIn returns the aliases of the fields that a validated operation selects below its root.
func aliasesIn(op *ast.OperationDefinition) []alias {
	var found []alias
	var visit func(ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.InlineFragment:
				visit(s.SelectionSet)
			case *ast.Field:
				if t, ok := aliasOf(s.ObjectDefinition, s.Definition); ok && !slices.Contains(found, t) {
					found = append(found, t)
				}
				visit(s.SelectionSet)
			}
		}
	}
	for _, root := range op.SelectionSet {
		visit(root.(*ast.Field).SelectionSet) // a default document has one field at its root
	}
	return found
}

// aliasOf returns the deprecated field of a type that has the name of another field except for case
// and underscores.
func aliasOf(def *ast.Definition, field *ast.FieldDefinition) (alias, bool) {
	if isDeprecated(field.Directives) {
		return alias{}, false
	}
	for _, other := range def.Fields {
		if isDeprecated(other.Directives) && plainName(other.Name) == plainName(field.Name) {
			return alias{def.Name, field.Name, other.Name}, true
		}
	}
	return alias{}, false
}

func plainName(wire string) string { return strings.ToLower(strings.ReplaceAll(wire, "_", "")) }
