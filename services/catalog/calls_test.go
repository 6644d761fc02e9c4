package catalog_test

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
)

// call is one method of a generated service.
type call struct {
	name   string // service and method
	op     *core.Operation
	method reflect.Value
	args   reflect.Type // nil if the operation has none
	result reflect.Type
	wire   *wire
}

// everyCall returns the methods of all services, in a fixed order. Each has run once.
func everyCall(t testing.TB) []call {
	t.Helper()
	var calls []call
	for _, service := range catalog.Services() {
		w := &wire{}
		v := reflect.ValueOf(services[service](w))
		for i := range v.NumMethod() {
			c := call{name: service + "." + v.Type().Method(i).Name, method: v.Method(i), wire: w}
			signature := c.method.Type()
			if signature.IsVariadic() || isWaiter(v, i) {
				continue // a pager or a waiter has no operation of its own
			}
			if signature.NumIn() == 2 {
				c.args = signature.In(1)
			}
			if c.result = signature.Out(0); c.result.Kind() == reflect.Func {
				c.result = c.result.In(0).In(0) // func(yield func(T, error) bool)
			}
			if _, err := c.run(t, "null", reflect.Value{}); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			c.op = w.req.Operation
			calls = append(calls, c)
		}
	}
	if len(calls) != 1092 {
		t.Errorf("%d methods, want 1092", len(calls))
	}
	return calls
}

// run makes the call with that value as the response, and returns its result. Missing arguments are
// generated.
func (c *call) run(t testing.TB, answer string, args reflect.Value) (reflect.Value, error) {
	t.Helper()
	c.wire.answer = answer
	in := []reflect.Value{reflect.ValueOf(t.Context())}
	if c.args != nil {
		if !args.IsValid() {
			args = sample(c.args, 0)
		}
		in = append(in, args)
	}
	out := c.method.Call(in)
	if len(out) == 1 {
		for value, err := range out[0].Seq2() {
			return value, asError(err)
		}
		t.Fatalf("%s: no message", c.name)
	}
	return out[0], asError(out[1])
}

func asError(v reflect.Value) error {
	err, _ := reflect.TypeAssert[error](v)
	return err
}

// wire is the HTTP transport with a fake server that sends one response. A subscription has one
// message.
type wire struct {
	answer string
	req    *core.Request
	asked  payload
}

func (w *wire) Execute(ctx context.Context, req *core.Request, out any) error {
	w.req = req
	addressed := *req
	addressed.Environment = loopback
	if req.Operation.Platform == core.PlatformFusion {
		addressed.Environment.Platform, addressed.Tenant = core.PlatformFusion, fusionTenant
	}
	return (&transport.HTTP{Client: &http.Client{Transport: w}}).Execute(ctx, &addressed, out)
}

// fusionTenant is a tenant of fusion.
const fusionTenant = "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"

var loopback = func() core.Environment {
	env, err := core.NewEnvironment("loopback", "http://127.0.0.1:1")
	if err != nil {
		panic(err)
	}
	return env
}()

func (w *wire) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		var message json.RawMessage
		err := w.Execute(ctx, req, &message) // the document is the same
		yield(message, err)
	}
}

// RoundTrip responds to a request.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var err error
	if w.asked, err = payloadOf(r); err != nil {
		return nil, err
	}
	body, length := w.body()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: body, ContentLength: length}, nil
}

// body returns the text of the response to the last request, and its length.
func (w *wire) body() (io.ReadCloser, int64) {
	begin, end := `{"data":{"`+w.req.Operation.Name+`":`, "}}"
	text := io.MultiReader(strings.NewReader(begin), strings.NewReader(w.answer), strings.NewReader(end))
	return io.NopCloser(text), int64(len(begin) + len(w.answer) + len(end))
}

// sample returns a value of t without zero values. A recursive struct has scalars only. pick
// selects the member of a union.
func sample(t reflect.Type, pick int) reflect.Value {
	v := reflect.New(t).Elem()
	filler{pick: pick, seen: map[reflect.Type]bool{}}.fill(v)
	return v
}

type filler struct {
	pick int
	seen map[reflect.Type]bool
}

func (f filler) fill(v reflect.Value) {
	t := v.Type()
	if t == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes([]byte(`{"any":[9007199254740993,1e-9,null,"é"]}`))
		return
	}
	switch t.Kind() {
	case reflect.String:
		v.SetString("é\n\"" + t.Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1<<53 + 1)
	case reflect.Float64:
		v.SetFloat(1e-9)
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.Struct:
		f.fillStruct(v)
	default:
		panic("a generated type holds a " + t.String())
	}
}

func (f filler) fillStruct(v reflect.Value) {
	t := v.Type()
	if members := membersOf(t); len(members) > 0 {
		m := members[f.pick%len(members)]
		v.FieldByName("Typename").SetString(m.Tag.Get("on"))
		f.fill(v.FieldByIndex(m.Index))
		return
	}
	again := f.seen[t]
	f.seen[t] = true
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("json") != "-" && (!again || !isComposite(t.Field(i).Type)) {
			f.fill(v.Field(i))
		}
	}
}

func isComposite(t reflect.Type) bool {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// membersOf returns the members of a union, or nil for another type.
func membersOf(t reflect.Type) (members []reflect.StructField) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		if f.Tag.Get("on") != "" {
			members = append(members, f)
		}
	}
	return members
}

// mostMembers is the number of members of the largest union that t reaches, at least 1: as many
// samples show all of each.
func mostMembers(t reflect.Type, seen map[reflect.Type]bool) int {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return mostMembers(t.Elem(), seen)
	case reflect.Struct:
		most := max(1, len(membersOf(t)))
		if seen[t] {
			return most
		}
		seen[t] = true
		for f := range t.Fields() {
			most = max(most, mostMembers(f.Type, seen))
		}
		return most
	}
	return 1
}
