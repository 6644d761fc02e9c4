package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// roundTripper answers without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// capture sends req nowhere and returns what it asks.
func capture(t rapid.TB, req *core.Request) (ask asked, err error) {
	req.Environment.APIURL = "https://taegis.example"
	h := &transport.HTTP{Client: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			t.Error(err)
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"data":{"op":1}}`)), Request: r}, nil
	})}}
	err = h.Execute(context.Background(), req, nil)
	return ask, err
}

func TestDocuments(t *testing.T) {
	arguments := []core.Argument{{Name: "a", Type: "[String!]"}, {Name: "b", Type: "In", Inline: true}, {Name: "c", Type: "Int"}}
	for name, test := range map[string]struct {
		req       core.Request
		query     string
		variables string
	}{
		"no arguments, scalar": {core.Request{Operation: &core.Operation{Name: "op"}}, `query op { op }`, `map[]`},
		"absent arguments are left out, null is not": {
			core.Request{Operation: &core.Operation{Name: "op", Kind: core.KindMutation, Arguments: arguments, Selection: "{ id }"}, Args: map[string]any{"c": nil}},
			"mutation op($c: Int) { op(c: $c)\n{ id } }", `map[c:null]`,
		},
		"variables and literals": {
			core.Request{
				Operation: &core.Operation{Name: "op", Arguments: arguments, Selection: "{ id }"}, Selection: "{ name }",
				Args: struct {
					A []string       `json:"a"`
					B map[string]any `json:"b"`
					C int            `json:"c,omitempty"`
				}{[]string{"x > <y"}, map[string]any{"q": `say "a: b"`, "n": json.Number("12345678901234567890.5")}, 0},
			},
			"query op($a: [String!]) { op(a: $a, b: {n:12345678901234567890.5,q:\"say \\\"a: b\\\"\"})\n{ name } }", `map[a:["x > <y"]]`,
		},
		"a document of the caller's own": {
			core.Request{Operation: &core.Operation{Name: "op", Arguments: arguments}, Document: "query op($x: Int) { op }", Args: map[string]any{"x": 1}},
			`query op($x: Int) { op }`, `map[x:1]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ask, err := capture(t, &test.req)
			variables := fmt.Sprintf("%s", ask.Variables)
			if err != nil || ask.Query != test.query || ask.OperationName != "op" || variables != test.variables {
				t.Errorf("%q, %s, variables %s, %v", ask.Query, ask.OperationName, variables, err)
			}
		})
	}
}

func TestArgumentsThatDoNotFit(t *testing.T) {
	op := &core.Operation{Name: "op", Arguments: []core.Argument{{Name: "name", Type: "String!"}, {Name: "in", Type: "In", Inline: true}}}
	for name, test := range map[string]struct {
		args             any
		argument, reason string
	}{
		"missing":            {nil, "name", "required"},
		"null":               {map[string]any{"name": nil}, "name", "required"},
		"unknown":            {map[string]any{"name": "x", "nmae": 1}, "nmae", "takes name, in"},
		"no object":          {[]int{1}, "", "JSON object"},
		"no JSON":            {map[string]any{"name": math.Inf(1)}, "", "cannot be encoded"},
		"no name of GraphQL": {map[string]any{"name": "x", "in": map[string]int{"a b": 1}}, "in", "literal"},
	} {
		t.Run(name, func(t *testing.T) {
			req := &core.Request{Operation: op, Args: test.args}
			ask, err := capture(t, req)
			fault, ok := errors.AsType[*core.ArgumentError](err)
			if !ok || fault.Operation != "op" || fault.Argument != test.argument || !strings.Contains(fault.Reason, test.reason) || ask.Query != "" {
				t.Errorf("%v; sent %q", err, ask.Query)
			}
			for _, err := range new(transport.HTTP).Subscribe(t.Context(), req) {
				if _, ok := errors.AsType[*core.ArgumentError](err); !ok {
					t.Errorf("subscription: %v", err)
				}
			}
		})
	}
	_, err := capture(t, &core.Request{Operation: &core.Operation{Name: "op"}, Args: map[string]any{"x": 1}})
	if err == nil || !strings.Contains(err.Error(), "takes none") {
		t.Error(err)
	}
}

// TestLiterals has any JSON value arrive as the GraphQL literal of the same value.
func TestLiterals(t *testing.T) { rapid.Check(t, literalsKeepTheirValue) }

// FuzzGraphQLLiterals does the same with the choices of a fuzzer, eight bytes each.
func FuzzGraphQLLiterals(f *testing.F) {
	for i := range 64 {
		choices := make([]byte, 1024)
		for j := range choices {
			choices[j] = byte(i * j / 8)
		}
		f.Add(choices)
	}
	f.Fuzz(rapid.MakeFuzz(literalsKeepTheirValue))
}

func literalsKeepTheirValue(t *rapid.T) {
	given := values(4).Draw(t, "value")
	text, err := json.Marshal(given) // with the escapes for HTML, which must not matter
	if err != nil {
		t.Fatal(err)
	}
	ask, err := capture(t, &core.Request{
		Operation: &core.Operation{Name: "op", Arguments: []core.Argument{{Name: "in", Type: "In", Inline: true}}},
		Args:      map[string]any{"in": json.RawMessage(escapedFully(string(text)))},
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: ask.Query})
	if err != nil {
		t.Fatalf("%s: %v", ask.Query, err)
	}
	if got := valueOf(doc.Operations[0].SelectionSet[0].(*ast.Field).Arguments[0].Value); !reflect.DeepEqual(got, given) {
		t.Errorf("%s\n%s", ask.Query, cmp.Diff(given, got))
	}
}

// escapedFully writes all that is not ASCII as JSON escapes, two for a character beyond U+FFFF.
func escapedFully(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			b.WriteString(escape(0xd800+r>>10) + escape(0xdc00+r&0x3ff))
		default:
			b.WriteString(escape(r))
		}
	}
	return b.String()
}

func escape(unit rune) string {
	const digits = "0123456789abcdef"
	return `\u` + string([]byte{digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15]})
}

// values generates what encoding/json decodes, with numbers kept as they are written.
func values(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.String().AsAny(),
		rapid.StringMatching(`["\\/:{}\[\], #$\n\t\x00-\x1f😀\x{2028}]*`).AsAny(),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?`), func(s string) any { return json.Number(s) }),
	}
	if depth > 0 {
		inner := rapid.Deferred(func() *rapid.Generator[any] { return values(depth - 1) })
		kinds = append(kinds,
			rapid.Map(rapid.SliceOfN(inner, 0, 4), func(list []any) any { return list }),
			rapid.Map(rapid.MapOfN(rapid.StringMatching(`[_A-Za-z][_0-9A-Za-z]{0,8}`), inner, 0, 4), func(object map[string]any) any { return object }),
		)
	}
	return rapid.OneOf(kinds...)
}

// valueOf returns what a literal means.
func valueOf(v *ast.Value) any {
	switch v.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw)
	case ast.StringValue, ast.BlockValue:
		return v.Raw
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.ListValue:
		list := []any{}
		for _, child := range v.Children {
			list = append(list, valueOf(child.Value))
		}
		return list
	case ast.ObjectValue:
		object := map[string]any{}
		for _, child := range v.Children {
			object[child.Name] = valueOf(child.Value)
		}
		return object
	case ast.NullValue:
		return nil
	}
	return v // an enum or a variable: none was meant
}
