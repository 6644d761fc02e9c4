package catalog_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/schema"
)

// everyInput returns each struct that arguments are given in, at any depth.
func everyInput(t *testing.T) []reflect.Type {
	t.Helper()
	seen := map[reflect.Type]bool{}
	var list []reflect.Type
	var visit func(reflect.Type)
	visit = func(in reflect.Type) {
		for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice {
			in = in.Elem()
		}
		if in.Kind() != reflect.Struct || seen[in] {
			return
		}
		seen[in] = true
		list = append(list, in)
		for f := range in.Fields() {
			visit(f.Type)
		}
	}
	for _, c := range everyCall(t) {
		if c.args != nil {
			visit(c.args)
		}
	}
	return list
}

// A field that is not set is absent, one in NullFields is null, and none can be both.
func TestAbsentAndNull(t *testing.T) {
	optionals := 0
	for _, in := range everyInput(t) {
		var required, optional []string
		var own []int // the fields of optional
		for i := range in.NumField() {
			switch name, option, _ := strings.Cut(in.Field(i).Tag.Get("json"), ","); {
			case option == "omitzero":
				optional, own = append(optional, name), append(own, i)
			case name != "-":
				required = append(required, name)
			}
		}
		optionals += len(optional)
		members, err := membersSent(reflect.Zero(in))
		if err != nil || !slices.Equal(slices.Sorted(maps.Keys(members)), slices.Sorted(slices.Values(required))) {
			t.Errorf("%s: nothing is set, %q is sent, want %q; %v", in, members, required, err)
		}
		for i, name := range optional {
			v := reflect.New(in).Elem()
			v.FieldByName("NullFields").Set(reflect.ValueOf([]string{name}))
			if members, err := membersSent(v); err != nil || string(members[name]) != "null" || len(members) != len(required)+1 {
				t.Errorf("%s: %s is null, %q is sent; %v", in, name, members, err)
			}
			v.Field(own[i]).Set(sample(in, 0).Field(own[i]))
			if members, err := membersSent(v); err == nil {
				t.Errorf("%s: %s is set and null, %q is sent", in, name, members)
			}
		}
		for _, name := range append(required, "unknown") {
			v := reflect.New(in).Elem()
			if nulls := v.FieldByName("NullFields"); nulls.IsValid() {
				nulls.Set(reflect.ValueOf([]string{name}))
				if members, err := membersSent(v); err == nil {
					t.Errorf("%s: %s cannot be null, %q is sent", in, name, members)
				}
			}
		}
	}
	t.Logf("%d optional fields", optionals)
}

func membersSent(v reflect.Value) (members map[string]json.RawMessage, err error) {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, err
	}
	return members, json.Unmarshal(text, &members)
}

// Every argument reaches the server as it was given, digit by digit, as a variable or a literal,
// in a document that is valid in the service's schema.
func TestEveryArgumentArrives(t *testing.T) {
	schemas := schemas{}
	variables, literals := 0, 0
	for _, c := range everyCall(t) {
		if c.args == nil {
			continue
		}
		args := sample(c.args, 0)
		got, inVariables := schemas.arrived(t, c, args)
		variables, literals = variables+inVariables, literals+len(got)-inVariables
		if want := tree(t, encode(t, args)); !reflect.DeepEqual(any(got), want) {
			t.Errorf("%s:\n%s", c.name, cmp.Diff(want, any(got)))
		}
	}
	t.Logf("%d variables, %d literals", variables, literals)
}

// Every argument in NullFields reaches the server as null, as a variable or a literal, and those
// that are only left out do not reach it.
func TestNullArgumentsArrive(t *testing.T) {
	schemas := schemas{}
	nulls := 0
	for _, c := range everyCall(t) {
		if c.args == nil {
			continue
		}
		args := sample(c.args, 0)
		var optional []string
		for i := range c.args.NumField() {
			if name, option, _ := strings.Cut(c.args.Field(i).Tag.Get("json"), ","); option == "omitzero" {
				args.Field(i).SetZero()
				optional = append(optional, name)
			}
		}
		got, _ := schemas.arrived(t, c, args)
		for _, name := range optional {
			if value, ok := got[name]; ok {
				t.Errorf("%s: %s is not set, and sent as %v", c.name, name, value)
			}
		}
		if len(optional) == 0 {
			continue
		}
		args.FieldByName("NullFields").Set(reflect.ValueOf(optional))
		got, _ = schemas.arrived(t, c, args)
		for _, name := range optional {
			nulls++
			if value, ok := got[name]; !ok || value != nil {
				t.Errorf("%s: %s is null, and sent as %v", c.name, name, value)
			}
		}
	}
	t.Logf("%d null arguments", nulls)
}

// schemas are the parsed schemas of services.
type schemas map[string]*ast.Schema

// arrived makes a call and returns the arguments that the server got, and how many were variables.
// The document has to be valid.
func (s schemas) arrived(t *testing.T, c call, args reflect.Value) (got map[string]any, variables int) {
	t.Helper()
	if s[c.op.Service] == nil {
		text, err := schema.SDL(c.op.Service)
		if err != nil {
			t.Fatal(err)
		}
		s[c.op.Service] = gqlparser.MustLoadSchema(&ast.Source{Input: text})
	}
	if _, err := c.run(t, "null", args); err != nil {
		t.Errorf("%s: %v", c.name, err)
		return nil, 0
	}
	doc, err := validDocument(s[c.op.Service], c.op, c.wire.asked.Query)
	if err != nil {
		t.Errorf("%s: %v\n%s", c.name, err, c.wire.asked.Query)
		return nil, 0
	}
	got = map[string]any{}
	for _, a := range doc.Operations[0].SelectionSet[0].(*ast.Field).Arguments {
		if a.Value.Kind == ast.Variable {
			variables++
			got[a.Name] = tree(t, string(c.wire.asked.Variables[a.Value.Raw]))
		} else {
			got[a.Name] = valueOf(a.Value)
		}
	}
	return got, variables
}

// Comparisons in a query go out as they were written, inside of inputs too.
func TestNothingIsEscapedForHTML(t *testing.T) {
	const query = "from alert severity > 0.6 & status <> 'OPEN'"
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{CQLQuery: new(query)}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), query) {
		t.Error(text.String())
	}
}

// valueOf turns a literal into what [tree] makes of the same value in JSON.
func valueOf(v *ast.Value) any {
	switch v.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw)
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.NullValue:
		return nil
	case ast.ListValue:
		list := []any{}
		for _, item := range v.Children {
			list = append(list, valueOf(item.Value))
		}
		return list
	case ast.ObjectValue:
		object := map[string]any{}
		for _, member := range v.Children {
			object[member.Name] = valueOf(member.Value)
		}
		return object
	}
	return v.Raw
}

// What the generator takes for a secret, and so keeps out of documents, the log takes for one too.
func TestUncertainSecretsStayOutOfTheLog(t *testing.T) {
	uncertain, err := schema.Uncertain()
	if err != nil {
		t.Fatal(err)
	}
	const secret = "5e-c2-e7"
	checked := 0
	for _, c := range everyCall(t) {
		for _, entry := range uncertain[c.op.Service].Arguments {
			kind, name, _ := strings.Cut(entry.On, ".")
			i := slices.IndexFunc(c.op.Arguments, func(a core.Argument) bool { return a.Name == entry.Name })
			if name != c.op.Name || core.OperationKind(strings.ToLower(kind)) != c.op.Kind || i < 0 || c.op.Arguments[i].Inline {
				continue
			}
			if c.op.Arguments[i].Settled != "" && !holdsSecretWord(entry.Name) {
				continue
			}
			checked++
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug - 4}))
			op := *c.op
			op.Arguments = op.Arguments[i : i+1]
			req := &core.Request{Operation: &op, Args: map[string]any{entry.Name: secret}, Environment: loopback}
			c.wire.req, c.wire.answer = req, "null"
			if err := transport.Log(logger)(&transport.HTTP{Client: &http.Client{Transport: c.wire}}).Execute(t.Context(), req, nil); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if text := log.String(); strings.Contains(text, secret) || !strings.Contains(text, "[redacted]") {
				t.Errorf("%s shows %s: %s", c.name, entry.Name, text)
			}
		}
	}
	if checked == 0 {
		t.Error("nothing was checked")
	}
}

// payload is the body of a request.
type payload struct {
	Query     string                     `json:"query"`
	Variables map[string]json.RawMessage `json:"variables"`
}

func payloadOf(r *http.Request) (p payload, err error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(text, &p)
}
