package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// server accepts every token but the revoked ones.
type server struct {
	mu      sync.Mutex
	revoked map[string]bool
	calls   atomic.Int64
}

func (s *server) revoke(tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = map[string]bool{}
	for _, token := range tokens {
		s.revoked[token] = true
	}
}

func (s *server) check(req *core.Request) error {
	s.calls.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if token := req.Token.Reveal(); token == "" || s.revoked["*"] || s.revoked[token] {
		return &core.ResponseError{Operation: req.Operation.Name, Status: 401, Err: core.ErrUnauthorized}
	}
	return nil
}

func (s *server) Execute(_ context.Context, req *core.Request, _ any) error { return s.check(req) }

func (s *server) Subscribe(_ context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if err := s.check(req); err != nil {
			yield(nil, err)
			return
		}
		_ = yield(json.RawMessage(`1`), nil) && yield(json.RawMessage(`2`), nil)
	}
}

func request() *core.Request { return &core.Request{Operation: &core.Operation{Name: "ping"}} }

func TestARejectedTokenCostsOneRefreshAndNoCall(t *testing.T) {
	wire, a := &server{}, client("a")
	tr := newSession(t, &tokenstore.Memory{}, a).Authorize(wire)
	req := request()
	if err := tr.Execute(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	if !req.Token.IsZero() {
		t.Error("the caller's request got the token")
	}
	wire.revoke("a-1")
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if err := tr.Execute(t.Context(), request(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := a.asked.Load(); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
}

func TestAServerThatRejectsEveryTokenIsNotHammered(t *testing.T) {
	wire, a := &server{}, client("a")
	wire.revoke("*")
	tr := newSession(t, &tokenstore.Memory{}, a).Authorize(wire)
	for range 10 {
		if err := tr.Execute(t.Context(), request(), nil); !errors.Is(err, core.ErrUnauthorized) {
			t.Fatal(err)
		}
	}
	if n := a.asked.Load(); n > 3 {
		t.Errorf("%d logins for 10 calls", n)
	}
	if n := wire.calls.Load(); n > 12 {
		t.Errorf("%d requests for 10 calls", n)
	}
}

func TestARejectedTokenThatCannotBeReplaced(t *testing.T) {
	wire := &server{}
	wire.revoke("static-1")
	static := &testAuthenticator{name: "static"}
	static.login = func(context.Context, int, core.LoginRequest) (core.Token, error) {
		return core.Token{AccessToken: core.NewSecret("static-1")}, nil
	}
	err := newSession(t, &tokenstore.Memory{}, static).Authorize(wire).Execute(t.Context(), request(), nil)
	response, _ := errors.AsType[*core.ResponseError](err)
	if !errors.Is(err, core.ErrUnauthorized) || response == nil || wire.calls.Load() != 1 {
		t.Errorf("%v after %d requests", err, wire.calls.Load())
	}
}

func TestARequestWithItsOwnTokenIsLeftAlone(t *testing.T) {
	wire, a := &server{}, client("a")
	tr := newSession(t, &tokenstore.Memory{}, a).Authorize(wire)
	req := request()
	req.Token = core.NewSecret("own")
	if err := tr.Execute(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	for range tr.Subscribe(t.Context(), req) {
	}
	if a.asked.Load() != 0 {
		t.Error("the chain was asked")
	}
}

func TestASubscriptionIsRepeatedBeforeItsFirstMessage(t *testing.T) {
	wire, a := &server{}, client("a")
	tr := newSession(t, &tokenstore.Memory{}, a).Authorize(wire)
	wire.revoke("a-1")
	var got string
	for message, err := range tr.Subscribe(t.Context(), request()) {
		if err != nil {
			t.Fatal(err)
		}
		got += string(message)
	}
	if got != "12" {
		t.Errorf("messages %q", got)
	}
	wire.revoke("*")
	var last error
	for _, err := range tr.Subscribe(t.Context(), request()) {
		last = err
	}
	if !errors.Is(last, core.ErrUnauthorized) {
		t.Errorf("rejected twice: %v", last)
	}
}

// TestManyRejectionsOfOneTokenAreOneFailure has twenty callers, for which the new token is rejected
// as well.
func TestManyRejectionsOfOneTokenAreOneFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, a := &server{}, client("a")
		wire.revoke("a-1", "a-2")
		tr := newSession(t, &tokenstore.Memory{}, a).Authorize(&distant{wire})
		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() {
				if err := tr.Execute(t.Context(), request(), nil); !errors.Is(err, core.ErrUnauthorized) {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		time.Sleep(500 * time.Millisecond)
		if err := tr.Execute(t.Context(), request(), nil); err != nil {
			t.Errorf("half a second later: %v", err)
		}
	})
}

// distant is a server that takes a second to answer.
type distant struct{ *server }

func (d *distant) Execute(ctx context.Context, req *core.Request, out any) error {
	defer time.Sleep(time.Second)
	return d.server.Execute(ctx, req, out)
}

func TestAServerThatRejectsEveryTokenIsAskedLessAndLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire, a := &server{}, client("a")
		wire.revoke("*")
		tr := newSession(t, &tokenstore.Memory{}, a).Authorize(wire)
		for range 600 { // within a minute
			if err := tr.Execute(t.Context(), request(), nil); !errors.Is(err, core.ErrUnauthorized) {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := a.asked.Load(); n > 9 {
			t.Errorf("%d logins in a minute, want two at first and then one after pauses of 0.5, 1, 2, 4, 8, 16 and 30 s", n)
		}
		wire.revoke()
		time.Sleep(30 * time.Second)
		if err := tr.Execute(t.Context(), request(), nil); err != nil {
			t.Fatal(err)
		}
		wire.revoke("a-" + fmt.Sprint(a.asked.Load()))
		if err := tr.Execute(t.Context(), request(), nil); err != nil {
			t.Errorf("a rejection after a call that worked: %v", err)
		}
	})
}

// A store that cannot be written, or a peer that writes an old token back, brings up one that was
// rejected before the last.
func TestATokenThatWasRejectedEarlierIsKnownAgain(t *testing.T) {
	store, a := &tokenstore.Memory{}, client("a")
	key := core.TokenKey{Section: "charlie", Host: "api.ctpx.secureworks.com", Account: a.account}
	first := a.mint(0, time.Hour)
	if _, err := store.Update(t.Context(), key, func(context.Context, core.Token) (core.Token, error) { return first, nil }); err != nil {
		t.Fatal(err)
	}
	s := newSession(t, frozen{store}, a)
	var gateway server
	wire := s.Authorize(&gateway)
	call := func() {
		t.Helper()
		if err := wire.Execute(t.Context(), request(), nil); err != nil {
			t.Fatal(err)
		}
	}
	call()
	gateway.revoke("a-0")
	call()
	gateway.revoke("a-0", "a-1")
	call() // with the third: the store offers the first one again
	if n := a.asked.Load(); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
}

// frozen is a store that nothing more can be written to.
type frozen struct{ ports.TokenStore }

func (f frozen) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	stored, err := f.Load(ctx, key)
	if err != nil {
		return core.Token{}, err
	}
	token, err := refresh(ctx, stored)
	if err != nil {
		return core.Token{}, err
	}
	return token, &core.SaveError{Store: "ice", Err: errors.New("frozen")}
}
