package testutil

import (
	"fmt"
	"reflect"
	"strings"
)

// Reachable returns every text that reflection finds in a value, one per line: through pointers,
// interfaces and unexported fields, without calling methods. Printers that use reflection find the
// same, for example go-spew in testify.
func Reachable(value any) string {
	w := walk{seen: map[visited]bool{}}
	w.value(reflect.ValueOf(value))
	return w.found.String()
}

type walk struct {
	found strings.Builder
	seen  map[visited]bool
}

// visited is a place that was visited: a struct and its first field share an address.
type visited struct {
	address uintptr
	of      reflect.Type
}

func (w *walk) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		fmt.Fprintln(&w.found, v.String())
	case reflect.Pointer:
		at := visited{v.Pointer(), v.Type()}
		if !v.IsNil() && !w.seen[at] {
			w.seen[at] = true
			w.value(v.Elem())
		}
	case reflect.Interface:
		w.value(v.Elem())
	case reflect.Struct:
		for _, field := range v.Fields() {
			w.value(field)
		}
	case reflect.Map:
		at := visited{v.Pointer(), v.Type()}
		if w.seen[at] {
			return
		}
		w.seen[at] = true
		for each := v.MapRange(); each.Next(); {
			w.value(each.Key())
			w.value(each.Value())
		}
	case reflect.Slice, reflect.Array:
		w.list(v)
	}
}

// list walks through the elements; bytes count as text.
func (w *walk) list(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text := make([]byte, v.Len())
		for i := range text {
			text[i] = byte(v.Index(i).Uint())
		}
		fmt.Fprintf(&w.found, "%s\n", text)
		return
	}
	for i := range v.Len() {
		w.value(v.Index(i))
	}
}
