package lenientjson

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/taegis-go/taegis/core"
)

// misfits are the errors about one value.
type misfits struct {
	first []error
	count int
}

// mostMisfits bounds what an error holds: an answer of another shape can have millions of them.
const mostMisfits = 8

func (m *misfits) Error() string {
	if m.count == 1 {
		return m.first[0].Error()
	}
	return fmt.Sprintf("%v (and %d more)", m.first[0], m.count-1)
}

// Unwrap returns the first misfits.
func (m *misfits) Unwrap() []error { return m.first }

// step leads from a value into it: to the member with that name, or to the item at index if name is
// empty.
type step struct {
	name  string
	index int
}

// skip passes over the value at hand, which does not fit t.
func (d *Decoder) skip(t reflect.Type) {
	d.peek()
	offset := d.at
	if value := d.value(); value != nil {
		d.misfit(&json.UnmarshalTypeError{Value: describe(value, t), Type: t, Offset: int64(offset)})
	}
}

func (d *Decoder) misfit(err error) {
	if d.misfits == nil {
		d.misfits = new(misfits)
	}
	m := d.misfits
	if m.count++; m.count > mostMisfits {
		return
	}
	path := make([]any, len(d.path))
	for i, s := range d.path {
		if path[i] = s.name; s.name == "" {
			path[i] = s.index
		}
	}
	m.first = append(m.first, &core.DecodeError{Path: path, Err: err})
}

// longestNumber is what is shown of a number; one with a fraction that is exact has less.
const longestNumber = 40

// describe returns the kind of a value that does not fit t, as encoding/json does. It shows a
// number that t cannot hold, because that is not a secret.
func describe(value []byte, t reflect.Type) string {
	switch value[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	}
	if reflect.Int <= t.Kind() && t.Kind() <= reflect.Float64 {
		if len(value) > longestNumber {
			return fmt.Sprintf("number %s… of %d characters", value[:longestNumber], len(value))
		}
		return "number " + string(value)
	}
	return "number"
}
