package emulator

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// newScalars returns the scalars that a change can introduce and the services' SDL lacks.
func (d *drifter) newScalars() ast.DefinitionList {
	var list ast.DefinitionList
	for _, name := range []string{"Map", "Time", "UUID", "Uint64"} {
		if d.byName[name] == nil {
			list = append(list, &ast.Definition{Kind: ast.Scalar, Name: name})
		}
	}
	return list
}

func (d *drifter) typeChange(def *ast.Definition) change {
	if isRoot(def) {
		return unchanged
	}
	return ofTypes[def.Kind].draw(d.random(def.Name))
}

func (d *drifter) removeTypes() {
	for _, def := range slices.Clone(d.defs) {
		if d.typeChange(def) == removed && d.expendable(def.Name) {
			d.remove(def)
		}
	}
}

// expendable reports whether no operation returns the type, and no other type becomes empty without
// it.
func (d *drifter) expendable(name string) bool {
	for _, def := range d.defs {
		returning := 0
		for _, f := range def.Fields {
			if f.Type.Name() == name {
				returning++
			}
		}
		if returning > 0 && (isRoot(def) || returning == len(def.Fields)) {
			return false
		}
		if len(def.Types) == 1 && def.Types[0] == name {
			return false
		}
	}
	return true
}

// remove removes a type from the schema, with the fields that return it.
func (d *drifter) remove(gone *ast.Definition) {
	d.defs = slices.DeleteFunc(d.defs, func(def *ast.Definition) bool { return def == gone })
	for _, def := range d.defs {
		def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Type.Name() == gone.Name })
		def.Types = slices.DeleteFunc(def.Types, func(name string) bool { return name == gone.Name })
		def.TypePositions = nil // would have to be as long as Types
	}
}

func (d *drifter) renameTypes() {
	taken := namesIn(slices.Collect(maps.Keys(d.byName)), func(name string) string { return name })
	for _, def := range d.defs {
		if d.typeChange(def) == renamed {
			d.was.types[def.Name] = taken.suffixed(def.Name)
		}
	}
	refer := func(t *ast.Type) {
		t = innermost(t)
		t.NamedType = d.was.typeName(t.NamedType)
	}
	for _, def := range d.defs {
		def.Name = d.was.typeName(def.Name)
		for i, member := range def.Types {
			def.Types[i] = d.was.typeName(member)
		}
		for _, f := range def.Fields {
			refer(f.Type)
			for _, a := range f.Arguments {
				refer(a.Type)
			}
		}
	}
}

// innermost returns the item type of a list, at any depth.
func innermost(t *ast.Type) *ast.Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}
