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

func TestCallersWithDeadlinesShareARefreshAndGetItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		a.login = func(ctx context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			select {
			case <-time.After(2500 * time.Millisecond):
				return a.mint(n, time.Hour), nil
			case <-ctx.Done():
				return core.Token{}, context.Cause(ctx)
			}
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		hurried := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			_, err := s.Token(ctx)
			return err
		}
		began := time.Now()
		for hurried() != nil {
			if time.Since(began) > time.Minute {
				t.Fatal("they never got a token")
			}
		}
		// One refresh stays for 1 s, one for 2 s, and one would for 4 s.
		if n := a.asked.Load(); n != 3 {
			t.Errorf("%d logins, want 3", n)
		}
	})
}

func TestACallerThatHasGoneAlreadyBeginsNothing(t *testing.T) {
	a, gone := client("a"), errors.New("gone")
	s := newSession(t, &tokenstore.Memory{}, a)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := s.Token(ctx); !errors.Is(err, gone) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := a.asked.Load(); n != 0 {
		t.Errorf("%d logins", n)
	}
}

func TestAQuestionEndsWithItsLastWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown, removed := time.Time{}, time.Time{}
		prompt := core.Prompt{AskText: func(ctx context.Context, _ string) (string, error) {
			shown = time.Now()
			<-ctx.Done()
			removed = time.Now()
			return "", context.Cause(ctx)
		}}
		slow := time.Duration(0)
		user := &testAuthenticator{name: "user", account: core.AnyUserAccount}
		user.login = func(ctx context.Context, _ int, req core.LoginRequest) (core.Token, error) {
			time.Sleep(slow)
			_, err := req.Prompt.AskText(ctx, "Username: ")
			return core.Token{}, err
		}
		environment, err := core.FindEnvironment("charlie")
		if err != nil {
			t.Fatal(err)
		}
		s := session.New(session.Config{
			Authenticators: []ports.Authenticator{user}, Store: &tokenstore.Memory{},
			Login: core.LoginRequest{Environment: environment, Prompt: prompt},
		})
		defer s.Close()
		for _, slow = range []time.Duration{0, 500 * time.Millisecond} {
			shown, removed = time.Time{}, time.Time{}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if _, err := s.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			ended := time.Now()
			cancel()
			time.Sleep(time.Minute)
			synctest.Wait()
			if slow == 0 && removed != ended {
				t.Errorf("the question stayed for %v after everybody had gone", removed.Sub(ended))
			}
			if removed != shown && slow > 0 {
				t.Errorf("a prompt without waiting callers stayed for %v", removed.Sub(shown))
			}
		}
	})
}

func TestACallerThatSawAStaleTokenTooLongAgoRefreshesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env, err := core.FindEnvironment("charlie")
		if err != nil {
			t.Fatal(err)
		}
		a := client("a")
		var pause, resume chan struct{} // the second next caller waits here when it reads the clock
		looks := 0
		now := func() time.Time {
			if looks++; pause != nil && looks == 2 {
				close(pause)
				<-resume
			}
			return time.Now()
		}
		s := session.New(session.Config{
			Authenticators: []ports.Authenticator{a}, Store: &tokenstore.Memory{}, Login: core.LoginRequest{Environment: env, Now: now},
		})
		defer func() { _ = s.Close() }()
		wantToken(t, s, "a-1")
		time.Sleep(time.Hour - time.Minute)
		looks, pause, resume = 0, make(chan struct{}), make(chan struct{})
		go func() { // sees that the token is stale, and is late to do something about it
			_, _ = s.Token(t.Context())
		}()
		<-pause
		wantToken(t, s, "a-1") // refreshes it
		synctest.Wait()
		wantToken(t, s, "a-2")
		close(resume)
		synctest.Wait()
		wantToken(t, s, "a-2")
		if n := a.asked.Load(); n != 2 {
			t.Errorf("the authenticator was called %d times, want 2", n)
		}
	})
}

// A program that keeps its token until that expires returns the same one again. It is not run for
// every call, and its token serves to the end.
func TestAnAuthenticatorWithoutABetterTokenIsNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := client("a")
		same := a.mint(1, time.Hour)
		a.login = func(_ context.Context, n int, _ core.LoginRequest) (core.Token, error) {
			if time.Now().Before(same.Expiry) {
				return same, nil
			}
			return a.mint(n, time.Hour), nil
		}
		s := newSession(t, &tokenstore.Memory{}, a)
		wantToken(t, s, "a-1")
		for time.Now().Before(same.Expiry) {
			wantToken(t, s, "a-1")
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
		}
		if n := a.asked.Load(); n < 5 || n > 13 { // once a half minute in the last 4 to 5 minutes
			t.Errorf("%d logins", n)
		}
	})
}
