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
// type; "" for a type without fields, for example a string or a list of numbers.
func deriveSelection(t reflect.Type) (string, error) {
	var d derivation
	if err := d.value(t); err != nil {
		return "", err
	}
	return strings.TrimSpace(d.text.String()), nil
}

// derivation is the state of [deriveSelection].
type derivation struct {
	text   strings.Builder
	within []reflect.Type // the types around the current one
}

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// value writes the selection of a value, with a space before it, or nothing for a plain one.
func (d *derivation) value(t reflect.Type) error {
	switch pointer := reflect.PointerTo(t); {
	case pointer.Implements(textUnmarshaler):
		return nil // from a JSON string, for example a time
	case pointer.Implements(jsonUnmarshaler):
		return fmt.Errorf("%v has its own UnmarshalJSON, so its fields are not known", t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Struct:
		return d.composite(t)
	case reflect.Map, reflect.Interface, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf("%v has no known fields", t)
	}
	return nil
}

// composite writes the selection of a struct, or of the element of a pointer or a list.
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
	if err == nil {
		err = selectable(t, fields)
	}
	if err != nil {
		return err
	}
	d.text.WriteString(" {")
	for _, f := range fields {
		d.text.WriteString(" " + f.name)
		if err := d.value(f.Type); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	d.text.WriteString(" }")
	return nil
}

// selectable returns an error if the fields of t cannot be selected by their names. Names in
// GraphQL differ by case, which encoding/json ignores if only one of them is present.
func selectable(t reflect.Type, fields []wireField) error {
	if len(fields) == 0 {
		return fmt.Errorf("%v has no field to select", t)
	}
	folded := map[string]wireField{}
	for _, f := range fields {
		if !f.tagged || !graphQLName.MatchString(f.name) {
			return fmt.Errorf("field %s of %v has no json tag with its name on the wire", f.Name, f.in)
		}
		other, twice := folded[strings.ToLower(f.name)]
		if twice {
			return fmt.Errorf("%s and %s are %q and %q, which differ only in case", other.path(), f.path(), other.name, f.name)
		}
		folded[strings.ToLower(f.name)] = f
	}
	return nil
}

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)
