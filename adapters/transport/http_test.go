package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

const hello = `{"data":{"greet":{"text":"hello"}}}`

type greeting struct{ Text string }

func TestARequestOnTheWire(t *testing.T) {
	req := greet(serve(t, func(w http.ResponseWriter, r *http.Request) {
		var ask asked
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || ask.OperationName != "greet" || string(ask.Variables["name"]) != `"ann"` {
			t.Errorf("%+v, %v", ask, err)
		}
		if r.Method != http.MethodPost || r.URL.Path != "/alerts/query" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer " + canary, "Content-Type": "application/json", "Accept": "application/json",
			"User-Agent": core.UserAgent("acme", "1.2", core.Application{Name: "soc"}), "Apollographql-Client-Name": "acme", "Apollographql-Client-Version": "1.2",
			"X-Tenant-Context": "145831", "X-Amzn-Trace-Id": "earlier",
		} {
			if got := strings.Join(r.Header.Values(name), "|"); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		_, _ = w.Write([]byte(hello))
	}), core.KindQuery)
	req.Operation.Gateway = "/alerts/query"
	req.Header = http.Header{"x-amzn-trace-id": {"earlier"}, "Authorization": {"mine"}, "x-tenant-context": {"1"}, "Accept": {"text/html"}}
	var out greeting
	h := &transport.HTTP{Name: "acme", Version: "1.2", Application: core.Application{Name: "soc"}}
	if err := h.Execute(t.Context(), req, &out); err != nil || out.Text != "hello" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestWithoutTokenTenantOrName(t *testing.T) {
	req := greet(serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("User-Agent"), "taegis-go/dev (go") || r.Header["Authorization"] != nil || r.Header["X-Tenant-Context"] != nil || r.URL.Path != "/graphql" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		_, _ = w.Write([]byte(hello))
	}), core.KindQuery)
	req.Token, req.Tenant = core.Secret{}, ""
	if err := new(transport.HTTP).Execute(t.Context(), req, nil); err != nil {
		t.Error(err)
	}
}

func TestBaseURLsThatCannotBeUsed(t *testing.T) {
	for url, reason := range map[string]string{
		"http://taegis.example": "loopback only",
		"ftp://taegis.example":  "https://",
		"https://tae gis":       "not a URL",
		"":                      "https://",
		"https://api.ctpx.secureworks.com:443@evil.example": "user name or password",
	} {
		req := greet(core.Environment{Name: "lab", APIURL: url}, core.KindQuery)
		errs := []error{new(transport.HTTP).Execute(t.Context(), req, nil)}
		for _, err := range new(transport.HTTP).Subscribe(t.Context(), req) {
			errs = append(errs, err)
		}
		for _, err := range errs {
			if fault, ok := errors.AsType[*core.BaseURLError](err); !ok || !strings.Contains(fault.Reason, reason) || fault.Name != "lab" {
				t.Errorf("%q: %v", url, err)
			}
		}
		if len(errs) != 2 {
			t.Errorf("%q: %d errors", url, len(errs))
		}
	}
}

// What is put behind a base URL must not make it another host's.
func TestGatewaysThatLeadElsewhere(t *testing.T) {
	for _, gateway := range []string{"@evil.example/graphql", ".evil.example/graphql", ":pass@evil.example/graphql", "evil"} {
		req := greet(core.Environment{Name: "lab", APIURL: "https://api.ctpx.secureworks.com"}, core.KindQuery)
		operation := *req.Operation
		operation.Gateway = gateway
		req.Operation = &operation
		for _, subscribe := range []bool{false, true} {
			err := call(t.Context(), new(transport.HTTP), req, subscribe)
			if fault, ok := errors.AsType[*core.BaseURLError](err); !ok || !strings.Contains(fault.Reason, "slash") {
				t.Errorf("%q: %v", gateway, err)
			}
		}
	}
}

func TestNothingListens(t *testing.T) {
	server := httptest.NewServer(nil)
	env := environment(t, server.URL)
	server.Close()
	for _, subscribe := range []bool{false, true} {
		err := call(t.Context(), new(transport.HTTP), greet(env, core.KindQuery), subscribe)
		if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || gone.Sent || gone.Host == "" || gone.Operation != "greet" {
			t.Errorf("%#v", err)
		}
	}
}

// call executes req or subscribes, and returns the last error.
func call(ctx context.Context, h *transport.HTTP, req *core.Request, subscribe bool) (err error) {
	if !subscribe {
		return h.Execute(ctx, req, nil)
	}
	for _, err = range h.Subscribe(ctx, req) {
	}
	return err
}

func TestTheServerHangsUp(t *testing.T) {
	env := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	err := new(transport.HTTP).Execute(t.Context(), greet(env, core.KindMutation), nil)
	if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || !gone.Sent {
		t.Errorf("%#v", err)
	}
}

// hang answers nothing until the test or the client ends.
func hang(t *testing.T) (env core.Environment, arrived chan struct{}) {
	arrived, over := make(chan struct{}, 8), make(chan struct{})
	env = serve(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})
	t.Cleanup(func() { close(over) })
	return env, arrived
}

func TestTheTimeLimitOfARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, env, end := inMemory(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the client has gone
			<-r.Context().Done()
		})
		req := greet(env, core.KindQuery)
		req.Timeout = time.Minute
		err := (&transport.HTTP{Client: client}).Execute(t.Context(), req, nil)
		gone, ok := errors.AsType[*core.ConnectionError](err)
		if !ok || !gone.Sent || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1m0s") {
			t.Errorf("%#v", err)
		}
		end()
	})
}

func TestTheContextsCauseComesBack(t *testing.T) {
	errStopped := errors.New("stopped")
	for _, subscribe := range []bool{false, true} {
		env, arrived := hang(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { <-arrived; cancel(errStopped) }()
		err := call(ctx, new(transport.HTTP), greet(env, core.KindQuery), subscribe)
		if _, ok := errors.AsType[*core.ConnectionError](err); !ok || !errors.Is(err, errStopped) || !errors.Is(err, context.Canceled) {
			t.Errorf("%#v", err)
		}
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	var reached atomic.Int32
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		_, _ = w.Write([]byte(hello))
	})
	for name, test := range map[string]struct {
		status     int
		to, reason string
	}{
		"another host":   {http.StatusTemporaryRedirect, other.APIURL + "/graphql", "changes the host"},
		"another method": {http.StatusSeeOther, "/other", "changes the method from POST to GET"},
		"without end":    {http.StatusPermanentRedirect, "/graphql", "in a row"},
	} {
		t.Run(name, func(t *testing.T) {
			env := serve(t, answering(test.status, "", "Location", test.to, "X-Request-Id", "r-1"))
			for _, client := range []*http.Client{nil, {CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}} {
				for _, subscribe := range []bool{false, test.status != http.StatusSeeOther} { // a handshake is a GET
					err := call(t.Context(), &transport.HTTP{Client: client}, greet(env, core.KindQuery), subscribe)
					redirect, isRedirect := errors.AsType[*transport.RedirectError](err)
					answer, isAnswer := errors.AsType[*core.ResponseError](err)
					if !isRedirect || !strings.Contains(redirect.Reason, test.reason) || !isAnswer || answer.Status != test.status || answer.RequestID != "r-1" {
						t.Errorf("subscribe %v: %#v", subscribe, err)
					}
				}
			}
		})
	}
	if reached.Load() != 0 {
		t.Error("the other host got a request with a token")
	}
}

func TestARedirectOnTheHostIsFollowed(t *testing.T) {
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/graphql" {
			http.Redirect(w, r, "/v2", http.StatusPermanentRedirect)
			return
		}
		var ask asked
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || ask.Query == "" || r.Header.Get("Authorization") != "Bearer "+canary {
			t.Errorf("%+v, %v", ask, err)
		}
		_, _ = w.Write([]byte(hello))
	})
	asks := 0
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { asks++; return nil }}
	if err := (&transport.HTTP{Client: client}).Execute(t.Context(), greet(env, core.KindQuery), nil); err != nil || asks != 1 {
		t.Errorf("%v, the client's own rule was asked %d times", err, asks)
	}
}

// A test's RoundTripper seldom says what its answer belongs to.
func TestAnAnswerThatDoesNotNameItsRequest(t *testing.T) {
	req := greet(core.Environment{Name: "lab", APIURL: "https://taegis.example"}, core.KindQuery)
	for body, status := range map[string]int{"busy": http.StatusServiceUnavailable, `{"data":`: http.StatusOK} {
		h := &transport.HTTP{Client: &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}}
		for _, subscribe := range []bool{false, true} {
			err := call(t.Context(), h, req, subscribe)
			answer, _ := errors.AsType[*core.ResponseError](err)
			gone, _ := errors.AsType[*core.ConnectionError](err)
			if (answer == nil || answer.Host != "taegis.example") && (gone == nil || gone.Host != "taegis.example") {
				t.Errorf("status %d, subscribe %v: %v", status, subscribe, err)
			}
		}
	}
}
