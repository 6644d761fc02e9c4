package partial

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// union is the plan of a union.
type union struct {
	of            reflect.Type
	typename, raw int
	members       map[string]member
}

type member struct {
	index  int
	plan   *plan
	prefix string // of its fields' aliases
}

// unionOf returns the plan of t, if it is a union.
func unionOf(t reflect.Type) (*union, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	u := &union{of: t, members: map[string]member{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("on")
		switch {
		case f.Name == "Typename" && f.Type.Kind() == reflect.String:
			u.typename = i
		case f.Name == "Raw" && f.Type == reflect.TypeFor[json.RawMessage]():
			u.raw = i
		case name != "" && f.IsExported() && f.Type.Kind() == reflect.Pointer:
			u.members[name] = member{i, planOf(f.Type.Elem()), name + "_"}
		default:
			return nil, false
		}
	}
	return u, len(u.members) > 0 && t.NumField() == len(u.members)+2
}

func (u *union) decode(d *decoder, v reflect.Value) {
	if d.null() {
		return
	}
	v.SetZero()
	begin := d.at
	typename, fits := d.typename()
	d.at = begin
	v.Field(u.typename).SetString(typename)
	m, known := u.members[typename]
	if !known {
		v.Field(u.raw).SetBytes(bytes.Clone(d.value()))
		if !fits {
			d.at = begin
			d.skip(u.of)
		}
		return
	}
	value := reflect.New(m.plan.of)
	v.Field(m.index).Set(value)
	if m.plan.once.Do(m.plan.make); m.plan.object != nil {
		m.plan.object.decode(d, value.Elem(), m.prefix)
		return
	}
	m.plan.decode(d, value.Elem())
}

// typename looks up __typename in the value at hand; fits is false where the value is no object
// or its __typename is no string.
func (d *decoder) typename() (name string, fits bool) {
	if d.peek() != '{' {
		return "", false
	}
	for more := d.open(); more; more = d.next() {
		switch key := d.key(); {
		case string(key) != "__typename":
			d.value()
		case d.peek() == '"':
			return string(d.string()), true
		case d.null():
			return "", true
		default:
			return "", false
		}
	}
	return "", true
}
