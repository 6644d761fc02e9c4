package lenientjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// plan is how values of one type are decoded. It is made when the first value is.
type plan struct {
	of     reflect.Type
	once   sync.Once
	decode func(*Decoder, reflect.Value)
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
	if t == reflect.TypeFor[json.RawMessage]() {
		p.decode = raw
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
			p.decode = func(d *Decoder, v reflect.Value) { o.decode(d, v, "") }
		}
	case reflect.String:
		p.decode = text
	case reflect.Bool:
		p.decode = boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.decode = integer(t)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.decode = unsigned(t)
	case reflect.Float32, reflect.Float64:
		p.decode = float(t)
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
	begin string // of a member for it, as servers write it
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
		if f.Anonymous || strings.Contains(options, "string") || !isName(name) {
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
		folded := string(fold(nil, []byte(name)))
		if _, taken := o.byFold[folded]; !taken {
			o.byFold[folded] = len(o.fields)
		}
		o.fields = append(o.fields, field{name, `"` + name + `":`, i, planOf(f.Type)})
	}
	return o, true
}

// isName is the rule of encoding/json for the names in its tags.
func isName(tag string) bool {
	return !strings.ContainsFunc(tag, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
}

// lookup returns the field for a name, -1 for none.
func (o *object) lookup(name []byte, prefix string) int {
	if i, ok := o.byName[string(name)]; ok {
		return i
	}
	if prefix != "" && strings.HasPrefix(string(name), prefix) {
		return o.lookup(name[len(prefix):], "")
	}
	var folded [64]byte
	if i, ok := o.byFold[string(fold(folded[:0], name))]; ok {
		return i
	}
	return -1
}

// fold appends name to folded, in which names are equal that differ in case alone.
func fold(folded, name []byte) []byte {
	for _, r := range string(name) {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		} else if r >= utf8.RuneSelf {
			r = smallest(r)
		}
		folded = utf8.AppendRune(folded, r)
	}
	return folded
}

// smallest returns the smallest rune of those that differ from r in case alone.
func smallest(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
