package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/services/alerts"
)

// decode measures the decoding of pages of alerts with all fields, of which five are unions. The
// baseline decodes into structs that have the fields of all members instead of unions, so that no
// data is lost.
func decode(b *bench) error {
	load := scaling{
		name: "decode", title: "Decoding a page of alerts", x: "MB", unit: 1e6,
		loads: []int{500_000, 5_000_000, 50_000_000}, rounds: b.scale(3, 1), even: true,
	}
	if b.quick {
		load.loads = []int{100_000, 1_000_000, 10_000_000}
	}
	sides := func(text []byte, n int) []candidate {
		plain := func(name string, of func([]reflect.Type) reflect.Type) candidate {
			t := plainOf(reflect.TypeFor[alerts.AlertsResponse](), of)
			return turns(name, n, func() error { return json.Unmarshal(text, reflect.New(t).Interface()) })
		}
		return []candidate{
			turns("taegis", n, func() error { return lenientjson.Unmarshal(text, new(alerts.AlertsResponse)) }),
			plain("encoding/json", merged), plain("unions left as text", undecoded), plain("first member alone", first),
			turns("go-json-experiment with unions", n, func() error { return decodeV2(text, new(alerts.AlertsResponse)) }),
		}
	}
	page, err := fullPage(1_000_000)
	if err != nil {
		return err
	}
	small, err := rounds(b.scale(11, 3), sides(page, 10)...)
	if err != nil {
		return err
	}
	var failed error
	large, err := b.scaled(load, func(size int) []candidate {
		page, err := fullPage(size)
		failed = err
		return sides(page, load.loads[2]/size)
	})
	if err != nil {
		return err
	}
	for _, size := range []struct {
		results
		name string
	}{{small, "1 MB"}, {large[2], fmt.Sprint(load.loads[2]/1e6, " MB")}} {
		b.add(
			ahead("decoding an alerts page of "+size.name, size.results, seconds, duration),
			ahead("allocated memory", size.results, memory, megabytes),
		)
	}
	return failed
}

// ahead returns a row that requires less than the baseline.
func ahead(title string, r results, f figure, unit func(float64) string) row {
	compared := atMost(1, "").row(title, r, f, unit)
	compared.reach = "less than json.Unmarshal into plain structs"
	return compared
}

//go:embed alert.json
var alertText []byte

// fullPage returns the result of a search, of that size, with all fields of each alert.
func fullPage(size int) ([]byte, error) {
	var alert alerts.Alert2
	if err := json.Unmarshal(alertText, &alert); err != nil {
		return nil, err
	}
	page := alerts.AlertsResponse{Status: alerts.RPCResponseStatusOk, Alerts: &alerts.AlertsList{}}
	one, err := json.Marshal(alert) // missing values are null, as servers send them
	if err != nil {
		return nil, err
	}
	for i := range max(1, size/len(one)) {
		another := alert
		another.ID = fmt.Sprintf("alert://priv:crowdstrike:145831:1767366245000:5f0c1d2e-9a7b-4c35-8e1f-%012d", i)
		page.Alerts.List = append(page.Alerts.List, &another)
	}
	page.Alerts.TotalResults = len(page.Alerts.List)
	return json.Marshal(page)
}

// plainOf returns t without methods. It replaces each union by the result of of for its members.
func plainOf(t reflect.Type, of func(members []reflect.Type) reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(plainOf(t.Elem(), of))
	case reflect.Slice:
		if t == reflect.TypeFor[json.RawMessage]() {
			return t
		}
		return reflect.SliceOf(plainOf(t.Elem(), of))
	case reflect.Struct:
		var fields []reflect.StructField
		var members []reflect.Type
		for f := range t.Fields() {
			if f.Tag.Get("on") != "" {
				members = append(members, f.Type.Elem())
			}
			fields = append(fields, reflect.StructField{Name: f.Name, Type: plainOf(f.Type, of), Tag: f.Tag})
		}
		if len(members) > 0 {
			return of(members)
		}
		return reflect.StructOf(fields)
	}
	return t
}

// Replacements of a union.
func first(members []reflect.Type) reflect.Type { return members[0] }

func undecoded([]reflect.Type) reflect.Type { return reflect.TypeFor[json.RawMessage]() }

func merged(members []reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for _, m := range members {
		for f := range m.Fields() {
			if !slices.ContainsFunc(fields, func(known reflect.StructField) bool { return known.Name == f.Name }) {
				fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
			}
		}
	}
	return reflect.StructOf(fields)
}
