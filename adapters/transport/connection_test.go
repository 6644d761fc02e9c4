package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// mutate executes a mutation over a RoundTripper, repeated as by default.
func mutate(t *testing.T, env core.Environment, through roundTripper) error {
	wire := &transport.HTTP{Client: &http.Client{Transport: through}}
	return transport.Retry(core.RetryLimits{})(wire).Execute(t.Context(), greet(env, core.KindMutation), nil)
}

// pooled returns a RoundTripper with connections of its own.
func pooled(t *testing.T) *http.Transport {
	own := new(http.Transport)
	t.Cleanup(own.CloseIdleConnections)
	return own
}

// A RoundTripper owes no httptrace hook to anybody: one that makes a request of its own runs none,
// as one that speaks another protocol than net/http or runs in a browser. Nor is what it did undone
// when it tries again.
func TestAMutationIsExecutedOnceOverAnyRoundTripper(t *testing.T) {
	var executed atomic.Int32
	env := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
		executed.Add(1)
		panic(http.ErrAbortHandler)
	})
	own := pooled(t)
	untraced := func(r *http.Request) (*http.Response, error) {
		return own.RoundTrip(r.WithContext(context.Background()))
	}
	for name, through := range map[string]roundTripper{
		"without hooks": untraced,
		"that tries again": func(r *http.Request) (*http.Response, error) {
			if _, err := untraced(r); err == nil {
				t.Error("answered")
			}
			again, err := r.GetBody()
			if err != nil {
				t.Error(err)
			}
			return nil, errors.Join(errors.New("no route"), again.Close())
		},
	} {
		executed.Store(0)
		err := mutate(t, env, through)
		if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || !gone.Sent || executed.Load() != 1 {
			t.Errorf("%s: executed %d times: %#v", name, executed.Load(), err)
		}
	}
}

// A request that failed before its body was read is retried, and the body cannot be read any more.
func TestAMutationThatWasNotSentIsRepeated(t *testing.T) {
	var executed atomic.Int32
	env := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		executed.Add(1)
		_, _ = w.Write([]byte(hello))
	})
	own := pooled(t)
	var held io.Reader
	err := mutate(t, env, func(r *http.Request) (*http.Response, error) {
		if held == nil {
			held = r.Body
			return nil, errors.New("no route")
		}
		return own.RoundTrip(r)
	})
	if err != nil || executed.Load() != 1 {
		t.Errorf("executed %d times: %v", executed.Load(), err)
	}
	if text, err := io.ReadAll(held); err == nil || len(text) > 0 {
		t.Errorf("%d bytes of a request that was repeated could still be sent, %v", len(text), err)
	}
}

// mortal is a connection that fails all writes once it is dead; the client has not noticed that
// yet.
type mortal struct {
	net.Conn
	ended *atomic.Bool
}

func (m mortal) Write(p []byte) (int, error) {
	if m.ended.Load() {
		return 0, net.ErrClosed
	}
	return m.Conn.Write(p)
}

// A gateway that restarts leaves such connections behind, and net/http finds no other.
func TestAKeptConnectionThatTakesNothingProvesThatNothingWasSent(t *testing.T) {
	env := serve(t, answering(200, hello))
	own := pooled(t)
	var dead atomic.Bool
	own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dead.Load() {
			return nil, errors.New("refused")
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return mortal{conn, &dead}, err
	}
	wire := &transport.HTTP{Client: &http.Client{Transport: own}}
	if err := wire.Execute(t.Context(), greet(env, core.KindMutation), nil); err != nil {
		t.Fatal(err)
	}
	dead.Store(true)
	err := wire.Execute(t.Context(), greet(env, core.KindMutation), nil)
	if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || gone.Sent || gone.Err.Error() != "refused" {
		t.Errorf("%#v", err)
	}
}

// The body has been opened for the next place by the time that the client's own rule refuses to go
// there.
func TestARedirectThatTheClientRefusesWasSent(t *testing.T) {
	env := serve(t, answering(http.StatusTemporaryRedirect, "", "Location", "/v2"))
	refused := errors.New("not there")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return refused }}
	err := (&transport.HTTP{Client: client}).Execute(t.Context(), greet(env, core.KindMutation), nil)
	if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || !gone.Sent || !errors.Is(err, refused) {
		t.Errorf("%#v", err)
	}
}
