package partial

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// plan is how values of one type are decoded. It is made when the first value is.
type plan struct {
	of     reflect.Type
	once   sync.Once
	decode func(*decoder, reflect.Value)
	object *object // of a struct that this package decodes
}

var plans sync.Map // of *plan by reflect.Type

func planOf(t reflect.Type) *plan {
	p, known := plans.Load(t)
	if !known {
		p, _ = plans.LoadOrStore(t, &plan{of: t})
	}
	return p.(*plan)
}

func (p *plan) make() {
	t := p.of
	if u, ok := unionOf(t); ok {
		p.decode = u.decode
		return
	}
	if p.decode = standard; special(t) {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		p.decode = pointer(planOf(t.Elem()))
	case reflect.Slice:
		p.decode = list(planOf(t.Elem()))
	case reflect.Struct:
		if o, ok := objectOf(t); ok {
			p.object = o
			p.decode = func(d *decoder, v reflect.Value) { o.decode(d, v, "") }
		}
	case reflect.String:
		p.decode = text
	case reflect.Bool:
		p.decode = boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.decode = number(t, strconv.ParseInt, reflect.Value.SetInt)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.decode = number(t, strconv.ParseUint, reflect.Value.SetUint)
	case reflect.Float32, reflect.Float64:
		p.decode = number(t, func(s string, _, bits int) (float64, error) { return strconv.ParseFloat(s, bits) }, reflect.Value.SetFloat)
	}
}

// special reports whether encoding/json decodes t in a way of its own.
func special(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		t == reflect.TypeFor[json.Number]() || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// object is the plan of a struct.
type object struct {
	of     reflect.Type
	fields []field
	byName map[string]int
	byFold map[string]int // whatever the case, as encoding/json finds them
}

type field struct {
	name  string
	index int
	plan  *plan
}

// objectOf returns the plan of t, unless it embeds structs or has numbers in strings.
func objectOf(t reflect.Type) (*object, bool) {
	o := &object{of: t, byName: map[string]int{}, byFold: map[string]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous || strings.Contains(options, "string") {
			return nil, false
		}
		if !f.IsExported() || tag == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if _, twice := o.byName[name]; twice {
			return nil, false
		}
		o.byName[name] = len(o.fields)
		if _, taken := o.byFold[fold(name)]; !taken {
			o.byFold[fold(name)] = len(o.fields)
		}
		o.fields = append(o.fields, field{name, i, planOf(f.Type)})
	}
	return o, true
}

// fold makes names equal that differ in case alone.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, name)
}

// find returns the field for a name, -1 for none. The guess is right where a server answers in
// the order in which it was asked.
func (o *object) find(name []byte, guess int, prefix string) int {
	if guess < len(o.fields) && o.fields[guess].name == string(name) {
		return guess
	}
	if i, ok := o.byName[string(name)]; ok {
		return i
	}
	if prefix != "" && strings.HasPrefix(string(name), prefix) {
		return o.find(name[len(prefix):], guess, "")
	}
	if i, ok := o.byFold[fold(string(name))]; ok {
		return i
	}
	return -1
}
