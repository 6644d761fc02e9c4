package transport_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

// fixture is a server in a bubble, and a client of it that repeats as by default.
type fixture struct {
	offered []string // by each handshake, the first protocol
	http    *transport.HTTP
	env     core.Environment
}

// inBubble runs a test with a server that talks on every connection, on a clock that does not run
// while anything can go on.
func inBubble(t *testing.T, talk func(*peer), test func(*testing.T, *fixture)) {
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{env: environment(t, "http://localhost")}
		pipes := testutil.NewPipes()
		var busy atomic.Int32
		idle := make(chan struct{}, 64)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			busy.Add(1)
			defer func() { busy.Add(-1); idle <- struct{}{} }()
			first, _, _ := strings.Cut(r.Header.Get("Sec-WebSocket-Protocol"), ",")
			f.offered = append(f.offered, first)
			socket(t, "", talk)(w, r)
		})}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(pipes) }()
		own := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return pipes.DialContext(ctx) }}
		f.http = &transport.HTTP{Client: &http.Client{Transport: own}}
		test(t, f)
		for busy.Load() > 0 {
			<-idle
		}
		own.CloseIdleConnections()
		_ = server.Close() // the listener has nothing to say
		<-ended
	})
}

// subscribe subscribes with the default repetition, and returns what comes of it.
func (f *fixture) subscribe(t *testing.T) (values []string, err error) {
	for value, e := range transport.Retry(core.RetryLimits{})(f.http).Subscribe(t.Context(), greet(f.env, core.KindSubscription)) {
		if err = e; value != nil {
			values = append(values, string(value))
		}
	}
	return values, err
}

// TestCloseCodesBeforeTheAcknowledgement has the code in the error, typed, and connects again only
// if that can help: default limits are 4 tries.
func TestCloseCodesBeforeTheAcknowledgement(t *testing.T) {
	for code, tries := range map[int]int{
		1000: 4, 1001: 4, 1005: 4, 1011: 4, 1012: 4, 1013: 4, 1014: 4, 3000: 4, 4000: 4, 4408: 4, 4500: 4, 4504: 4, 4999: 4,
		1002: 1, 1003: 1, 1007: 1, 1008: 1, 1009: 1, 1010: 1, 4400: 1, 4401: 1, 4403: 1, 4404: 1, 4406: 2, 4409: 1, 4429: 1,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			talk := func(p *peer) {
				p.want("connection_init")
				_ = p.conn.Close(websocket.StatusCode(code), "because of "+canary)
			}
			inBubble(t, talk, func(t *testing.T, f *fixture) {
				_, err := f.subscribe(t)
				closed, typed := errors.AsType[*core.CloseError](err)
				if !typed || closed.Code != code || int(websocket.CloseStatus(err)) != code || len(f.offered) != tries {
					t.Fatalf("%d connections, %v", len(f.offered), err)
				}
				if said := err.Error(); code != 1005 && !strings.Contains(said, fmt.Sprintf("code %d: because of [redacted]", code)) || strings.Contains(said, "no connection") {
					t.Errorf("%v", err)
				}
				if errors.Is(err, core.ErrUnauthorized) != (code == 4401) || errors.Is(err, io.EOF) {
					t.Errorf("%v", err)
				}
				if _, answered := errors.AsType[*core.ResponseError](err); answered != (tries < 4) {
					t.Errorf("%#v", err)
				}
			})
		})
	}
}

// TestCloseCodesAfterTheStart are never repeated: the operation may have been executed.
func TestCloseCodesAfterTheStart(t *testing.T) {
	for _, code := range []int{1000, 1001, 1005, 1008, 1011, 1012, 1013, 4000, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500} {
		talk := func(p *peer) {
			p.want("connection_init")
			p.say(ack)
			p.want("start")
			p.say(data("1"))
			_ = p.conn.Close(websocket.StatusCode(code), "")
		}
		inBubble(t, talk, func(t *testing.T, f *fixture) {
			values, err := f.subscribe(t)
			closed, typed := errors.AsType[*core.CloseError](err)
			if !slices.Equal(values, []string{"1"}) || !typed || closed.Code != code || len(f.offered) != 1 || errors.Is(err, core.ErrUnauthorized) != (code == 4401) {
				t.Errorf("%d: %d connections, %q, %v", code, len(f.offered), values, err)
			}
		})
	}
}

// takenOver keeps the connection that a WebSocket takes over.
type takenOver struct {
	http.ResponseWriter
	conn net.Conn
}

func (w *takenOver) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.conn = conn
	return conn, buffers, err
}

// raw is a server that talks up to a point and then uses the connection itself.
func raw(t *testing.T, point string, end func(net.Conn)) core.Environment {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		taken := &takenOver{ResponseWriter: w}
		conn, err := websocket.Accept(taken, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		p := &peer{t, conn, r}
		for _, step := range []string{"", "connection_init", "start", "value"} {
			switch step {
			case "":
			case "value":
				p.say(data("1"))
			default:
				p.want(step)
			}
			if step == point {
				break
			}
			if step == "connection_init" {
				p.say(ack)
			}
		}
		end(taken.conn)
	})
}

// TestReservedCloseCodes has codes that no close message may hold: the connection breaks the
// protocol.
func TestReservedCloseCodes(t *testing.T) {
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65535} {
		env := raw(t, "", func(c net.Conn) {
			_, _ = c.Write([]byte{0x88, 2, byte(code >> 8), byte(code)})
			_, _ = io.Copy(io.Discard, c) // until the client has gone
		})
		_, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
		if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); !ok || gone.Sent || !strings.Contains(errs[0].Error(), "invalid status code") {
			t.Errorf("%d: %v", code, errs[0])
		}
	}
}

// TestADroppedStreamIsAnUnexpectedEnd drops the connection at each point: io.EOF would read like a
// good end.
func TestADroppedStreamIsAnUnexpectedEnd(t *testing.T) {
	for how, end := range map[string]func(net.Conn){
		"closed": func(c net.Conn) { _ = c.Close() },
		"reset": func(c net.Conn) {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = c.Close()
		},
		"within a frame": func(c net.Conn) { _, _ = c.Write([]byte{0x81, 126, 4}); _ = c.Close() },
		"within a text":  func(c net.Conn) { _, _ = c.Write([]byte{0x81, 100, '{'}); _ = c.Close() },
	} {
		for _, point := range []string{"", "connection_init", "start", "value"} {
			_, errs := received(t.Context(), &transport.HTTP{}, greet(raw(t, point, end), core.KindSubscription))
			err := errs[len(errs)-1]
			gone, ok := errors.AsType[*core.ConnectionError](err)
			if !ok || gone.Sent != (point == "start" || point == "value") || !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				t.Errorf("%s after %q: %#v: %v", how, point, err, err)
			}
		}
	}
}

// A connection that ends before the answer is no good end either.
func TestARequestWithoutAnAnswerIsAnUnexpectedEnd(t *testing.T) {
	env := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	call := new(transport.HTTP).Execute(t.Context(), greet(env, core.KindMutation), nil)
	_, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
	for _, err := range append(errs, call) {
		if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			t.Errorf("%#v: %v", err, err)
		}
	}
}

// TestMessagesBeforeACloseAreRead has a server that closes at once, so that nothing can be sent to
// it any more.
func TestMessagesBeforeACloseAreRead(t *testing.T) {
	for name, test := range map[string]struct {
		messages []string
		want     string
	}{
		"a close message":           {nil, "code 4403: forbidden"},
		"an error":                  {[]string{`{"type":"connection_error","payload":{"message":"too many"}}`}, "too many"},
		"a close after the promise": {[]string{ack}, "code 4403: forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			var dead atomic.Bool
			own := pooled(t)
			own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				return mortal{conn, &dead}, err
			}
			talk := socket(t, "", func(p *peer) {
				p.say(test.messages...)
				_ = p.conn.Close(4403, "")
			})
			env := serve(t, func(w http.ResponseWriter, r *http.Request) {
				dead.Store(true)
				talk(w, r)
			})
			_, errs := received(t.Context(), &transport.HTTP{Client: &http.Client{Transport: own}}, greet(env, core.KindSubscription))
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), test.want) {
				t.Errorf("%v", errs)
			}
		})
	}
}

// TestTheOtherProtocol has a server that closes with 4406 unless it is offered what it speaks.
func TestTheOtherProtocol(t *testing.T) {
	const legacy, current = "graphql-ws", "graphql-transport-ws"
	speaks := current
	talk := func(p *peer) {
		offered, _, _ := strings.Cut(p.request.Header.Get("Sec-WebSocket-Protocol"), ", ")
		if offered != speaks {
			_ = p.conn.Close(4406, "Subprotocol not acceptable")
			return
		}
		p.want("connection_init")
		p.say(ack)
		if offered == current {
			p.want("subscribe")
			p.say(strings.Replace(data("1"), `"data"`, `"next"`, 1), complete)
		} else {
			p.want("start")
			p.say(data("1"), complete)
		}
		p.drain()
	}
	inBubble(t, talk, func(t *testing.T, f *fixture) {
		began := time.Now()
		for _, step := range []struct {
			speaks, gateway string
			connections     []string
		}{
			{current, "", []string{legacy, current}},
			{current, "", []string{current}}, // it is remembered
			{current, "/other", []string{legacy, current}},
			{legacy, "", []string{current, legacy}},
			{legacy, "", []string{legacy}},
			{current, "/other", []string{current}},
		} {
			speaks, f.offered = step.speaks, nil
			req := greet(f.env, core.KindSubscription)
			req.Operation.Gateway = step.gateway
			values, errs := received(t.Context(), f.http, req)
			if !slices.Equal(values, []string{"1"}) || errs[0] != nil || !slices.Equal(f.offered, step.connections) {
				t.Errorf("%+v: %q, %v, offered %q", step, values, errs, f.offered)
			}
		}
		speaks, f.offered = "neither", nil
		if _, err := f.subscribe(t); closeCodeOf(err) != 4406 || len(f.offered) != 2 {
			t.Errorf("%v, offered %q", err, f.offered)
		}
		speaks, f.offered = legacy, nil
		if _, err := f.subscribe(t); err != nil || !slices.Equal(f.offered, []string{legacy}) {
			t.Errorf("%v, offered %q", err, f.offered)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it waited %v", took)
		}
	})
}

func closeCodeOf(err error) int {
	if closed, ok := errors.AsType[*core.CloseError](err); ok {
		return closed.Code
	}
	return 0
}
