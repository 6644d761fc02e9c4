package taegis

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// wireField is a field of a struct with its name for encoding/json.
type wireField struct {
	reflect.StructField
	name   string
	tagged bool         // the name is that of its json tag
	in     reflect.Type // the struct that declares it
}

// path names the field in errors.
func (f wireField) path() string { return fmt.Sprintf("%v.%s", f.in, f.Name) }

// wireFields returns the fields that encoding/json decodes, those of embedded structs included: of
// several with one name, the outermost. Two with one name at the same depth are an error:
// encoding/json decodes neither of them, unless one alone has the name by a tag.
func wireFields(t reflect.Type) ([]wireField, error) {
	var fields []wireField
	known, visited := map[string]bool{}, map[reflect.Type]bool{}
	for level := []reflect.Type{t}; len(level) > 0; {
		candidates, embedded := fieldsOf(level, visited)
		groups := map[string][]wireField{}
		for _, f := range candidates {
			groups[f.name] = append(groups[f.name], f)
		}
		for _, f := range candidates {
			if known[f.name] {
				continue
			}
			known[f.name] = true
			decoded, err := dominant(groups[f.name])
			if err != nil {
				return nil, err
			}
			fields = append(fields, decoded)
		}
		level = embedded
	}
	return fields, nil
}

// fieldsOf returns the fields that the structs of one depth declare, and the structs that they
// embed. A struct that is embedded twice at one depth adds its fields twice; one of a lesser depth,
// none.
func fieldsOf(level []reflect.Type, visited map[reflect.Type]bool) (fields []wireField, embedded []reflect.Type) {
	for _, t := range level {
		if visited[t] {
			continue
		}
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch inner := embeddedStruct(f); {
			case f.Tag.Get("json") == "-":
			case inner != nil && name == "":
				embedded = append(embedded, inner)
			case !f.IsExported():
			case name == "":
				fields = append(fields, wireField{f, f.Name, false, t})
			default:
				fields = append(fields, wireField{f, name, true, t})
			}
		}
	}
	for _, t := range level {
		visited[t] = true
	}
	return fields, embedded
}

// dominant returns which of the fields with one name at one depth encoding/json decodes.
func dominant(fields []wireField) (wireField, error) {
	var tagged []wireField
	for _, f := range fields {
		if f.tagged {
			tagged = append(tagged, f)
		}
	}
	switch {
	case len(fields) == 1:
		return fields[0], nil
	case len(tagged) == 1:
		return tagged[0], nil
	case len(tagged) > 1:
		fields = tagged
	}
	first, second := fields[0].path(), fields[1].path()
	if first == second {
		return wireField{}, fmt.Errorf("%s is embedded twice as %q, so neither is decoded", first, fields[0].name)
	}
	return wireField{}, fmt.Errorf("%s and %s are both %q, so neither is decoded", first, second, fields[0].name)
}

// embeddedStruct returns the struct that a field embeds, by itself or by a pointer, else nil.
func embeddedStruct(f reflect.StructField) reflect.Type {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !f.Anonymous || t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// checked caches the result of unambiguous for each type: an error or nil.
var checked sync.Map

// unambiguous returns an error if encoding/json cannot decode a field of a value of type t because
// another one has the same name.
func unambiguous(t reflect.Type) error {
	known, ok := checked.Load(t)
	if !ok {
		known, _ = checked.LoadOrStore(t, ambiguous(t, map[reflect.Type]bool{}))
	}
	err, _ := known.(error)
	return err
}

// ambiguous returns an error if a struct in a value of type t has fields with the same name for
// encoding/json. It does not look into types with an unmarshaler.
func ambiguous(t reflect.Type, visited map[reflect.Type]bool) error {
	if visited[t] || decodesItself(t) {
		return nil
	}
	visited[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return ambiguous(t.Elem(), visited)
	case reflect.Struct:
		fields, err := wireFields(t)
		for _, f := range fields {
			if err == nil {
				err = ambiguous(f.Type, visited)
			}
		}
		return err
	}
	return nil
}

// decodesItself reports whether a type has an unmarshaler.
func decodesItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return pointer.Implements(textUnmarshaler) || pointer.Implements(jsonUnmarshaler)
}
