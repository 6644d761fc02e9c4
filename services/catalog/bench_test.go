package catalog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/lenientjson"
)

// BenchmarkDecode decodes pages of alerts with all kinds of entities, and compares this with encoding/json
// and plain structs of the same fields, which have the first member's fields instead of each union. It
// measures decoding a text, and reading a whole response compared with [json.Decoder] on its body. It
// reports the SDK's figures and their ratios of time, bytes and allocations. Both take turns.
func BenchmarkDecode(b *testing.B) {
	calls := everyCall(b)
	c := calls[slices.IndexFunc(calls, func(c call) bool { return c.name == "alerts.AlertsServiceSearch" })]
	args := sample(c.args, 0)
	plain := plain(c.result, nil)
	envelope := reflect.StructOf([]reflect.StructField{{Name: "Data", Type: reflect.StructOf([]reflect.StructField{
		{Name: "Value", Type: plain, Tag: `json:"alertsServiceSearch"`},
	}), Tag: `json:"data"`}})
	for _, size := range []int{1, 50} {
		text := []byte(page(b, c.result, size<<20))
		b.Run(fmt.Sprintf("text=%dMB", size), func(b *testing.B) {
			compare(b, len(text), func() error {
				return lenientjson.Unmarshal(text, reflect.New(c.result).Interface())
			}, func() error {
				return json.Unmarshal(text, reflect.New(plain).Interface())
			})
		})
		c.wire.answer = string(text)
		b.Run(fmt.Sprintf("call=%dMB", size), func(b *testing.B) {
			compare(b, len(text), func() error {
				_, err := c.run(b, c.wire.answer, args)
				return err
			}, func() error {
				body, _ := c.wire.body()
				return json.NewDecoder(body).Decode(reflect.New(envelope).Interface())
			})
		})
	}
}

// compare reports what ours costs, and its ratio to theirs.
func compare(b *testing.B, size int, ours, theirs func() error) {
	var a, z cost
	for b.Loop() {
		if err := errors.Join(a.add(ours), z.add(theirs)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(a.time.Nanoseconds())/float64(b.N), "ns/op")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/a.time.Seconds(), "MB/s")
	b.ReportMetric(float64(a.time)/float64(z.time), "of-time")
	b.ReportMetric(float64(a.bytes)/float64(z.bytes), "of-bytes")
	b.ReportMetric(float64(a.allocations)/float64(z.allocations), "of-allocs")
}

// cost is what something took, all runs together.
type cost struct {
	time               time.Duration
	bytes, allocations uint64
}

func (c *cost) add(run func() error) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	err := run()
	c.time += time.Since(begin)
	runtime.ReadMemStats(&after)
	c.bytes += after.TotalAlloc - before.TotalAlloc
	c.allocations += after.Mallocs - before.Mallocs
	return err
}

// page returns the text of a result of that size, in which alerts are repeated.
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

// plain returns t with a struct of the first member's fields instead of each union, and without
// recursive fields.
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
