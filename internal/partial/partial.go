// Package partial decodes JSON as far as it fits. It does what encoding/json does with the same
// types, with three differences: a value that does not fit its type costs nothing but itself,
// the error names each such value by its path, and unions are decoded in the same pass.
//
// A union is a struct with the fields Typename (string), Raw (json.RawMessage) and a pointer for
// each member, whose tag is the member's GraphQL type: `on:"Circle"`. The member that __typename
// names is decoded. An object that names none of them goes to Raw, and is no error: members
// arrive without notice, and a caller's own selection may leave __typename out. In the object of
// a member the prefix "Circle_" of a name is ignored where the member has no such field: GraphQL
// needs such aliases where the fields of two members have the same name and different types.
//
// What encoding/json treats specially, such as types with methods of their own, maps and embedded
// structs, is left to it.
package partial

import (
	"encoding/json"
	"fmt"
	"iter"
	"reflect"

	"github.com/taegis-go/taegis/core"
)

// Unmarshal decodes data into what the pointer out leads to. Where data is no JSON it returns a
// [*json.SyntaxError] and decodes nothing. What does not fit gives an error that unwraps to a
// [*core.DecodeError] for each of the first few misfits.
func Unmarshal(data []byte, out any) error {
	if !json.Valid(data) {
		return json.Unmarshal(data, new(json.RawMessage)) // it says what is wrong
	}
	return UnmarshalValid(data, out)
}

// UnmarshalValid is Unmarshal for data that is known to be valid JSON. Of anything else it makes
// something, or panics.
func UnmarshalValid(data []byte, out any) error {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &json.InvalidUnmarshalError{Type: reflect.TypeOf(out)}
	}
	d := decoder{cursor: cursor{text: data}}
	d.decode(planOf(v.Type().Elem()), v.Elem())
	return d.err()
}

// Members yields the members of an object that is known to be valid JSON.
func Members(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		c := cursor{text: object}
		for more := c.open(); more; more = c.next() {
			if name := string(c.key()); !yield(name, c.value()) {
				return
			}
		}
	}
}

// misfits are the errors about one answer.
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

// decoder decodes one text.
type decoder struct {
	cursor
	path []step
	misfits
}

// step leads from a value into it: to the member of that name, or to the item at index where name
// is empty.
type step struct {
	name  string
	index int
}

func (d *decoder) decode(p *plan, v reflect.Value) {
	p.once.Do(p.make)
	p.decode(d, v)
}

// skip passes over the value at hand, which does not fit t.
func (d *decoder) skip(t reflect.Type) {
	offset := d.at
	d.misfit(&json.UnmarshalTypeError{Value: describe(d.value(), t), Type: t, Offset: int64(offset)})
}

func (d *decoder) misfit(err error) {
	if d.count++; d.count > mostMisfits {
		return
	}
	path := make([]any, len(d.path))
	for i, s := range d.path {
		if path[i] = s.name; s.name == "" {
			path[i] = s.index
		}
	}
	d.first = append(d.first, &core.DecodeError{Path: path, Err: err})
}

func (d *decoder) err() error {
	if d.count == 0 {
		return nil
	}
	return &d.misfits
}

// describe says what kind of value a text is that does not fit t, as encoding/json does: a number
// is shown where it is one that t cannot hold, and is nobody's secret.
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
		return "number " + string(value)
	}
	return "number"
}
