package drift_test

import (
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

func TestCheckRequired(t *testing.T) {
	for _, test := range []struct {
		change   func(*core.Request)
		required string
		ok       bool
	}{
		{nil, "clientID", true},
		{nil, "name", true},
		{nil, "child", true},
		{nil, "child.note", true},
		{nil, "client.child.note", true},
		{nil, "client.name", true},
		{nil, "pet.Dog.age", true},
		{nil, "pet.age", true},
		{nil, "pet.Dog", true},
		{nil, "age", true},
		{nil, "", false},
		{nil, ".", false},
		{nil, "child.", false},
		{nil, "nonsense", false},
		{nil, "child.age", false},
		{nil, "child.name.note", false},
		{nil, "other.child.note", false},
		{nil, "client.client.name", false},
		{nil, "client", false},
		{nil, "pet.Cat.age", false},
		{nil, "CLIENTID", false},
		{func(r *core.Request) { r.Selection = "{ clientID inner: child { name } }" }, "inner.name", true},
		{func(r *core.Request) { r.Selection = "{ clientID inner: child { name } }" }, "child.name", true},
		{func(r *core.Request) { r.Selection = "{ clientID }" }, "name", false},
		{func(r *core.Request) { r.Operation = &core.Operation{Name: "count"} }, "count", false},
		{func(r *core.Request) {
			r.Document = "query { client(id: 1) { child { ...f } } } fragment f on Child { note ...f }"
		}, "client.child.note", true},
		{func(r *core.Request) {
			r.Document = "query { client(id: 1) { child { ...f } } } fragment f on Child { note ...g }"
		}, "name", false},
		{func(r *core.Request) { r.Document = "query {" }, "name", false},
	} {
		req := &core.Request{Operation: &client, Required: []string{"clientID", test.required}}
		if test.change != nil {
			test.change(req)
			req.Required = req.Required[1:]
		}
		err := drift.CheckRequired(req)
		if _, isArgument := errors.AsType[*core.ArgumentError](err); test.ok && err != nil || !test.ok && !isArgument {
			t.Errorf("%q of %q: error %v", test.required, req.Document+req.Selection, err)
		}
	}
}

func TestARequiredFieldIsNotOmitted(t *testing.T) {
	for name, test := range map[string]struct {
		sdl      string
		required string
		lost     []string // the paths that the error names, nil if the call succeeds
	}{
		"absent":                      {schemaOf("age: Int", ""), "age", []string{"client.pet.Dog.age"}},
		"another is absent":           {schemaOf("age: Int", ""), "clientID", nil},
		"absent elsewhere":            {schemaOf("type Child { name: String", "type Child {"), "client.name", nil},
		"absent by its path":          {schemaOf("type Child { name: String", "type Child {"), "child.name", []string{"client.child.name"}},
		"one of several":              {schemaOf("type Child { name: String", "type Child {"), "name", []string{"client.child.name"}},
		"in an object without fields": {schemaOf("name: String note: String", "other: String"), "note", []string{"client.child.note"}},
		"in an object that is absent": {schemaOf("child: Child", ""), "note", []string{"client.child.note"}},
		"in an unknown member":        {schemaOf("| Dog", ""), "pet.age", []string{"client.pet.Dog.age"}},
		"another member is unknown":   {schemaOf("| Dog", ""), "Cat.name", nil},
		"under its deprecated name":   {schemaOf("{ clientID", "{ client_id"), "clientID", nil},
		"under no name":               {schemaOf("{ clientID", "{ other"), "clientID", []string{"client.clientID"}},
		"under another alias":         {schemaOf("type Dog { name: String", "type Dog { name: Int"), "Dog.name", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, known := range []bool{false, true} {
				g := newGateway(t, http.StatusUnprocessableEntity, validating(t, test.sdl))
				wire := newMiddleware(drift.Config{})
				req := request(g, client, map[string]any{"id": "1"})
				if known {
					if err := wire.Execute(t.Context(), req, nil); err != nil {
						t.Fatal(err)
					}
				}
				req.Required = []string{test.required}
				err := wire.Execute(t.Context(), req, nil)
				g.sent()
				schema, rejected := errors.AsType[*core.SchemaError](err)
				if test.lost == nil && err != nil || test.lost != nil && !rejected {
					t.Fatalf("known %t: error %v", known, err)
				}
				if rejected && (!slices.Equal(schema.Omitted, test.lost) || schema.Host == "" || !strings.Contains(err.Error(), test.lost[0])) {
					t.Errorf("known %t: lost %v: %v", known, schema.Omitted, err)
				}
				// Another call, which does not require the fields, succeeds.
				req.Required = nil
				if err := wire.Execute(t.Context(), req, nil); err != nil {
					t.Errorf("known %t: then %v", known, err)
				}
			}
		})
	}
}

// If one server of ten lacks the required field, calls rarely fail.
func TestARequiredFieldInAMixedFleet(t *testing.T) {
	for name, warm := range map[string]bool{"no other calls": false, "after other calls": true} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, "", among(10, 1, true))
			if warm {
				f.run(t, 300, time.Second)
			}
			failed := 0
			for range 1000 {
				req := request(f.gateway, client, map[string]any{"id": "1"})
				req.Required = []string{"age"}
				req.OnAdapt = func(r core.Adaptation) { t.Errorf("adapted: %v", r.Omitted) }
				if err := f.wire.Execute(t.Context(), req, nil); err != nil {
					if _, ok := errors.AsType[*core.SchemaError](err); !ok {
						t.Fatal(err)
					}
					failed++
				}
				f.now = f.now.Add(time.Second)
			}
			requests := len(f.sent())
			t.Logf("1,000 calls: %d requests, %d errors", requests, failed)
			if failed > 25 || requests > 1150 {
				t.Error("too many")
			}
		})
	}
}

// If all servers lack the required field, calls soon fail after one request.
func TestARequiredFieldInAnOldRegion(t *testing.T) {
	f := newFleet(t, "", always(true))
	f.run(t, 500, time.Second)
	for range 10 {
		req := request(f.gateway, client, map[string]any{"id": "1"})
		req.Required = []string{"age"}
		if _, ok := errors.AsType[*core.SchemaError](f.wire.Execute(t.Context(), req, nil)); !ok {
			t.Fatal("no error")
		}
	}
	if n := len(f.sent()); n != 10 {
		t.Errorf("%d requests of 10 calls", n)
	}
	if requests, cut := f.call(t); requests != 1 || !cut {
		t.Errorf("another call took %d requests, without the field: %t", requests, cut)
	}
}

func TestARequiredFieldOfASubscription(t *testing.T) {
	op := client
	op.Kind = core.KindSubscription
	wire := drift.Middleware(drift.Config{Logger: discard})(new(quiet))
	req := &core.Request{Operation: &op, Required: []string{"age"}, Environment: core.Environment{APIURL: "https://taegis.example"}}
	next, stop := iter.Pull2(wire.Subscribe(t.Context(), req))
	defer stop()
	message, err, _ := next()
	if _, ok := errors.AsType[*core.SchemaError](err); !ok || message != nil {
		t.Errorf("%s, %v", message, err)
	}
}

// OnResponse receives the adaptations of the operation.
func TestResponsesNameAdaptations(t *testing.T) {
	g := newGateway(t, http.StatusUnprocessableEntity, validating(t, oldSchema))
	wire := newMiddleware(drift.Config{})
	for _, want := range [][]int{{0, 1}, {1}} {
		var got []int
		req := request(g, client, map[string]any{"id": "1"})
		req.OnResponse = func(answer core.Response) {
			got = append(got, len(answer.Adaptations))
			for _, a := range answer.Adaptations {
				if !slices.Equal(a.Omitted, []string{"client.pet.Dog.age"}) || a.Operation != "client" || a.Host == "" {
					t.Errorf("%+v", a)
				}
			}
		}
		var value json.RawMessage
		if err := wire.Execute(t.Context(), req, &value); err != nil || !slices.Equal(got, want) {
			t.Errorf("adaptations %v, want %v: %v", got, want, err)
		}
	}
}
