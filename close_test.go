package taegis_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// slowServer answers nothing by itself: calls hang, "busy" is to be repeated in a while, and a
// stream says nothing once it has begun. Each sends to arrived.
func slowServer(t *testing.T) (url string, arrived chan string) {
	t.Helper()
	arrived = make(chan string, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			silentStream(w, r, arrived)
			return
		}
		body, _ := io.ReadAll(r.Body)
		var asked struct {
			OperationName string `json:"operationName"`
		}
		_ = json.Unmarshal(body, &asked)
		if asked.OperationName == "busy" {
			w.Header().Set("Retry-After", "10")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		arrived <- "call"
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	return server.URL, arrived
}

func silentStream(w http.ResponseWriter, r *http.Request, arrived chan<- string) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-ws"}})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	_, _, _ = conn.Read(r.Context()) // connection_init
	_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":"connection_ack"}`))
	_, _, _ = conn.Read(r.Context()) // start
	arrived <- "stream"
	for err == nil {
		_, _, err = conn.Read(context.Background())
	}
}

// Each kind of call that can be under way ends with ErrClosed, with the client's token and with one
// of the context's.
func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	url, arrived := slowServer(t)
	query := func(name string) func(context.Context, *taegis.Client) error {
		return func(ctx context.Context, c *taegis.Client) error {
			ctx = taegis.ContextWithResponses(ctx, func(r core.Response) {
				if r.Status == http.StatusTooManyRequests {
					arrived <- "busy"
				}
			})
			return c.Execute(ctx, &core.Request{Operation: &core.Operation{Name: name, Kind: core.KindQuery}}, nil)
		}
	}
	for name, run := range map[string]func(context.Context, *taegis.Client) error{
		"call":             query("any"),
		"pause of a retry": query("busy"),
		"stream": func(ctx context.Context, c *taegis.Client) (last error) {
			for _, err := range c.Subscribe(ctx, &core.Request{Operation: &core.Operation{Name: "any", Kind: core.KindSubscription}}) {
				last = err
			}
			return last
		},
		"own middleware and transport": func(ctx context.Context, c *taegis.Client) error {
			return query("hangs in middleware")(ctx, c)
		},
	} {
		for whose, with := range map[string]func(context.Context) context.Context{
			"client": func(ctx context.Context) context.Context { return ctx },
			"context": func(ctx context.Context) context.Context {
				return taegis.ContextWithAccessToken(ctx, core.NewSecret("of-the-context"))
			},
		} {
			t.Run(name+" with a token of the "+whose, func(t *testing.T) {
				hangs := func(next ports.Transport) ports.Transport {
					return executing{next, func(ctx context.Context, req *core.Request, out any) error {
						if req.Operation.Name != "hangs in middleware" {
							return next.Execute(ctx, req, out)
						}
						arrived <- "middleware"
						<-ctx.Done()
						return ctx.Err()
					}}
				}
				c, err := taegis.New(append(in(t, nil), taegis.WithBaseURL(url), taegis.WithMiddleware(hangs),
					taegis.WithRetry(core.RetryLimits{MaxTries: 9, MaxTime: 1 << 50}),
					taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("of-the-client")}))...)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(with(t.Context()))
				defer cancel()
				done := make(chan error, 1)
				go func() { done <- run(ctx, c) }()
				<-arrived
				if err := c.Close(); err != nil {
					t.Error(err)
				}
				if err := <-done; !errors.Is(err, core.ErrClosed) {
					t.Errorf("it ended with %v", err)
				}
				if err := run(ctx, c); !errors.Is(err, core.ErrClosed) {
					t.Errorf("after Close: %v", err)
				}
				if _, err := c.Token(ctx); !errors.Is(err, core.ErrClosed) {
					t.Errorf("a token after Close: %v", err)
				}
				if err := c.Close(); err != nil {
					t.Errorf("closed twice: %v", err)
				}
			})
		}
	}
}

// executing is a transport with another Execute.
type executing struct {
	ports.Transport
	execute func(context.Context, *core.Request, any) error
}

func (e executing) Execute(ctx context.Context, req *core.Request, out any) error {
	return e.execute(ctx, req, out)
}

// A stream that was asked for before Close and is read after it sends nothing.
func TestAStreamThatBeginsAfterClose(t *testing.T) {
	url, arrived := slowServer(t)
	c, err := taegis.New(append(in(t, nil), taegis.WithBaseURL(url), taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}))...)
	if err != nil {
		t.Fatal(err)
	}
	stream := c.Subscribe(t.Context(), &core.Request{Operation: &core.Operation{Name: "any", Kind: core.KindSubscription}})
	c.Close()
	for message, err := range stream {
		if message != nil || !errors.Is(err, core.ErrClosed) {
			t.Errorf("%s, %v", message, err)
		}
	}
	if len(arrived) > 0 {
		t.Error("it was sent")
	}
}

// A call that ends by itself keeps its own error, and a caller's own end is not Close's.
func TestOnlyCloseIsErrClosed(t *testing.T) {
	url, arrived := slowServer(t)
	c, err := taegis.New(append(in(t, nil), taegis.WithBaseURL(url), taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}))...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	err = c.Execute(ctx, &core.Request{Operation: &core.Operation{Name: "any"}}, nil)
	if errors.Is(err, core.ErrClosed) || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller's own end: %v", err)
	}
}

// counting counts how often the connections of a caller's client are closed.
type counting struct {
	*http.Transport
	closed atomic.Int32
}

func (c *counting) CloseIdleConnections() { c.closed.Add(1) }

func TestTheCallersHTTPClientIsLeftAlone(t *testing.T) {
	d := newLoginServer(t)
	kept := &counting{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	t.Cleanup(kept.Transport.CloseIdleConnections)
	d.asClient()
	c := d.client(t, taegis.WithHTTPClient(&http.Client{Transport: kept}))
	call(t, c)
	c.Close()
	delete(d.env, "CLIENT_ID")
	delete(d.env, "CLIENT_SECRET")
	d.answers(t, "ann@example.com", "correct horse", "123456")
	user := d.client(t, taegis.WithHTTPClient(&http.Client{Transport: kept}), taegis.WithAuthenticators(&authn.Password{}))
	_, _ = user.Login(t.Context()) // it asks, whatever comes of it
	user.Close()
	if n := kept.closed.Load(); n > 0 {
		t.Errorf("its connections were closed %d times", n)
	}
}

// A connection of the caller's client that a prompt has outlived is neither used nor closed.
func TestAPasswordGoesOverAConnectionOfItsOwn(t *testing.T) {
	var mu sync.Mutex
	connections := map[string]string{} // the path of the last request by connection
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if before, again := connections[r.RemoteAddr]; again && r.URL.Path == userRoute {
			t.Errorf("the password came over the connection of %s", before)
		}
		connections[r.RemoteAddr] = r.URL.Path
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"login_type":"username-password","access_token":"a-token"}`)
	}))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	prompt := core.Prompt{
		AskText:   func(context.Context, string) (string, error) { return "ann", nil },
		AskSecret: func(context.Context, string) (core.Secret, error) { return core.NewSecret("correct horse"), nil },
	}
	c, err := taegis.New(append(in(t, nil), taegis.WithBaseURL(server.URL), taegis.WithHTTPClient(client), taegis.WithPrompt(prompt),
		taegis.WithAuthenticators(&authn.Password{}))...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(connections) != 2 {
		t.Errorf("connections %v, want one for the user name and one for the password", connections)
	}
}

type closing struct {
	authn.StaticToken
	close func() error
}

func (c *closing) Close() error { return c.close() }

// What one authenticator does in its Close keeps none of the others open.
func TestCloseGoesOnAfterAPanic(t *testing.T) {
	for name, do := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			closed := 0
			last := &closing{close: func() error { closed++; return errors.New("a last word") }}
			c, err := taegis.New(append(in(t, nil), taegis.WithAuthenticators(
				&closing{close: func() error { do(); return nil }}, last, last))...)
			if err != nil {
				t.Fatal(err)
			}
			var recovered any
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { recovered = recover() }()
				c.Close()
			}()
			<-ended
			if closed != 2 || (recovered == "boom") != (name == "panic") {
				t.Errorf("%d closed, recovered %v", closed, recovered)
			}
			if err := c.Execute(t.Context(), &core.Request{Operation: &core.Operation{Name: "any"}}, nil); !errors.Is(err, core.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}
