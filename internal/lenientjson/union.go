package lenientjson

import (
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
	name   string
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
			u.members[name] = member{name, i, planOf(f.Type.Elem()), name + "_"}
		default:
			return nil, false
		}
	}
	return u, len(u.members) > 0 && t.NumField() == len(u.members)+2
}

func (u *union) decode(d *Decoder, v reflect.Value) {
	if d.null() {
		return
	}
	v.SetZero()
	d.peek()
	begin := d.cursor
	typename, fits := d.typename()
	if d.broken {
		return
	}
	m, known := u.members[string(typename)]
	if !known {
		v.Field(u.typename).SetString(string(typename))
		d.cursor = begin
		raw(d, v.Field(u.raw))
		if !fits {
			d.cursor = begin
			d.skip(u.of)
		}
		return
	}
	if !d.take(int(m.plan.of.Size())) {
		return
	}
	v.Field(u.typename).SetString(m.name)
	value := reflect.New(m.plan.of)
	v.Field(m.index).Set(value)
	d.cursor = begin
	if m.plan.once.Do(m.plan.make); m.plan.object != nil {
		m.plan.object.decode(d, value.Elem(), m.prefix)
		return
	}
	m.plan.decode(d, value.Elem())
}

// typename looks up __typename in the current value; fits is false if the value is not an object or
// its __typename is not a string.
func (d *Decoder) typename() (name []byte, fits bool) {
	if d.peek() != '{' {
		return nil, false
	}
	for more := d.open('}'); more; more = d.next('}') {
		switch key := d.key(); {
		case string(key) != "__typename":
			d.pass()
		case d.peek() == '"':
			return d.string(), true
		case d.null():
			return nil, true
		default:
			return nil, false
		}
	}
	return nil, true
}
