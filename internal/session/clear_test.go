package session_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

func TestClear(t *testing.T) {
	store, a := &tokenstore.Memory{}, client("a")
	s := newSession(t, store, a)
	wantToken(t, s, "a-1")
	if err := s.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantToken(t, s, "a-2")
}

// A refresh without waiting callers would restore cleared tokens, in memory and in the store.
func TestClearEndsARefresh(t *testing.T) {
	for name, follows := range map[string]bool{"that ends with its context": true, "that comes to its end all the same": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := client("a")
				a.login = func(ctx context.Context, n int, _ core.LoginRequest) (core.Token, error) {
					if n == 2 {
						select {
						case <-ctx.Done():
							if follows {
								return core.Token{}, context.Cause(ctx)
							}
							time.Sleep(time.Second)
						case <-time.After(time.Minute):
						}
					}
					return a.mint(n, time.Hour), nil
				}
				store := &tokenstore.Memory{}
				s := newSession(t, store, a)
				wantToken(t, s, "a-1")
				time.Sleep(time.Hour - time.Minute)
				wantToken(t, s, "a-1") // and refreshes it in the background
				synctest.Wait()
				if err := s.Clear(t.Context()); err != nil {
					t.Fatal(err)
				}
				for key, err := range store.List(t.Context()) {
					t.Errorf("after Clear the store has %v, %v", key, err)
				}
				wantToken(t, s, "a-3")
			})
		})
	}
}

// Callers waiting for a refresh that is ended log in again.
func TestCallersWaitingBeforeClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(ctx context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			if n == 1 {
				<-ctx.Done()
				return core.Token{}, context.Cause(ctx)
			}
			return a.mint(n, time.Hour), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		got := calling(t, s)
		synctest.Wait()
		if err := s.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		if token := <-got; token != "a-2" {
			t.Errorf("it got %q, want a-2", token)
		}
	})
}

// A call while the store deletes does not get the token that is still there.
func TestCallsDuringClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowToDelete{TokenStore: &tokenstore.Memory{}}
		s := newSession(t, store, client("a"))
		wantToken(t, s, "a-1")
		var got chan string
		store.during = func() {
			got = calling(t, s)
			synctest.Wait()
		}
		if err := s.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		if token := <-got; token != "a-2" {
			t.Errorf("it got %q, want a-2", token)
		}
		wantToken(t, s, "a-2")
	})
}

// calling asks for a token in a goroutine of its own.
func calling(t *testing.T, s *session.Session) chan string {
	got := make(chan string, 1)
	go func() {
		token, err := s.Token(t.Context())
		if err != nil {
			t.Error(err)
		}
		got <- token.AccessToken.Reveal()
	}()
	return got
}

// slowToDelete is a store in which something else happens before a token is gone.
type slowToDelete struct {
	ports.TokenStore
	during func()
}

func (s *slowToDelete) Delete(ctx context.Context, key core.TokenKey) error {
	s.during()
	return s.TokenStore.Delete(ctx, key)
}

func TestClearWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, release, gone := client("a"), make(chan struct{}), errors.New("gone")
		a.login = func(context.Context, int, core.LoginRequest) (core.Token, error) {
			<-release // it ignores its context
			return a.mint(1, time.Hour), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		go func() { _, _ = s.Token(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, gone)
		defer cancel()
		if err := s.Clear(ctx); !errors.Is(err, gone) {
			t.Errorf("error: %v", err)
		}
		close(release)
		synctest.Wait()
	})
}
