package emulator

import (
	"math/rand/v2"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/internal/text"
)

// changeMembers changes the members of a type.
func (d *drifter) changeMembers(def *ast.Definition) {
	switch def.Kind {
	case ast.Object:
		d.changeFields(def)
	case ast.InputObject:
		d.changeInputFields(def)
	case ast.Enum:
		d.changeValues(def)
	case ast.Union:
		def.TypePositions = nil // would have to be as long as Types
		def.Types = thin(def.Types, func(member string) bool { return ofMembers.draw(d.random(def.Name, member)) != removed })
	}
}

func (d *drifter) changeFields(def *ast.Definition) {
	chances := fieldOdds(def)
	taken := namesIn(def.Fields, func(f *ast.FieldDefinition) string { return f.Name })
	def.Fields = thin(def.Fields, func(f *ast.FieldDefinition) bool {
		d.changeArguments(def, f)
		if d.isImplemented(def, f) {
			return true
		}
		rng := d.random(def.Name, f.Name)
		switch chances[f].draw(rng) {
		case removed:
			return false
		case renamed:
			d.was.fields[f] = origin{name: f.Name}
			f.Name = taken.another(f.Name, rng)
		case retyped:
			retype(f.Type, rng)
		case reshaped:
			d.was.fields[f] = origin{name: f.Name, reshaped: d.reshape(f.Type, rng)}
		}
		return true
	})
}

// isImplemented reports whether a field is one that an interface of its type demands.
func (d *drifter) isImplemented(def *ast.Definition, f *ast.FieldDefinition) bool {
	return slices.ContainsFunc(def.Interfaces, func(name string) bool {
		return d.byName[name] != nil && d.byName[name].Fields.ForName(f.Name) != nil
	})
}

// fieldOdds returns the odds of a type's fields. If two differ only in spelling, for example
// clientSecret and the deprecated client_secret, the newer field is often removed.
func fieldOdds(def *ast.Definition) map[*ast.FieldDefinition]odds {
	older, newer := map[string]bool{}, map[string]bool{}
	for _, f := range def.Fields {
		if f.Directives.ForName("deprecated") != nil {
			older[text.Fold(f.Name)] = true
		} else {
			newer[text.Fold(f.Name)] = true
		}
	}
	chances := map[*ast.FieldDefinition]odds{}
	for _, f := range def.Fields {
		name := text.Fold(f.Name)
		switch {
		case isRoot(def):
			chances[f] = ofOperations
		case !older[name] || !newer[name]:
			chances[f] = ofFields
		case f.Directives.ForName("deprecated") != nil:
			chances[f] = ofOlderTwins
		default:
			chances[f] = ofNewerTwins
		}
	}
	return chances
}

func (d *drifter) changeArguments(def *ast.Definition, f *ast.FieldDefinition) {
	taken := namesIn(f.Arguments, func(a *ast.ArgumentDefinition) string { return a.Name })
	f.Arguments = slices.DeleteFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool {
		before := a.Name
		gone := changeInput(ofArguments, d.random(def.Name, f.Name, a.Name), &a.Name, a.Type, taken)
		if a.Name != before {
			d.was.arguments[a] = before
		}
		return gone
	})
}

func (d *drifter) changeInputFields(def *ast.Definition) {
	taken := namesIn(def.Fields, func(f *ast.FieldDefinition) string { return f.Name })
	def.Fields = thin(def.Fields, func(f *ast.FieldDefinition) bool {
		return !changeInput(ofInputFields, d.random(def.Name, f.Name), &f.Name, f.Type, taken)
	})
}

// changeInput changes an argument or a field of an input object. It reports whether to remove it.
func changeInput(chances odds, rng *rand.Rand, name *string, t *ast.Type, taken names) (gone bool) {
	switch chances.draw(rng) {
	case removed:
		return true
	case renamed:
		*name = taken.another(*name, rng)
		t.NonNull = false // a caller cannot know the new name
	case retyped:
		retype(t, rng)
	case requalified:
		if t.Elem != nil {
			t.Elem.NonNull = !t.Elem.NonNull
		} else {
			t.NonNull = false
		}
	}
	return false
}

func (d *drifter) changeValues(def *ast.Definition) {
	taken := namesIn(def.EnumValues, func(v *ast.EnumValueDefinition) string { return v.Name })
	def.EnumValues = thin(def.EnumValues, func(v *ast.EnumValueDefinition) bool {
		switch ofValues.draw(d.random(def.Name, v.Name)) {
		case removed:
			return false
		case renamed:
			v.Name = taken.suffixed(v.Name)
		}
		return true
	})
}

// otherScalars are the scalars that can replace a scalar without a change of its JSON values.
var otherScalars = map[string][]string{
	"String": {"ID", "Time", "UUID"},
	"ID":     {"String", "UUID"},
	"Int":    {"Uint64"},
	"JSON":   {"Map"},
}

func retype(t *ast.Type, rng *rand.Rand) {
	t = innermost(t)
	if others := otherScalars[t.NamedType]; others != nil {
		t.NamedType = others[rng.IntN(len(others))]
	}
}

// reshape replaces an object with a scalar, or a scalar with an object.
func (d *drifter) reshape(t *ast.Type, rng *rand.Rand) bool {
	t = innermost(t)
	switch def := d.byName[t.NamedType]; {
	case def.IsCompositeType():
		t.NamedType = "String"
		return true
	case def.Kind == ast.Scalar && len(d.objects) > 0:
		t.NamedType = d.objects[rng.IntN(len(d.objects))]
		return true
	}
	return false
}

// thin returns the items for which stays returns true, or the first item if there are none.
func thin[T any](items []T, stays func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if stays(item) {
			kept = append(kept, item)
		}
	}
	if len(kept) == 0 {
		return items[:1]
	}
	return kept
}
