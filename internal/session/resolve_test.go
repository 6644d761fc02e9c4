package session_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// reader is an authenticator whose account depends on the badge in a reader.
type reader struct {
	*testAuthenticator

	badge    atomic.Value
	resolved atomic.Int64
}

func newReader(badge string) *reader {
	r := &reader{testAuthenticator: client("reader")}
	r.badge.Store(badge)
	r.login = func(_ context.Context, n int, req core.LoginRequest) (core.Token, error) {
		token := r.mint(n, time.Hour)
		token.Account = r.account.With(r.badge.Load().(string))
		token.AccessToken = core.NewSecret(r.badge.Load().(string) + token.AccessToken.Reveal())
		return token, nil
	}
	return r
}

func (r *reader) ResolveAccount(context.Context, core.LoginRequest) (core.Account, error) {
	r.resolved.Add(1)
	badge := r.badge.Load().(string)
	if badge == "none" {
		return "", &core.UnavailableError{Reason: "no badge", HintText: "insert one"}
	}
	return r.account.With(badge), nil
}

func readerSession(t *testing.T, store ports.TokenStore, r *reader) *session.Session {
	t.Helper()
	env, err := core.FindEnvironment("charlie")
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(session.Config{Authenticators: []ports.Authenticator{r}, Store: store, Login: core.LoginRequest{Environment: env}})
	t.Cleanup(func() { s.Close() })
	return s
}

// A token of an account that the authenticator tells apart is used only after it has named that
// account.
func TestAccountsThatAreToldApart(t *testing.T) {
	store, r := &tokenstore.Memory{}, newReader("4711")
	for _, step := range []struct{ badge, want string }{
		{"4711", "4711reader-1"}, {"4712", "4712reader-2"}, {"4711", "4711reader-1"}, {"4712", "4712reader-2"}, {"", "reader-3"},
	} {
		r.badge.Store(step.badge)
		wantToken(t, readerSession(t, store, r), step.want)
	}
	r.badge.Store("4711") // the token without a badge is none of this one
	wantToken(t, readerSession(t, store, r), "4711reader-1")
	r.cannot = &core.UnavailableError{Reason: "prompts are disabled", HintText: "allow them"}
	wantToken(t, readerSession(t, store, r), "4711reader-1")
	r.badge.Store("4713")
	if token, err := readerSession(t, store, r).Token(t.Context()); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("%+v, %v", token, err)
	}
}

// An authenticator that has never told accounts apart is not asked while there is a token.
func TestOneAccountIsNotAskedFor(t *testing.T) {
	store, r := &tokenstore.Memory{}, newReader("")
	wantToken(t, readerSession(t, store, r), "reader-1")
	asked := r.resolved.Load()
	wantToken(t, readerSession(t, store, r), "reader-1")
	if r.resolved.Load() != asked {
		t.Error("it was asked")
	}
}

func TestExplainOfAccountsThatAreToldApart(t *testing.T) {
	store, r := &tokenstore.Memory{}, newReader("4711")
	if steps, err := readerSession(t, store, r).Explain(t.Context()); err != nil || steps[0].Account != r.account || r.resolved.Load() != 0 {
		t.Errorf("%+v, %v, asked %d times", steps, err, r.resolved.Load())
	}
	wantToken(t, readerSession(t, store, r), "4711reader-1")
	steps, err := readerSession(t, store, r).Explain(t.Context())
	if err != nil || steps[0].Account != r.account.With("4711") || steps[0].Stored.AccessToken.Reveal() != "4711reader-1" {
		t.Errorf("%+v, %v", steps, err)
	}
	r.badge.Store("none")
	if steps, err := readerSession(t, store, r).Explain(t.Context()); err != nil || !errors.Is(steps[0].Err, core.ErrUnavailable) || !steps[0].Stored.IsZero() {
		t.Errorf("%+v, %v", steps, err)
	}
}

// A refresh in the background keeps the account in use, whatever badge is in the reader by then.
func TestARefreshKeepsTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, r := &tokenstore.Memory{}, newReader("4711")
		s := readerSession(t, store, r)
		wantToken(t, s, "4711reader-1")
		time.Sleep(time.Hour - 2*time.Minute) // it is stale now
		r.badge.Store("4712")
		wantToken(t, s, "4711reader-1")
		synctest.Wait()
		wantToken(t, s, "4711reader-1")
		time.Sleep(time.Minute)
		r.badge.Store("4711")
		wantToken(t, s, "4711reader-1")
		synctest.Wait()
		wantToken(t, s, "4711reader-2")
	})
}

// The authenticator whose token the server has rejected is told so, and no other one.
func TestRejectionsReachTheAuthenticator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, told := newGateway(), []bool{}
		a := client("a")
		a.login = func(_ context.Context, n int, req core.LoginRequest) (core.Token, error) {
			told = append(told, req.Rejected)
			return a.mint(n, time.Hour), nil
		}
		other := client("b")
		other.login = func(_ context.Context, _ int, req core.LoginRequest) (core.Token, error) {
			if req.Rejected {
				t.Error("another authenticator is told of the rejection")
			}
			return core.Token{}, &core.UnavailableError{Reason: "never", HintText: "none"}
		}
		s := newSession(t, &tokenstore.Memory{}, other, a)
		tr := s.Authorize(g)
		if err := g.call(t.Context(), tr, "cases", ""); err != nil {
			t.Fatal(err)
		}
		g.set(func() { g.revoked["a-1"] = true })
		if err := g.call(t.Context(), tr, "cases", ""); err != nil {
			t.Fatal(err)
		}
		if len(told) != 2 || told[0] || !told[1] {
			t.Errorf("the authenticator was told %v", told)
		}
	})
}

// keeper is an authenticator that hears of logouts. Its type cannot be a key of a map.
type keeper struct {
	*testAuthenticator
	told func(context.Context, core.LoginRequest, core.Token) error
}

func (k keeper) Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error {
	return k.told(ctx, req, token)
}

// Sessions of one region have the same stored token, which its authenticator hears of once, and no
// other one. One that hangs has 5 s.
func TestRevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		k := keeper{client("a"), func(ctx context.Context, req core.LoginRequest, token core.Token) error {
			if req.CanPrompt() == nil {
				t.Error("a prompt is possible")
			}
			told = append(told, token.AccessToken.Reveal())
			<-ctx.Done()
			return context.Cause(ctx)
		}}
		other := keeper{client("b"), func(context.Context, core.LoginRequest, core.Token) error {
			t.Error("an authenticator without a token is told of a logout")
			return nil
		}}
		store := &tokenstore.Memory{}
		var sessions []*session.Session
		for range 2 {
			env, err := core.FindEnvironment("charlie")
			if err != nil {
				t.Fatal(err)
			}
			sessions = append(sessions, session.New(session.Config{
				Authenticators: []ports.Authenticator{k, other}, Store: store, Login: core.LoginRequest{Environment: env},
			}))
		}
		wantToken(t, sessions[0], "a-1")
		wantToken(t, sessions[1], "a-1")
		revoke := session.Revocation(t.Context(), sessions...)
		for _, s := range sessions {
			if err := s.Clear(t.Context()); err != nil {
				t.Error(err)
			}
		}
		began := time.Now()
		revoke(t.Context())
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("the logout took %v", took)
		}
		if len(told) != 1 || told[0] != "a-1" {
			t.Errorf("the authenticator was told of %q", told)
		}
	})
}
