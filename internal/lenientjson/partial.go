// Package lenientjson decodes as much of a JSON value as fits. It does what encoding/json does with
// the same types, with four differences: a value that does not fit its type affects only itself,
// the error names each such value by its path, unions are decoded in the same pass, and numbers are
// accepted that servers write in another form than the schema declares: a number for a string
// becomes its text, as written, and a number like 3.0 for an integer becomes that integer.
//
// A union is a struct with the fields Typename (string), Raw (json.RawMessage) and a pointer for
// each member with the member's GraphQL type as its tag: `on:"Circle"`. The member that __typename
// names is decoded. If an object names none of them, it is stored in Raw without an error: members
// are added without notice, and a custom selection may omit __typename. In the object of a member,
// the prefix "Circle_" of a name is ignored if the member has no such field: GraphQL needs such
// aliases if the fields of two members have the same name and different types.
//
// A text is read in one pass, which also checks values that no field receives. Decoded values share
// no memory with the text. Strings of up to 64 bytes share blocks of 512 bytes, so keeping one
// string keeps its block.
//
// Types that encoding/json treats specially are left to it, for example maps, embedded structs and
// types with their own methods.
package lenientjson

import (
	"encoding/json"
	"iter"
	"reflect"

	"github.com/taegis-go/taegis/core"
)

// Unmarshal decodes data into the value that the pointer out points to. If data is not JSON, it
// returns a [*json.SyntaxError] and decodes nothing. If values do not fit, the error unwraps to a
// [*core.DecodeError] for each of the first few. The limits are [core.DefaultLimits].
func Unmarshal(data []byte, out any) error {
	d := NewDecoder(data, core.DefaultLimits)
	misfit := d.Decode(out)
	if err := d.End(); err != nil {
		return err
	}
	return misfit
}

// Decoder reads the text of one JSON value and decodes the parts that its caller requests.
type Decoder struct {
	cursor
	misfits *misfits // of the value that is being decoded, nil for none
	path    []step
	strings stringBlocks
	decoded []reflect.Value // by Decode, to be undone
	sound   bool            // the whole text is known to be JSON
	limits  core.Limits
	left    int64 // of limits.ValueBytes
}

// NewDecoder returns a decoder at the beginning of text, which must not change while it is in use.
// It applies the limits on values and depth.
func NewDecoder(text []byte, limits core.Limits) *Decoder {
	limits = limits.OrDefault()
	return &Decoder{
		cursor: cursor{text: text, limit: limits.Depth},
		path:   make([]step, 0, 16), // answers are seldom deeper
		limits: limits, left: limits.ValueBytes,
	}
}

// End returns a [*json.SyntaxError] if the text is anything but the value that has been passed, and
// a [*core.LimitError] if a limit was reached; what was decoded into zero values is then undone.
func (d *Decoder) End() error {
	if d.peek(); !d.broken && d.at == len(d.text) {
		return nil
	}
	for _, v := range d.decoded {
		v.SetZero()
	}
	if err := d.exceeded(); err != nil {
		return err
	}
	return json.Unmarshal(d.text, new(json.RawMessage)) // it returns the syntax error
}

// Peek returns the first byte of the current value: 'n' means null, 0 means that there is none.
func (d *Decoder) Peek() byte { return d.peek() }

// Fork returns a decoder at the same place, which does not move this one.
func (d *Decoder) Fork() *Decoder {
	fork := *d
	return &fork
}

// Value passes the current value and returns its text, nil if it is not JSON.
func (d *Decoder) Value() json.RawMessage { return d.value() }

// Members yields the names of the members of the object at hand, with the value of each at hand,
// which may be left there. A name is valid until its value is passed. What is no object is passed.
func (d *Decoder) Members() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if d.peek() != '{' {
			d.pass()
			return
		}
		wanted := true
		for more := d.open('}'); more; more = d.next('}') {
			name := d.key()
			d.peek()
			begin := d.at // a caller that only peeks makes no progress
			if wanted = wanted && yield(name); d.at == begin {
				d.pass()
			}
		}
	}
}

// Decode decodes the value at hand, as [Unmarshal] does. What is wrong with the text itself shows
// at its end only.
func (d *Decoder) Decode(out any) error {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		d.pass()
		return &json.InvalidUnmarshalError{Type: reflect.TypeOf(out)}
	}
	v = v.Elem()
	if v.IsZero() {
		d.decoded = append(d.decoded, v)
	} else if d.sound = d.sound || json.Valid(d.text); !d.sound {
		d.fail() // at once, as this value could not be put back
		return nil
	}
	d.misfits = nil
	d.decode(planOf(v.Type()), v)
	if d.misfits == nil {
		return nil
	}
	return d.misfits
}

func (d *Decoder) decode(p *plan, v reflect.Value) {
	p.once.Do(p.make)
	p.decode(d, v)
}
