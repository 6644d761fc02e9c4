package session_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// brokenStore is a store with methods that a test sets.
type brokenStore struct {
	ports.TokenStore
	load, update func()
}

func (s brokenStore) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	if s.load != nil {
		s.load()
	}
	return s.TokenStore.Load(ctx, key)
}

func (s brokenStore) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	if s.update != nil {
		s.update()
	}
	return s.TokenStore.Update(ctx, key, refresh)
}

// Code of others that panics or ends its goroutine is an error of the callers, and Close returns.
func TestCodeThatPanicsOrExits(t *testing.T) {
	errBoom := errors.New("boom")
	for how, fail := range map[string]func(){
		"panic": func() { panic(errBoom) }, "panic with nil": func() { panic(nil) }, //nolint:govet // it is the case
		"Goexit": runtime.Goexit,
	} {
		for where, build := range map[string]func(*testAuthenticator) (ports.TokenStore, core.Prompt){
			"authenticator": func(l *testAuthenticator) (ports.TokenStore, core.Prompt) {
				l.login = func(context.Context, int, core.LoginRequest) (core.Token, error) { fail(); return core.Token{}, nil }
				return &tokenstore.Memory{}, core.Prompt{}
			},
			"prompt": func(l *testAuthenticator) (ports.TokenStore, core.Prompt) {
				l.login = func(ctx context.Context, _ int, req core.LoginRequest) (core.Token, error) {
					_, err := req.Prompt.AskText(ctx, "?")
					return core.Token{}, err
				}
				return &tokenstore.Memory{}, core.Prompt{AskText: func(context.Context, string) (string, error) { fail(); return "", nil }}
			},
			"Load": func(*testAuthenticator) (ports.TokenStore, core.Prompt) {
				return brokenStore{&tokenstore.Memory{}, fail, nil}, core.Prompt{}
			},
			"Update": func(*testAuthenticator) (ports.TokenStore, core.Prompt) {
				return brokenStore{&tokenstore.Memory{}, nil, fail}, core.Prompt{}
			},
		} {
			t.Run(how+" in "+where, func(t *testing.T) {
				a := client("a")
				store, prompt := build(a)
				env, err := core.FindEnvironment("charlie")
				if err != nil {
					t.Fatal(err)
				}
				s := session.New(session.Config{
					Authenticators: []ports.Authenticator{a}, Store: store, Logger: slog.New(slog.DiscardHandler),
					Login: core.LoginRequest{Environment: env, Prompt: prompt},
				})
				for name, call := range map[string]func() error{
					"Token": func() error { _, err := s.Token(t.Context()); return err },
					"Login": func() error { _, err := s.Login(t.Context()); return err },
					"call":  func() error { return s.Authorize(&server{}).Execute(t.Context(), request(), nil) },
				} {
					if where == "Load" && name == "Login" {
						continue // it does not look at what is stored
					}
					err := call()
					panicked, ok := errors.AsType[*core.PanicError](err)
					if err == nil || ok != strings.HasPrefix(how, "panic") {
						t.Errorf("%s: %v", name, err)
					}
					if how == "panic" && (!errors.Is(err, errBoom) || len(panicked.Stack) == 0) {
						t.Errorf("%s: the value is lost: %v", name, err)
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A login under way ends with Clear and with Close, and stores nothing.
func TestALoginEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*session.Session, context.CancelFunc) error
		want error
	}{
		"with Clear":       {func(s *session.Session, _ context.CancelFunc) error { return s.Clear(context.Background()) }, core.ErrCancelled},
		"with Close":       {func(s *session.Session, _ context.CancelFunc) error { return s.Close() }, core.ErrClosed},
		"with its context": {func(_ *session.Session, cancel context.CancelFunc) error { cancel(); return nil }, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, a := &tokenstore.Memory{}, client("a")
				a.login = func(ctx context.Context, n int, _ core.LoginRequest) (core.Token, error) {
					select {
					case <-ctx.Done():
						return a.mint(n, time.Hour), nil // in spite of that
					case <-time.After(time.Hour):
						return core.Token{}, errors.New("it was not ended")
					}
				}
				s := newSession(t, store, a)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				done := make(chan error)
				go func() {
					_, err := s.Login(ctx)
					done <- err
				}()
				synctest.Wait()
				if err := test.end(s, cancel); err != nil {
					t.Error(err)
				}
				if err := <-done; err != nil && !errors.Is(err, test.want) {
					t.Errorf("Login: %v", err)
				}
				if name != "with Clear" {
					return
				}
				for key := range store.List(t.Context()) {
					t.Errorf("stored after Clear: %v", key)
				}
			})
		})
	}
}

// A refresh in the background never moves to another account.
func TestABackgroundRefreshStaysWithItsAccount(t *testing.T) {
	for name, change := range map[string]func(first, second *testAuthenticator){
		"the first has lost its settings": func(first, _ *testAuthenticator) {
			first.account, first.cannot = "", &core.UnavailableError{Reason: "nothing is configured"}
		},
		"the first has changed": func(first, _ *testAuthenticator) {
			first.account = core.ClientAccount("api.ctpx.secureworks.com", "changed")
		},
		"the first has become unavailable": func(first, _ *testAuthenticator) {
			first.cannot = &core.UnavailableError{Reason: "its secret is gone"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := client("first"), client("second")
				s := newSession(t, &tokenstore.Memory{}, first, second)
				wantToken(t, s, "first-1")
				change(first, second)
				time.Sleep(57 * time.Minute)
				for range 10 {
					wantToken(t, s, "first-1")
					synctest.Wait()
				}
				if n := first.asked.Load() + second.asked.Load(); n != 1 {
					t.Errorf("%d logins", n)
				}
				time.Sleep(3 * time.Minute)
				if _, err := s.Token(t.Context()); err != nil {
					t.Errorf("after the token has expired: %v", err)
				}
			})
		})
	}
}

// An authenticator that returns a token of another account than it announced is an error.
func TestATokenOfAnotherAccountThanAnnounced(t *testing.T) {
	host := "api.ctpx.secureworks.com"
	ann, bob, acme := core.UserAccount(host, "ann"), core.UserAccount(host, "bob"), core.ClientAccount(host, "acme")
	for name, test := range map[string]struct {
		announced, of, want core.Account
		fails               bool
	}{
		"the same":                     {ann, ann, ann, false},
		"none":                         {ann, "", ann, false},
		"another user":                 {ann, bob, "", true},
		"a client for a user":          {ann, acme, "", true},
		"any user":                     {core.AnyUserAccount, bob, bob, false},
		"a client for any user":        {core.AnyUserAccount, acme, "", true},
		"an unnamed user":              {ann, core.AnyUserAccount, "", true},
		"announced nothing, has an id": {"", acme, acme, false},
	} {
		t.Run(name, func(t *testing.T) {
			store, a := &tokenstore.Memory{}, &testAuthenticator{name: "a", account: test.announced}
			a.login = func(_ context.Context, n int, _ core.LoginRequest) (core.Token, error) {
				token := a.mint(n, time.Hour)
				token.Account = test.of
				return token, nil
			}
			token, err := newSession(t, store, a).Token(t.Context())
			if _, ok := errors.AsType[*core.LoginError](err); ok != test.fails || (err != nil) != test.fails || token.Account != test.want {
				t.Errorf("account %q, %v", token.Account, err)
			}
			for key := range store.List(t.Context()) {
				if test.fails {
					t.Errorf("stored %v", key)
				}
			}
		})
	}
}

// Logins, denied, unavailable and skipped authenticators are logged, and no secret with them.
func TestWhatIsLogged(t *testing.T) {
	refused := &core.LoginError{Authenticator: "refused", Reason: "the server denied it", Denied: true}
	denied := client("refused")
	denied.login = func(context.Context, int, core.LoginRequest) (core.Token, error) { return core.Token{}, refused }
	skipped := client("skipped")
	skipped.login = func(context.Context, int, core.LoginRequest) (core.Token, error) {
		return core.Token{}, &core.UnavailableError{Reason: "the checksum does not fit", Err: refused}
	}
	var out bytes.Buffer
	env, err := core.FindEnvironment("charlie")
	if err != nil {
		t.Fatal(err)
	}
	run := func(authenticators ...ports.Authenticator) string {
		out.Reset()
		s := session.New(session.Config{
			Authenticators: authenticators, Store: &tokenstore.Memory{}, Login: core.LoginRequest{Environment: env},
			Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		_, _ = s.Token(t.Context())
		_ = s.Close()
		return out.String()
	}
	for name, test := range map[string]struct {
		authenticators []ports.Authenticator
		want           []string
	}{
		"login":       {[]ports.Authenticator{client("a")}, []string{`level=DEBUG msg="logged in" environment=charlie method=a account=client-credentials/`}},
		"unavailable": {[]ports.Authenticator{notConfigured("b"), client("a")}, []string{`level=DEBUG msg="authenticator unavailable" environment=charlie method=b`, "logged in"}},
		"denied":      {[]ports.Authenticator{denied}, []string{`level=INFO msg="login denied" environment=charlie method=refused`}},
		"skipped":     {[]ports.Authenticator{skipped, client("a")}, []string{`level=WARN msg="authenticator skipped after a failure" environment=charlie method=skipped`, "checksum", "logged in"}},
	} {
		t.Run(name, func(t *testing.T) {
			log := run(test.authenticators...)
			for _, want := range test.want {
				if !strings.Contains(log, want) {
					t.Errorf("want %s in\n%s", want, log)
				}
			}
			if strings.Contains(log, "a-1") {
				t.Errorf("the token is in\n%s", log)
			}
		})
	}
}
