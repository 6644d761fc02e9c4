package call

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// MarshalInput encodes an input struct. An optional field (tag omitzero) is left out if it is zero,
// and null if its JSON name is in NullFields. MarshalInput returns an error if NullFields contains
// a field that is set, required or unknown.
func MarshalInput(input any) ([]byte, error) {
	v := reflect.ValueOf(input)
	nulls, _ := reflect.TypeAssert[[]string](v.FieldByName("NullFields"))
	object := objectWriter{}
	var optional []string
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		value, null := v.Field(i).Interface(), slices.Contains(nulls, name)
		if option == "omitzero" {
			optional = append(optional, name)
			switch absent := v.Field(i).IsZero(); {
			case absent && !null:
				continue
			case absent:
				value = nil
			case null:
				return nil, fmt.Errorf("%s: %q is set and in NullFields: choose one", v.Type(), name)
			}
		}
		if err := object.add(name, value); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", v.Type(), name, err)
		}
	}
	for _, name := range nulls {
		if !slices.Contains(optional, name) {
			return nil, fmt.Errorf("%s: %q in NullFields is not an optional field: use one of %s",
				v.Type(), name, strings.Join(optional, ", "))
		}
	}
	return object.bytes(), nil
}

// objectWriter writes a JSON object member by member.
type objectWriter struct{ buf bytes.Buffer }

func (w *objectWriter) add(name string, value any) error {
	begin := `,"`
	if w.buf.Len() == 0 {
		begin = `{"`
	}
	w.buf.WriteString(begin + name + `":`)
	e := json.NewEncoder(&w.buf)
	e.SetEscapeHTML(false) // the encoder of the whole request decides
	return e.Encode(value)
}

func (w *objectWriter) bytes() []byte {
	if w.buf.Len() == 0 {
		return []byte("{}")
	}
	w.buf.WriteByte('}')
	return w.buf.Bytes()
}
