package catalog_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// BenchmarkDecode decodes a page of alerts of 1 MB with all kinds of entities in it, as a call
// gets it, and beside it the same text with encoding/json into plain structs of the same fields,
// which have the first member's fields in place of each union.
func BenchmarkDecode(b *testing.B) {
	calls := everyCall(b)
	c := calls[slices.IndexFunc(calls, func(c call) bool { return c.name == "alerts.AlertsServiceSearch" })]
	text := page(b, c.result, 1<<20)
	b.Run("call", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		args := sample(c.args, 0)
		for b.Loop() {
			if _, err := c.run(b, text, args); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		answer := []byte(`{"data":{"alertsServiceSearch":` + text + `}}`)
		envelope := reflect.StructOf([]reflect.StructField{{Name: "Data", Type: reflect.StructOf([]reflect.StructField{
			{Name: "Value", Type: plain(c.result, nil), Tag: `json:"alertsServiceSearch"`},
		}), Tag: `json:"data"`}})
		for b.Loop() {
			if err := json.Unmarshal(answer, reflect.New(envelope).Interface()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// page returns the text of a result whose lists of alerts are repeated until it has that size.
func page(t testing.TB, result reflect.Type, size int) string {
	t.Helper()
	var items []string
	length := 0
	for i := 0; length < size; i++ {
		list := sample(result, i%picks(result)).Elem().FieldByName("Alerts").Elem().FieldByName("List")
		item := encode(t, list.Index(0))
		item = strings.ReplaceAll(item, `é\n\"`, []string{"2026-01-02T03:04:05Z ", `C:\\Windows\\`}[i%2])
		items, length = append(items, item), length+len(item)
	}
	return `{"alerts":{"total_results":1,"list":[` + strings.Join(items, ",") + `]}}`
}

// plain returns t with a struct of the first member's fields in place of each union, and without
// the fields whose types come again below themselves.
func plain(t reflect.Type, above []reflect.Type) reflect.Type {
	if slices.Contains(above, t) {
		return reflect.TypeFor[struct{}]()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(plain(t.Elem(), above))
	case reflect.Slice:
		if t == reflect.TypeFor[json.RawMessage]() {
			return t
		}
		return reflect.SliceOf(plain(t.Elem(), above))
	case reflect.Struct:
		above = append(slices.Clip(above), t)
		if members := membersOf(t); len(members) > 0 {
			return plain(members[0].Type.Elem(), above)
		}
		var fields []reflect.StructField
		for f := range t.Fields() {
			fields = append(fields, reflect.StructField{Name: f.Name, Type: plain(f.Type, above), Tag: f.Tag})
		}
		return reflect.StructOf(fields)
	}
	return t
}
