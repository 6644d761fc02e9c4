package lenientjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
)

// standard leaves a value to encoding/json.
func standard(d *Decoder, v reflect.Value) {
	value := d.value()
	if value == nil || !d.take(weight(value, v.Type())) {
		return
	}
	if err := json.Unmarshal(value, v.Addr().Interface()); err != nil {
		d.misfit(err)
	}
}

// raw keeps a value as it is written.
func raw(d *Decoder, v reflect.Value) {
	if value := d.value(); value != nil && d.take(len(value)) {
		v.SetBytes(bytes.Clone(value))
	}
}

func pointer(elem *plan) func(*Decoder, reflect.Value) {
	return func(d *Decoder, v reflect.Value) {
		if d.null() {
			v.SetZero()
			return
		}
		if v.IsNil() {
			if !d.take(int(elem.of.Size())) {
				return
			}
			v.Set(reflect.New(elem.of))
		}
		d.decode(elem, v.Elem())
	}
}

func list(elem *plan) func(*Decoder, reflect.Value) {
	return func(d *Decoder, v reflect.Value) {
		switch {
		case d.null():
			v.SetZero()
			return
		case d.peek() != '[':
			d.skip(v.Type())
			return
		}
		v.SetLen(0)
		top := len(d.path)
		d.path = append(d.path, step{})
		n := 0
		for more := d.open(']'); more; more = d.next(']') {
			if n == v.Cap() {
				v.Grow(1)
				if !d.take((v.Cap() - n) * int(elem.of.Size())) {
					break
				}
			}
			v.SetLen(n + 1)
			d.path[top].index = n
			d.decode(elem, v.Index(n))
			n++
		}
		d.path = d.path[:top]
		if n == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
	}
}

// decode fills a struct. The prefix of names is ignored if necessary, see the package comment.
func (o *object) decode(d *Decoder, v reflect.Value, prefix string) {
	switch {
	case d.null():
	case d.peek() != '{':
		d.skip(o.of)
	case d.open('}'):
		o.decodeMembers(d, v, prefix)
	}
}

// decodeMembers fills a struct from the member at hand on.
func (o *object) decodeMembers(d *Decoder, v reflect.Value, prefix string) {
	top := len(d.path)
	d.path = append(d.path, step{})
	guess := 0
	for more := true; more; more = d.next('}') {
		i := o.find(d, guess, prefix)
		if i < 0 {
			d.pass()
			continue
		}
		f := &o.fields[i]
		d.path[top].name = f.name
		d.decode(f.plan, v.Field(f.index))
		guess = i + 1
	}
	d.path = d.path[:top]
}

// find passes the name of a member and returns the field for it, -1 for none. The guess is right if
// the server answers in the order of the selection.
func (o *object) find(d *Decoder, guess int, prefix string) int {
	d.peek()
	if guess < len(o.fields) && d.follows(o.fields[guess].begin) {
		return guess
	}
	return o.lookup(d.key(), prefix)
}

func text(d *Decoder, v reflect.Value) {
	switch d.peek() {
	case '"':
		if value := d.string(); d.take(len(value)) {
			v.SetString(d.strings.make(value, len(d.text)-d.at))
		}
	case 'n':
		d.null()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if literal := d.number(); !d.broken && d.take(len(literal)) {
			v.SetString(d.strings.make(literal, len(d.text)-d.at))
		}
	default:
		d.skip(v.Type())
	}
}

func boolean(d *Decoder, v reflect.Value) {
	switch b := d.peek(); b {
	case 't', 'f':
		d.pass()
		v.SetBool(b == 't')
	case 'n':
		d.null()
	default:
		d.skip(v.Type())
	}
}

func integer(t reflect.Type) func(*Decoder, reflect.Value) {
	bits := t.Bits()
	return number(t, func(v reflect.Value, literal []byte) error {
		n, err := strconv.ParseInt(integral(literal), 10, bits)
		if err == nil {
			v.SetInt(n)
		}
		return err
	})
}

func unsigned(t reflect.Type) func(*Decoder, reflect.Value) {
	bits := t.Bits()
	return number(t, func(v reflect.Value, literal []byte) error {
		n, err := strconv.ParseUint(integral(literal), 10, bits)
		if err == nil {
			v.SetUint(n)
		}
		return err
	})
}

func float(t reflect.Type) func(*Decoder, reflect.Value) {
	bits := t.Bits()
	return number(t, func(v reflect.Value, literal []byte) error {
		n, err := strconv.ParseFloat(string(literal), bits)
		if err == nil {
			v.SetFloat(n)
		}
		return err
	})
}

// number decodes numbers of one kind, which set sets from their text if it can.
func number(t reflect.Type, set func(v reflect.Value, literal []byte) error) func(*Decoder, reflect.Value) {
	return func(d *Decoder, v reflect.Value) {
		switch b := d.peek(); {
		case b == 'n':
			d.null()
			return
		case b == '-' || '0' <= b && b <= '9':
			begin := d.at
			if literal := d.number(); d.broken || set(v, literal) == nil {
				return
			}
			d.at = begin
		}
		d.skip(t)
	}
}
