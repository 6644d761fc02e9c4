package taegis

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// deriveSelection returns the selection, with its braces, of all that encoding/json decodes into a
// type; "" for a type without fields, such as a string or a list of numbers.
func deriveSelection(t reflect.Type) (string, error) {
	var d derivation
	if err := d.value(t); err != nil {
		return "", err
	}
	return strings.TrimSpace(d.text.String()), nil
}

// derivation is a selection in the making.
type derivation struct {
	text   strings.Builder
	within []reflect.Type // what is around the place that is being written
}

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// value writes the selection of a value, with a space before it, or nothing for a plain one.
func (d *derivation) value(t reflect.Type) error {
	switch pointer := reflect.PointerTo(t); {
	case pointer.Implements(textUnmarshaler):
		return nil // from a JSON string, such as a time
	case pointer.Implements(jsonUnmarshaler):
		return fmt.Errorf("%v decodes itself and does not say from what", t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Struct:
		return d.composite(t)
	case reflect.Map, reflect.Interface, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf("%v does not say what it holds", t)
	}
	return nil
}

// composite writes the selection of a struct, or of what a pointer or a list leads to.
func (d *derivation) composite(t reflect.Type) error {
	if slices.Contains(d.within, t) {
		return fmt.Errorf("%v contains itself", t)
	}
	d.within = append(d.within, t)
	defer func() { d.within = d.within[:len(d.within)-1] }()
	if t.Kind() == reflect.Struct {
		return d.object(t)
	}
	return d.value(t.Elem())
}

func (d *derivation) object(t reflect.Type) error {
	fields, err := wireFields(t)
	switch {
	case err != nil:
		return err
	case len(fields) == 0:
		return fmt.Errorf("%v has no field to select", t)
	}
	d.text.WriteString(" {")
	for _, f := range fields {
		d.text.WriteString(" " + wireName(f))
		if err := d.value(f.Type); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	d.text.WriteString(" }")
	return nil
}

// wireFields returns the fields that encoding/json decodes, those of embedded structs included:
// of several with one name on the wire the outermost.
func wireFields(t reflect.Type) ([]reflect.StructField, error) {
	var fields []reflect.StructField
	known, visited := map[string]bool{}, map[reflect.Type]bool{}
	for level := []reflect.Type{t}; len(level) > 0; {
		var embedded []reflect.Type
		for _, t := range level {
			if visited[t] {
				continue
			}
			visited[t] = true
			for f := range t.Fields() {
				name, inner := wireName(f), embeddedStruct(f)
				switch {
				case inner != nil && name == "":
					embedded = append(embedded, inner)
				case f.Tag.Get("json") == "-" || !f.IsExported() || known[name]:
				case !graphQLName.MatchString(name):
					return nil, fmt.Errorf("field %s of %v has no json tag with its name on the wire", f.Name, t)
				default:
					known[name] = true
					fields = append(fields, f)
				}
			}
		}
		level = embedded
	}
	return fields, nil
}

// wireName returns the name that a field's json tag gives it. Without one, encoding/json would take
// the Go name in any case; the wire has the one case.
func wireName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

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
