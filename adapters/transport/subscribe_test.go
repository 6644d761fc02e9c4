package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

const (
	ack      = `{"type":"connection_ack"}`
	ka       = `{"type":"ka"}`
	complete = `{"id":"1","type":"complete"}`
)

// data is a message with a value.
func data(value string) string {
	return `{"id":"1","type":"data","payload":{"data":{"greet":` + value + `}}}`
}

// oneGreeting is a whole legacy conversation.
func oneGreeting(p *peer) {
	p.want("connection_init")
	p.say(ack)
	p.want("start")
	p.say(data(`{"text":"hello"}`), complete)
	p.drain()
}

// received returns what a subscription yields, each with its error.
func received(ctx context.Context, h *transport.HTTP, req *core.Request) (values []string, errs []error) {
	for value, err := range h.Subscribe(ctx, req) {
		values, errs = append(values, string(value)), append(errs, err)
	}
	return values, errs
}

// observed collects what a client says until it goes.
func observed(t *testing.T, subprotocol string, talk func(*peer)) (core.Environment, <-chan []string) {
	rest := make(chan []string, 1)
	return serve(t, socket(t, subprotocol, func(p *peer) {
		talk(p)
		rest <- p.drain()
	})), rest
}

func TestTheHandshake(t *testing.T) {
	for tenant, want := range map[string]string{
		"145831": "graphql-ws, access-token-" + canary + ", x-tenant-context-145831",
		"":       "graphql-ws, access-token-" + canary,
	} {
		req := greet(serve(t, socket(t, "graphql-ws", func(p *peer) {
			if got := p.request.Header.Get("Sec-WebSocket-Protocol"); got != want {
				t.Errorf("offered %q, want %q", got, want)
			}
			for name, want := range map[string]string{
				"Authorization": "Bearer " + canary, "User-Agent": core.UserAgent("", "", core.Application{}), "Apollographql-Client-Name": "taegis-go",
				"X-Tenant-Context": tenant, "X-Own": "mine",
			} {
				if got := p.request.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if p.request.URL.Path != "/events" {
				t.Errorf("path %s", p.request.URL.Path)
			}
			oneGreeting(p)
		})), core.KindSubscription)
		req.Operation.Gateway, req.Tenant, req.Header = "/events", tenant, http.Header{"X-Own": {"mine"}}
		if values, errs := received(t.Context(), &transport.HTTP{}, req); len(values) != 1 || errs[0] != nil {
			t.Errorf("%q, %v", values, errs)
		}
	}
}

// TestDialects holds the same conversation in what the handshake selects.
func TestDialects(t *testing.T) {
	for _, test := range []struct{ selected, start, data, terminate string }{
		{"graphql-ws", "start", "data", "connection_terminate"},
		{"", "start", "data", "connection_terminate"},
		{"access-token-" + canary, "start", "data", "connection_terminate"},
		{"graphql-transport-ws", "subscribe", "next", ""},
	} {
		env, rest := observed(t, test.selected, func(p *peer) {
			p.say(ka)
			if init := p.want("connection_init"); init.ID != "" {
				t.Errorf("connection_init has an id: %+v", init)
			}
			p.say(ka, ack, ka)
			if test.selected == "graphql-transport-ws" {
				p.say(`{"type":"ping"}`)
			}
			m := p.want(test.start)
			if m.ID == "" || !strings.HasPrefix(m.Payload.Query, "subscription greet($name: String!)") || string(m.Payload.Variables["name"]) != `"ann"` {
				t.Errorf("%+v", m)
			}
			if test.selected == "graphql-transport-ws" {
				p.want("pong")
			}
			for _, value := range []string{`{"text":"one"}`, `null`} {
				p.say(ka, strings.Replace(data(value), `"data"`, `"`+test.data+`"`, 1))
			}
			p.say(complete)
		})
		values, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
		if !slices.Equal(values, []string{`{"text":"one"}`, `null`}) || errs[0] != nil || errs[1] != nil {
			t.Errorf("%s: %q, %v", test.selected, values, errs)
		}
		if last := strings.Join(<-rest, " "); last != test.terminate {
			t.Errorf("%s: said %q in the end, want %q", test.selected, last, test.terminate)
		}
	}
}

func TestADocumentGetsAllOfTheData(t *testing.T) {
	req := greet(serve(t, socket(t, "", oneGreeting)), core.KindSubscription)
	req.Document = "subscription greet { greet { text } }"
	if values, errs := received(t.Context(), &transport.HTTP{}, req); len(values) != 1 || values[0] != `{"greet":{"text":"hello"}}` || errs[0] != nil {
		t.Errorf("%q, %v", values, errs)
	}
}

// TestHowSubscriptionsFail plays the conversations that end badly.
func TestHowSubscriptionsFail(t *testing.T) {
	const denied = `{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}`
	say := func(messages ...string) func(*peer) {
		return func(p *peer) {
			p.want("connection_init")
			p.say(messages...)
			p.drain()
		}
	}
	for name, test := range map[string]struct {
		talk     func(*peer)
		values   int
		text     string
		rejected bool
	}{
		"refused":                   {say(`{"type":"connection_error","payload":{"message":"too many"}}`), 0, "too many", false},
		"refused without a word":    {say(`{"type":"connection_error"}`), 0, "without a description", false},
		"rejected":                  {say(`{"type":"connection_error","payload":` + denied + `}`), 0, "rejected", true},
		"rejected in the message":   {say(`{"type":"connection_error","payload":{"message":"UNAUTHENTICATED: expired"}}`), 0, "rejected", true},
		"rejected after the start":  {say(ack, `{"id":"1","type":"error","payload":`+denied+`}`), 0, "rejected", true},
		"rejected in an answer":     {say(ack, `{"id":"1","type":"data","payload":{"data":null,"errors":[`+denied+`]}}`), 0, "rejected", true},
		"an error":                  {say(ack, data("1"), `{"id":"1","type":"error","payload":{"message":"broken"}}`), 1, "broken", false},
		"a list of errors":          {say(ack, `{"id":"1","type":"error","payload":[{"message":"one"},{"message":"two","path":["a",1]}]}`), 0, "one: a[1]: two", false},
		"a late connection_error":   {say(ack, data("1"), `{"type":"connection_error","payload":{"message":"late"}}`), 1, "late", false},
		"an answer of nothing":      {say(ack, `{"id":"1","type":"data"}`), 0, "not GraphQL", false},
		"no JSON":                   {say(ack, data("1"), `hello`), 1, "not GraphQL", false},
		"no JSON before the answer": {say(`hello`), 0, "not GraphQL", false},
	} {
		t.Run(name, func(t *testing.T) {
			env := serve(t, socket(t, "graphql-ws", test.talk))
			values, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
			if len(values) != test.values+1 || values[test.values] != "" {
				t.Fatalf("%q, %v", values, errs)
			}
			err := errs[test.values]
			answer, ok := errors.AsType[*core.ResponseError](err)
			if !ok || answer.Status != 200 || answer.Host == "" || !strings.Contains(err.Error(), test.text) || errors.Is(err, core.ErrUnauthorized) != test.rejected {
				t.Errorf("%#v: %v", err, err)
			}
		})
	}
}

func TestPartialMessagesDoNotEndASubscription(t *testing.T) {
	env := serve(t, socket(t, "graphql-ws", func(p *peer) {
		p.want("connection_init")
		p.say(ack, `{"id":"1","type":"data","payload":{"data":{"greet":null},"errors":[{"message":"hidden","path":["greet",0]}]}}`, data("2"), complete)
		p.drain()
	}))
	values, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
	if !slices.Equal(values, []string{"null", "2"}) || errs[1] != nil {
		t.Fatalf("%q, %v", values, errs)
	}
	if answer, ok := errors.AsType[*core.ResponseError](errs[0]); !ok || answer.Errors[0].Path[1] != 0 {
		t.Errorf("%#v", errs[0])
	}
}

// TestHowConnectionsEnd has the server go at each point of the conversation.
func TestHowConnectionsEnd(t *testing.T) {
	const reason = "gone with " + canary
	for name, test := range map[string]struct {
		talk           func(*peer)
		sent, rejected bool
		text           string
	}{
		"before the answer":   {func(p *peer) { p.want("connection_init") }, false, false, "no connection"},
		"after the start":     {func(p *peer) { p.want("connection_init"); p.say(ack); p.want("start") }, true, false, "no answer"},
		"with a reason":       {func(p *peer) { p.say(ack); p.want("connection_init"); p.want("start"); _ = p.conn.Close(4500, reason) }, true, false, "gone with [redacted]"},
		"without a reason":    {func(p *peer) { p.say(ack); p.want("connection_init"); p.want("start"); _ = p.conn.Close(1001, "") }, true, false, "code 1001: going away"},
		"because of a token":  {func(p *peer) { p.want("connection_init"); _ = p.conn.Close(4401, "Unauthorized") }, false, true, "rejected"},
		"normally, but early": {func(p *peer) { p.say(ack); p.want("connection_init"); p.want("start"); _ = p.conn.Close(1000, "") }, true, false, "closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			values, errs := received(t.Context(), &transport.HTTP{}, greet(serve(t, socket(t, "", test.talk)), core.KindSubscription))
			if len(values) != 1 || errors.Is(errs[0], core.ErrUnauthorized) != test.rejected || !strings.Contains(errs[0].Error(), test.text) {
				t.Fatalf("%q, %v", values, errs)
			}
			if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); ok == test.rejected || ok && gone.Sent != test.sent {
				t.Errorf("%#v", errs[0])
			}
		})
	}
}

func TestHandshakesThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		status   int
		body     string
		rejected bool
		text     string
	}{
		"rejected":                   {401, "", true, "rejected"},
		"forbidden":                  {403, `{"message":"Forbidden"}`, false, "Forbidden"},
		"forbidden as not logged in": {403, `{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, false, "no"},
		"busy":                       {503, "<html>", false, "an HTML page"},
		"no WebSocket here":          {200, hello, false, "did not open a WebSocket"},
	} {
		t.Run(name, func(t *testing.T) {
			env := serve(t, answering(test.status, test.body, "X-Request-Id", "r-1", "Retry-After", "3"))
			values, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
			if len(values) != 1 {
				t.Fatalf("%q, %v", values, errs)
			}
			answer, ok := errors.AsType[*core.ResponseError](errs[0])
			if !ok || answer.Status != test.status || answer.RequestID != "r-1" || !strings.Contains(errs[0].Error(), test.text) || errors.Is(errs[0], core.ErrUnauthorized) != test.rejected {
				t.Errorf("%#v", errs[0])
			}
		})
	}
}

// A redirect that was followed is not what is wrong with the connection it led to.
func TestAHandshakeThatIsLedAstray(t *testing.T) {
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusFound) // a port without TLS
	})
	_, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
	if _, ok := errors.AsType[*core.TLSError](errs[0]); !ok {
		t.Errorf("%#v", errs[0])
	}
}

func TestAHandshakeThatIsNoWebSocket(t *testing.T) {
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.WriteHeader(http.StatusSwitchingProtocols)
	})
	_, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
	if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); !ok || gone.Sent || strings.Contains(errs[0].Error(), canary) {
		t.Errorf("%#v", errs[0])
	}
}

func TestMessagesHaveNoLimitButMessageBytes(t *testing.T) {
	long := `"` + strings.Repeat("x", 1<<20) + `"`
	env := serve(t, socket(t, "", func(p *peer) {
		p.want("connection_init")
		p.say(ack, data(long), complete)
		p.drain()
	}))
	for limit, fits := range map[int64]bool{0: true, int64(len(data(long))): true, int64(len(data(long))) - 1: false} {
		values, errs := received(t.Context(), &transport.HTTP{Limits: core.Limits{MessageBytes: limit}}, greet(env, core.KindSubscription))
		if len(values) != 1 || fits != (errs[0] == nil) || fits != (values[0] == long) {
			t.Fatalf("limit %d: %d values, %v", limit, len(values), errs)
		}
		if exceeded, ok := errors.AsType[*core.LimitError](errs[0]); !fits && (!ok || exceeded.Option != "Limits.MessageBytes") {
			t.Errorf("%#v", errs[0])
		}
	}
}

// A server that says nothing more and answers no ping is given up, which is no cancellation.
func TestASilentServerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		client, env, end := inMemory(t, socket(t, "", func(p *peer) {
			begin(p)
			<-over // reads nothing, so answers no ping
		}))
		_, errs := received(t.Context(), &transport.HTTP{Client: client, KeepAlive: time.Minute}, greet(env, core.KindSubscription))
		if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); !ok || !gone.Sent || errors.Is(errs[0], context.Canceled) || !strings.Contains(errs[0].Error(), "silent") {
			t.Errorf("%#v", errs[0])
		}
		close(over)
		end()
	})
}

// A server that says nothing more but answers pings is waited for.
func TestAServerThatAnswersPingsIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pinged := make(chan struct{}, 64)
		client, env, end := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
				OnPingReceived: func(context.Context, []byte) bool { pinged <- struct{}{}; return true },
			})
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.CloseNow()
			p := &peer{t, conn, r}
			begin(p)
			go func() {
				for range 3 {
					<-pinged
				}
				p.say(data("1"), complete)
			}()
			p.drain()
		})
		values, errs := received(t.Context(), &transport.HTTP{Client: client, KeepAlive: time.Minute}, greet(env, core.KindSubscription))
		if !slices.Equal(values, []string{"1"}) || errs[0] != nil {
			t.Errorf("%q, %v", values, errs)
		}
		end()
	})
}

// begin is the server's part of the handshake, up to the operation.
func begin(p *peer) {
	p.want("connection_init")
	p.say(ack)
	p.want("start")
}

func TestKeepAliveBoundsTheHandshake(t *testing.T) {
	for name, handler := range map[string]func(*testing.T) http.HandlerFunc{
		"no answer": func(*testing.T) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		},
		"no acknowledgement": func(t *testing.T) http.HandlerFunc { return socket(t, "", func(p *peer) { p.drain() }) },
	} {
		synctest.Test(t, func(t *testing.T) {
			client, env, end := inMemory(t, handler(t))
			_, errs := received(t.Context(), &transport.HTTP{Client: client, KeepAlive: time.Minute}, greet(env, core.KindSubscription))
			if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); !ok || gone.Sent || !errors.Is(errs[0], context.DeadlineExceeded) {
				t.Errorf("%s: %#v", name, errs[0])
			}
			end()
		})
	}
}

func TestTheContextEndsAWaitingSubscription(t *testing.T) {
	errStopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	env := serve(t, socket(t, "", func(p *peer) {
		p.want("connection_init")
		p.say(ack)
		p.want("start")
		cancel(errStopped)
		p.drain()
	}))
	_, errs := received(ctx, &transport.HTTP{}, greet(env, core.KindSubscription))
	if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); !ok || !gone.Sent || !errors.Is(errs[0], errStopped) {
		t.Errorf("%#v", errs[0])
	}
}

// TestNothingLeaks ends subscriptions in every way, and then looks for what still runs.
func TestNothingLeaks(t *testing.T) {
	before := goleak.IgnoreCurrent()
	waiting := make(chan struct{}, 1)
	server := httptest.NewServer(socket(t, "graphql-ws", func(p *peer) {
		p.want("connection_init")
		p.say(ack)
		switch p.want("start").Payload.OperationName {
		case "wait":
			waiting <- struct{}{}
		case "greet":
			p.say(data("1"), data("2"), complete)
		case "refuse":
			p.say(data("1"), `{"id":"1","type":"error","payload":{"message":"no"}}`)
		}
		p.drain()
	}))
	client, err := transport.NewClient(transport.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	h := &transport.HTTP{Client: client, KeepAlive: time.Minute}
	env := environment(t, server.URL)
	for _, name := range []string{"greet", "refuse", "wait"} {
		req := greet(env, core.KindSubscription)
		req.Operation.Name = name
		for _, end := range []string{"itself", "leaving", "context", "panic"} {
			if name == "wait" && end != "context" {
				continue // it never says anything
			}
			ctx, cancel := context.WithCancel(t.Context())
			if name == "wait" {
				go func() {
					<-waiting
					cancel()
				}()
			}
			func() {
				defer func() { _ = recover() }()
				for value, err := range h.Subscribe(ctx, req) {
					switch end {
					case "leaving":
						return
					case "context":
						cancel()
					case "panic":
						panic(fmt.Sprint(string(value), err))
					}
				}
			}()
			cancel()
		}
	}
	client.CloseIdleConnections()
	server.Close()
	goleak.VerifyNone(t, before)
}

func TestMessagesAreJSONAsTheServerSentIt(t *testing.T) {
	const value = `{"n": 1.50, "big": 12345678901234567890, "later": "2006"}`
	env := serve(t, socket(t, "", func(p *peer) {
		p.want("connection_init")
		p.say(ack, data(value), complete)
		p.drain()
	}))
	values, _ := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
	if len(values) != 1 || values[0] != value || !json.Valid([]byte(values[0])) {
		t.Errorf("%q", values)
	}
}
