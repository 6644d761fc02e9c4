package taegistest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest"
)

type made struct {
	ClientSecret string `json:"clientSecret"`
}

func request(name string) *core.Request {
	return &core.Request{Operation: &core.Operation{Name: name}, Args: map[string]any{"name": "x"}}
}

func TestRepliesComeInOrderAndTheLastStays(t *testing.T) {
	fake := taegistest.NewTransport(t)
	refused := errors.New("refused")
	fake.Fail("createClient", refused)
	fake.Reply("createClient", made{ClientSecret: "one"})
	fake.Reply("createClient", json.RawMessage(`{"clientSecret":"two","client":null}`))

	var out made
	if err := fake.Execute(t.Context(), request("createClient"), &out); !errors.Is(err, refused) {
		t.Errorf("first: %v", err)
	}
	for _, want := range []string{"one", "two", "two"} {
		if err := fake.Execute(t.Context(), request("createClient"), &out); err != nil || out.ClientSecret != want {
			t.Errorf("%q, %v, want %q", out.ClientSecret, err, want)
		}
	}
	if err := fake.Execute(t.Context(), request("createClient"), nil); err != nil {
		t.Errorf("discarding: %v", err)
	}
}

func TestHandleSeesTheRequest(t *testing.T) {
	fake := taegistest.NewTransport(t)
	partial := &core.ResponseError{Operation: "createClient", Status: 200}
	fake.Handle("createClient", func(_ context.Context, req *core.Request) (any, error) {
		return made{ClientSecret: req.Args.(map[string]any)["name"].(string)}, partial
	})
	var out made
	if err := fake.Execute(t.Context(), request("createClient"), &out); err != partial || out.ClientSecret != "x" {
		t.Errorf("%q, %v", out.ClientSecret, err)
	}
	if got := fake.Requests(); len(got) != 1 || got[0].Operation.Name != "createClient" {
		t.Errorf("requests: %v", got)
	}
}

func TestUnexpectedOperation(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("a", "b")
	fake.Reply("b", 1)
	fake.Reply("a", 1)
	err := fake.Execute(t.Context(), request("c"), nil)
	unexpected, ok := errors.AsType[*taegistest.UnexpectedError](err)
	if !ok || unexpected.Operation != "c" || !slices.Equal(unexpected.Prepared, []string{"a", "b"}) {
		t.Errorf("%v", err)
	}
	for _, err := range fake.Subscribe(t.Context(), request("c")) {
		if !errors.As(err, &unexpected) {
			t.Errorf("subscription: %v", err)
		}
	}
}

func TestAReplyThatDoesNotFit(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("text", "function")
	fake.Reply("text", "no number")
	fake.Reply("function", func() {})
	var number int
	for _, name := range []string{"text", "function"} {
		if _, ok := errors.AsType[*core.ResponseError](fake.Execute(t.Context(), request(name), &number)); !ok {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fake := taegistest.NewTransport(t)
	fake.Unchecked("a")
	fake.Reply("a", 1)
	err := fake.Execute(ctx, request("a"), nil)
	if _, ok := errors.AsType[*core.ConnectionError](err); !ok || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestStream(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("events")
	broken := errors.New("broken")
	fake.Stream("events", 1, 2, broken, 3)
	var got []string
	for value, err := range fake.Subscribe(t.Context(), request("events")) {
		got = append(got, fmt.Sprint(string(value), err))
	}
	if want := []string{"1<nil>", "2<nil>", "broken"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for value := range fake.Subscribe(t.Context(), request("events")) {
		if string(value) != "1" {
			t.Errorf("left after %s", value)
		}
		break
	}
}

func TestALeftSubscriptionEndsWithItsContext(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("events")
	fake.Stream("events", 1, 2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range fake.Subscribe(ctx, request("events")) {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("%v", last)
	}
}
