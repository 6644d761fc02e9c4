package partial

import (
	"encoding/json"
	"reflect"
)

// standard leaves a value to encoding/json.
func standard(d *decoder, v reflect.Value) {
	d.peek()
	if err := json.Unmarshal(d.value(), v.Addr().Interface()); err != nil {
		d.misfit(err)
	}
}

func pointer(elem *plan) func(*decoder, reflect.Value) {
	return func(d *decoder, v reflect.Value) {
		if d.null() {
			v.SetZero()
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(elem.of))
		}
		d.decode(elem, v.Elem())
	}
}

func list(elem *plan) func(*decoder, reflect.Value) {
	return func(d *decoder, v reflect.Value) {
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
		for more := d.open(); more; more = d.next() {
			if n == v.Cap() {
				v.Grow(4)
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

// decode fills a struct. The prefix of names is ignored where it has to be, see the package.
func (o *object) decode(d *decoder, v reflect.Value, prefix string) {
	switch {
	case d.null():
		return
	case d.peek() != '{':
		d.skip(o.of)
		return
	}
	top := len(d.path)
	d.path = append(d.path, step{})
	guess := 0
	for more := d.open(); more; more = d.next() {
		i := o.find(d.key(), guess, prefix)
		if i < 0 {
			d.value()
			continue
		}
		f := &o.fields[i]
		d.path[top].name = f.name
		d.decode(f.plan, v.Field(f.index))
		guess = i + 1
	}
	d.path = d.path[:top]
}

func text(d *decoder, v reflect.Value) {
	switch d.peek() {
	case '"':
		v.SetString(string(d.string()))
	case 'n':
		d.value()
	default:
		d.skip(v.Type())
	}
}

func boolean(d *decoder, v reflect.Value) {
	switch b := d.peek(); b {
	case 't', 'f':
		d.value()
		v.SetBool(b == 't')
	case 'n':
		d.value()
	default:
		d.skip(v.Type())
	}
}

// number decodes numbers of one kind with the functions that parse and set it.
func number[T any](t reflect.Type, parse func(s string, base, bits int) (T, error), set func(reflect.Value, T)) func(*decoder, reflect.Value) {
	bits := t.Bits()
	return func(d *decoder, v reflect.Value) {
		switch b := d.peek(); {
		case b == 'n':
			d.value()
			return
		case b == '-' || '0' <= b && b <= '9':
			begin := d.at
			if n, err := parse(string(d.literal()), 10, bits); err == nil {
				set(v, n)
				return
			}
			d.at = begin
		}
		d.skip(t)
	}
}
