package main

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// twin is a field and the deprecated field of the same type that means the same.
type twin struct{ Type, Field, Deprecated string }

// twinsIn returns the twins of the fields that a validated operation selects below its root.
func twinsIn(op *ast.OperationDefinition) []twin {
	var found []twin
	var visit func(ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.InlineFragment:
				visit(s.SelectionSet)
			case *ast.Field:
				if t, ok := twinOf(s.ObjectDefinition, s.Definition); ok && !slices.Contains(found, t) {
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

// twinOf finds the deprecated field of a type that has the same name as one that is not, but for
// case and underscores.
func twinOf(def *ast.Definition, field *ast.FieldDefinition) (twin, bool) {
	if isDeprecated(field.Directives) {
		return twin{}, false
	}
	for _, other := range def.Fields {
		if isDeprecated(other.Directives) && plainName(other.Name) == plainName(field.Name) {
			return twin{def.Name, field.Name, other.Name}, true
		}
	}
	return twin{}, false
}

func plainName(wire string) string { return strings.ToLower(strings.ReplaceAll(wire, "_", "")) }
