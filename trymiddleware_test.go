package taegis_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// tap records the requests that pass it.
type tap struct {
	name  string
	trace *[]string
	next  ports.Transport
}

func (p tap) Execute(ctx context.Context, req *core.Request, out any) error {
	text := p.name
	if !req.Token.IsZero() {
		text += " with a token"
	}
	*p.trace = append(*p.trace, text)
	return p.next.Execute(ctx, req, out)
}

func (p tap) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return p.next.Subscribe(ctx, req)
}

// TestTryMiddleware holds that it sees each try, with its token, and in which order.
func TestTryMiddleware(t *testing.T) {
	d := newLoginServer(t)
	d.AddFault("clientsSearch", emulator.Fault{Status: http.StatusServiceUnavailable, RetryAfter: "0", Times: 1})
	var trace []string
	at := func(name string) ports.Middleware {
		return func(next ports.Transport) ports.Transport { return tap{name, &trace, next} }
	}
	d.env["CLIENT_ID"], d.env["CLIENT_SECRET"] = emulator.DemoClientID, emulator.DemoClientSecret
	c := d.client(t, taegis.WithTryMiddleware(at("outer"), at("inner")), taegis.WithMiddleware(at("call")), taegis.WithDriftCache(""))
	if _, err := clients.New(c).ClientsSearch(t.Context(), clients.ClientsSearchArgs{}); err != nil {
		t.Fatal(err)
	}
	try := []string{"outer with a token", "inner with a token"}
	if want := slices.Concat([]string{"call"}, try, try); !slices.Equal(trace, want) {
		t.Errorf("%q, want %q", trace, want)
	}
}

// TestTryMiddlewareOfATransport holds that it wraps that of WithTransport too.
func TestTryMiddlewareOfATransport(t *testing.T) {
	var trace []string
	client, fake := faked(t, taegis.WithTryMiddleware(func(next ports.Transport) ports.Transport { return tap{"try", &trace, next} }))
	fake.Reply("clientsSearch", map[string]any{"results": []any{}})
	if _, err := clients.New(client).ClientsSearch(t.Context(), clients.ClientsSearchArgs{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(trace, []string{"try with a token"}) {
		t.Errorf("%q", trace)
	}
}
