package lenientjson

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/taegis-go/taegis/core"
)

// take counts n bytes that a value is about to need, and reports whether the limit leaves as much.
func (d *Decoder) take(n int) bool {
	if d.left -= int64(n); d.left < 0 {
		d.fail()
	}
	return d.left >= 0
}

// exceeded returns the limit that was reached, nil for none.
func (d *Decoder) exceeded() error {
	switch {
	case d.left < 0:
		return &core.LimitError{What: fmt.Sprintf("values of more than %d bytes", d.limits.ValueBytes), Option: "Limits.ValueBytes"}
	case d.deep:
		return &core.LimitError{What: fmt.Sprintf("lists and objects within each other more than %d times", d.limits.Depth), Option: "Limits.Depth"}
	}
	return nil
}

// weightOfItem is what an item of a list or an object of any kind takes at least.
const weightOfItem = 48

// weight returns about what encoding/json makes of a text.
func weight(text []byte, t reflect.Type) int {
	if len(text) < weightOfItem {
		return weightOfItem
	}
	item := weightOfItem
	if t.Kind() == reflect.Map {
		item += int(t.Elem().Size())
	}
	return len(text) + item*(bytes.Count(text, []byte(","))+bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")))
}
