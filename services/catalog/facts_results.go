package catalog

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// compareResult records the type of a result, or of a field of one, that differs. Types of fusion
// are certain. On Taegis the SDL has the form of results only: everything can be null there, and
// the name of a scalar stands for all of the same form.
func (c *comparison) compareResult(on, name string, live, known *ast.Type) {
	same := live.String() == known.String()
	if c.live.platform == core.PlatformTaegis {
		same = c.sameForm(live, known)
	}
	if !same {
		c.facts.Results = append(c.facts.Results, TypeFact{
			On: on, Name: name, Type: live.String(), Assumed: known.String(), Basis: BasisCertain,
		})
	}
}

// sameForm reports whether the JSON of both types can be decoded by one Go type, as far as their
// schemas tell.
func (c *comparison) sameForm(live, known *ast.Type) bool {
	if (live.Elem == nil) != (known.Elem == nil) {
		return false
	}
	if live.Elem != nil {
		return c.sameForm(live.Elem, known.Elem)
	}
	one, other := c.live.types.Types[live.NamedType], c.own.types.Types[known.NamedType]
	if one == nil || other == nil || one.Kind != ast.Scalar && one.Kind != ast.Enum || other.Kind != ast.Scalar && other.Kind != ast.Enum {
		return live.NamedType == known.NamedType
	}
	first, second := formOf(one), formOf(other)
	return first == second || first == "" || second == ""
}

// formOf returns the form of the JSON of a scalar or an enum, "" if it is not known.
func formOf(def *ast.Definition) string {
	switch {
	case def.Kind == ast.Enum, def.Name == "String", def.Name == "ID":
		return "text"
	case def.Name == "Int", def.Name == "Float":
		return "number"
	case def.Name == "Boolean":
		return "boolean"
	}
	return ""
}
