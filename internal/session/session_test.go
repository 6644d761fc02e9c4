package session_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// testAuthenticator is an authenticator that a test scripts.
type testAuthenticator struct {
	name    string
	account core.Account
	cannot  error
	login   func(ctx context.Context, n int, req core.LoginRequest) (core.Token, error)
	asked   atomic.Int64
}

func (l *testAuthenticator) Name() string { return l.name }

func (l *testAuthenticator) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return l.account, l.cannot
}

func (l *testAuthenticator) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	n := int(l.asked.Add(1))
	if l.login != nil {
		return l.login(ctx, n, req)
	}
	return l.mint(n, time.Hour), nil
}

// mint returns the n-th token of the authenticator, valid for life.
func (l *testAuthenticator) mint(n int, life time.Duration) core.Token {
	now := time.Now()
	return core.Token{
		AccessToken: core.NewSecret(fmt.Sprintf("%s-%d", l.name, n)), IssuedAt: now, Expiry: now.Add(life),
		Account: l.account, Host: "api.ctpx.secureworks.com", Origin: l.name,
	}
}

func client(name string) *testAuthenticator {
	return &testAuthenticator{name: name, account: core.ClientAccount("api.ctpx.secureworks.com", name)}
}

func notConfigured(name string) *testAuthenticator {
	return &testAuthenticator{name: name, cannot: &core.UnavailableError{Reason: "nothing is configured", HintText: "configure it"}}
}

func newSession(t *testing.T, store ports.TokenStore, authenticators ...*testAuthenticator) *session.Session {
	t.Helper()
	env, err := core.FindEnvironment("charlie")
	if err != nil {
		t.Fatal(err)
	}
	config := session.Config{Store: store, Login: core.LoginRequest{Environment: env}, Logger: slog.New(slog.DiscardHandler)}
	for _, l := range authenticators {
		config.Authenticators = append(config.Authenticators, l)
	}
	s := session.New(config)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func wantToken(t *testing.T, s *session.Session, want string) {
	t.Helper()
	token, err := s.Token(t.Context())
	if err != nil || token.AccessToken.Reveal() != want {
		t.Fatalf("Token: %q, %v; want %q", token.AccessToken.Reveal(), err, want)
	}
}

func TestATokenComesFromMemoryThenStoreThenAuthenticator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, a := &tokenstore.Memory{}, client("a")
		s := newSession(t, store, a)
		for range 3 {
			wantToken(t, s, "a-1")
		}
		wantToken(t, newSession(t, store, a), "a-1")
		if n := a.asked.Load(); n != 1 {
			t.Errorf("the authenticator was called %d times, want once", n)
		}
	})
}

func TestNoLockOrAllocationInMemory(t *testing.T) {
	s := newSession(t, &tokenstore.Memory{}, client("a"))
	ctx := t.Context()
	if _, err := s.Token(ctx); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _ = s.Token(ctx) }); n != 0 {
		t.Errorf("%v allocations a call, want none", n)
	}
}

func TestTheChainContinuesOnlyAfterUnavailable(t *testing.T) {
	broken := client("broken")
	broken.login = func(context.Context, int, core.LoginRequest) (core.Token, error) {
		return core.Token{}, &core.LoginError{Authenticator: "broken", Reason: "refused", HintText: "unset it", Denied: true}
	}
	last := client("last")

	wantToken(t, newSession(t, &tokenstore.Memory{}, notConfigured("first"), last), "last-1")

	_, err := newSession(t, &tokenstore.Memory{}, notConfigured("first"), broken, last).Token(t.Context())
	chain, ok := errors.AsType[*core.ChainError](err)
	if !ok || len(chain.Attempts) != 2 || chain.Failed().Authenticator != "broken" || !errors.Is(err, core.ErrDenied) || !errors.Is(err, core.ErrUnavailable) {
		t.Fatalf("error %v: want both attempts and their causes", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "login to charlie failed: broken: refused: unset it") {
		t.Errorf("headline: %s", text)
	}
	if core.Hint(err) != "configure it" {
		t.Errorf("hint: %q", core.Hint(err))
	}
}

func TestAStoredTokenServesAnUnavailableAuthenticator(t *testing.T) {
	store := &tokenstore.Memory{}
	user := &testAuthenticator{name: "user", account: core.AnyUserAccount}
	wantToken(t, newSession(t, store, user), "user-1")

	noAccount := &testAuthenticator{name: "user", account: core.AnyUserAccount, cannot: &core.UnavailableError{Reason: "no terminal"}}
	wantToken(t, newSession(t, store, noAccount), "user-1")
	wantToken(t, newSession(t, store, notConfigured("client-credentials")), "user-1")
	wantToken(t, newSession(t, store, client("other")), "other-1")
}

func TestATokenWithoutAnAccountIsNeverStored(t *testing.T) {
	store := &tokenstore.Memory{}
	wantToken(t, newSession(t, store, &testAuthenticator{name: "static"}), "static-1")
	for key := range store.List(t.Context()) {
		t.Errorf("stored %v", key)
	}
}

func TestAStaleTokenIsUsedDuringItsRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		release := make(chan struct{})
		a.login = func(_ context.Context, n int, req core.LoginRequest) (core.Token, error) {
			if n > 1 {
				if req.CanPrompt() == nil || req.NonInteractive == "" {
					t.Error("a refresh in the background must not prompt")
				}
				<-release
			}
			return a.mint(n, time.Hour), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		wantToken(t, s, "a-1")
		time.Sleep(54 * time.Minute) // before the last tenth, which min(5 min, 6 min) cuts to 5 min
		wantToken(t, s, "a-1")
		synctest.Wait()
		if n := a.asked.Load(); n != 1 {
			t.Fatalf("a fresh token was refreshed")
		}
		time.Sleep(3 * time.Minute)
		for range 100 {
			wantToken(t, s, "a-1")
		}
		synctest.Wait()
		if n := a.asked.Load(); n != 2 {
			t.Fatalf("%d logins for one stale token, want 2 in all", n)
		}
		close(release)
		synctest.Wait()
		wantToken(t, s, "a-2")
	})
}

func TestExpiredTokenIsRefreshedOnceForAllAndWaitersMayCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(ctx context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			select {
			case <-time.After(10 * time.Second):
				return a.mint(n, time.Hour), nil
			case <-ctx.Done():
				return core.Token{}, ctx.Err()
			}
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		gaveUp := errors.New("no patience")
		withDeadline, cancel := context.WithTimeoutCause(t.Context(), time.Second, gaveUp)
		defer cancel()
		var waiters sync.WaitGroup
		waiters.Go(func() {
			start := time.Now()
			if _, err := s.Token(withDeadline); !errors.Is(err, gaveUp) || time.Since(start) != time.Second {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
		for range 50 {
			waiters.Go(func() { wantToken(t, s, "a-1") })
		}
		waiters.Wait()
		if n := a.asked.Load(); n != 1 {
			t.Errorf("%d logins, want 1", n)
		}
	})
}

func TestARefreshEndsWithItsLastWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		ended := make(chan struct{})
		a.login = func(ctx context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			if n == 1 {
				<-ctx.Done()
				close(ended)
				return core.Token{}, ctx.Err()
			}
			return a.mint(n, time.Hour), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		<-ended
		wantToken(t, s, "a-2") // at once: a cancelled refresh is no setback
	})
}

func TestAnOutageMeetsFewAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(_ context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			if n <= 5 {
				return core.Token{}, &core.LoginError{Authenticator: "a", Reason: "503"}
			}
			return a.mint(n, time.Hour), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		for range 1000 { // a thousand calls in the first second
			if _, err := s.Token(t.Context()); err == nil {
				t.Fatal("a token in an outage")
			}
			time.Sleep(time.Millisecond)
		}
		if n := a.asked.Load(); n > 3 {
			t.Errorf("%d attempts in the first second, want at most 3", n)
		}
		time.Sleep(time.Minute)
		for a.asked.Load() < 6 {
			_, _ = s.Token(t.Context())
			time.Sleep(time.Minute)
		}
		wantToken(t, s, "a-6")
	})
}

func TestFailedSaveKeepsTheToken(t *testing.T) {
	store := unsavable{&tokenstore.Memory{}}
	wantToken(t, newSession(t, store, client("a")), "a-1")
}

// unsavable is a store on a full disk.
type unsavable struct{ ports.TokenStore }

func (unsavable) Update(ctx context.Context, _ core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	token, err := refresh(ctx, core.Token{})
	if err != nil {
		return token, err
	}
	return token, &core.SaveError{Store: "nowhere", Err: errors.New("disk full")}
}

func TestClockAheadOfTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(_ context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			return a.mint(n, -time.Minute), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		for range 10 {
			wantToken(t, s, "a-1")
		}
	})
}

func TestTokenWithoutExpiryIsKeptInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(_ context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			return core.Token{AccessToken: core.NewSecret(fmt.Sprintf("opaque-%d", n)), Account: a.account}, nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		wantToken(t, s, "opaque-1")
		time.Sleep(1000 * time.Hour)
		wantToken(t, s, "opaque-1")
	})
}

func TestLoginIgnoresWhatIsStored(t *testing.T) {
	store, a := &tokenstore.Memory{}, client("a")
	s := newSession(t, store, a)
	wantToken(t, s, "a-1")
	token, err := s.Login(t.Context())
	if err != nil || token.AccessToken.Reveal() != "a-2" {
		t.Fatalf("%v, %v", token, err)
	}
	wantToken(t, s, "a-2")
	wantToken(t, newSession(t, store, a), "a-2")
}

func TestCloseEndsARefreshAndAllUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(ctx context.Context, _ int, _ core.LoginRequest) (core.Token, error) {
			<-ctx.Done()
			return core.Token{}, context.Cause(ctx)
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		done := make(chan error)
		go func() {
			_, err := s.Token(t.Context())
			done <- err
		}()
		synctest.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, core.ErrClosed) {
			t.Errorf("a waiting caller got %v", err)
		}
		if _, err := s.Token(t.Context()); !errors.Is(err, core.ErrClosed) {
			t.Errorf("Token after Close: %v", err)
		}
		if _, err := s.Login(t.Context()); !errors.Is(err, core.ErrClosed) {
			t.Errorf("Login after Close: %v", err)
		}
	})
}
