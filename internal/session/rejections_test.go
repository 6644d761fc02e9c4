package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// gateway denies operations whatever their token is, and rejects tokens whatever the operation is.
type gateway struct {
	mu       sync.Mutex
	denied   map[string]bool // by operation, or by operation and argument
	revoked  map[string]bool
	closed   bool // everything is rejected
	answers  map[string]*tally
	evidence core.Evidence
}

// tally counts the calls of one operation.
type tally struct{ sent, ok, failed int }

func newGateway(denied ...string) *gateway {
	g := &gateway{denied: map[string]bool{}, revoked: map[string]bool{}, answers: map[string]*tally{}, evidence: core.EvidenceRejected}
	for _, op := range denied {
		g.denied[op] = true
	}
	return g
}

func (g *gateway) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

func (g *gateway) of(op string) *tally {
	if g.answers[op] == nil {
		g.answers[op] = new(tally)
	}
	return g.answers[op]
}

func (g *gateway) Execute(ctx context.Context, req *core.Request, _ any) error {
	time.Sleep(5 * time.Millisecond)
	g.mu.Lock()
	defer g.mu.Unlock()
	name := req.Operation.Name
	g.of(name).sent++
	args, _ := req.Args.(string)
	if g.closed || g.denied[name] || g.denied[name+args] || g.revoked[req.Token.Reveal()] {
		return &core.ResponseError{Operation: name, Status: 401, Err: core.ErrUnauthorized, Evidence: g.evidence}
	}
	return nil
}

func (g *gateway) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if err := g.Execute(ctx, req, nil); err != nil {
			yield(nil, err)
			return
		}
		yield(json.RawMessage(`1`), nil)
	}
}

// call makes one call and counts its outcome.
func (g *gateway) call(ctx context.Context, tr ports.Transport, op, args string) error {
	err := tr.Execute(ctx, &core.Request{Operation: &core.Operation{Name: op}, Args: args}, nil)
	g.set(func() {
		if err == nil {
			g.of(op).ok++
		} else {
			g.of(op).failed++
		}
	})
	return err
}

// poll calls an operation at a rate until ctx ends. check looks at each outcome.
func (g *gateway) poll(ctx context.Context, tr ports.Transport, every time.Duration, op, args string, check func(error)) {
	for ctx.Err() == nil {
		check(g.call(context.WithoutCancel(ctx), tr, op, args))
		time.Sleep(every)
	}
}

// serversOwn checks that an error is the server's answer and no login error.
func serversOwn(t *testing.T) func(error) {
	return func(err error) {
		var chain *core.ChainError
		var login *core.LoginError
		if _, ok := errors.AsType[*core.ResponseError](err); !ok || errors.As(err, &chain) || errors.As(err, &login) {
			t.Errorf("want the server's own error: %v", err)
		}
	}
}

func fails(t *testing.T, want bool) func(error) {
	return func(err error) {
		if (err != nil) != want {
			t.Errorf("error %v", err)
		}
	}
}

// An operation that is always denied leaves the others alone, and costs few logins.
func TestADeniedOperationHarmsNoOther(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 100 * time.Millisecond} {
		for name, other := range map[string]struct {
			op, args string
			pollers  int
			every    time.Duration
		}{
			"among other operations": {"healthy", "", 9, 100 * time.Millisecond},
			"among slow ones":        {"healthy", "", 1, 10 * time.Second},
			"with other arguments":   {"denied", "y", 9, 100 * time.Millisecond},
			"alone":                  {"healthy", "", 0, time.Second},
		} {
			t.Run(fmt.Sprintf("every %v %s", every, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, a := newGateway("deniedx"), client("a")
					a.login = func(_ context.Context, n int, _ core.LoginRequest) (core.Token, error) {
						return a.mint(n, 10*time.Hour), nil
					}
					tr := newSession(t, &tokenstore.Memory{}, a).Authorize(g)
					ctx, stop := context.WithCancel(t.Context())
					var pollers sync.WaitGroup
					for range other.pollers {
						pollers.Go(func() { g.poll(ctx, tr, other.every, other.op, other.args, fails(t, false)) })
					}
					if other.pollers > 0 {
						time.Sleep(50 * time.Millisecond)
					}
					before := a.asked.Load()
					pollers.Go(func() { g.poll(ctx, tr, every, "denied", "x", serversOwn(t)) })
					time.Sleep(time.Minute)
					first := a.asked.Load() - before
					time.Sleep(5 * time.Minute)
					next := a.asked.Load() - before - first
					stop()
					pollers.Wait()
					t.Logf("%d calls denied, %d others: %d token requests in the first minute, %d in the next five",
						g.of("denied").failed, g.of("healthy").ok+g.of("denied").ok, first, next)
					if most := int64(2); other.pollers > 0 && (first > most || next > 1) {
						t.Errorf("want at most %d and 1", most)
					}
					if first > 9 || next > 13 {
						t.Error("want ever fewer")
					}
				})
			})
		}
	}
}

// Many denied operations cost no more logins than one.
func TestManyDeniedOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, a := newGateway(), client("a")
		tr := newSession(t, &tokenstore.Memory{}, a).Authorize(g)
		ctx, stop := context.WithCancel(t.Context())
		var pollers sync.WaitGroup
		pollers.Go(func() { g.poll(ctx, tr, 100*time.Millisecond, "healthy", "", fails(t, false)) })
		time.Sleep(time.Second)
		for i := range 50 {
			op := fmt.Sprintf("denied-%d", i)
			g.set(func() { g.denied[op] = true })
			pollers.Go(func() { g.poll(ctx, tr, time.Second, op, "", serversOwn(t)) })
		}
		time.Sleep(time.Minute)
		stop()
		pollers.Wait()
		t.Logf("50 denied operations: %d token requests in the first minute", a.asked.Load()-1)
		if n := a.asked.Load() - 1; n > 2 {
			t.Errorf("%d token requests", n)
		}
	})
}

// A revoked token costs one refresh and no call, also after an operation was denied for long, and
// after everything was rejected for a while.
func TestARevokedTokenAfterOtherRejections(t *testing.T) {
	for name, before := range map[string]func(*testing.T, *gateway, ports.Transport){
		"nothing": func(*testing.T, *gateway, ports.Transport) {},
		"a denied operation": func(t *testing.T, g *gateway, tr ports.Transport) {
			ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
			defer stop()
			go g.poll(ctx, tr, 100*time.Millisecond, "healthy", "", fails(t, false))
			g.poll(ctx, tr, 100*time.Millisecond, "denied", "", serversOwn(t))
			time.Sleep(time.Second)
		},
		"a minute in which everything is rejected": func(t *testing.T, g *gateway, tr ports.Transport) {
			g.set(func() { g.closed = true })
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			g.poll(ctx, tr, 100*time.Millisecond, "healthy", "", serversOwn(t))
			g.set(func() { g.closed = false })
			fails(t, false)(g.call(t.Context(), tr, "healthy", ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, a := newGateway("denied"), client("a")
				tr := newSession(t, &tokenstore.Memory{}, a).Authorize(g)
				fails(t, false)(g.call(t.Context(), tr, "healthy", ""))
				before(t, g, tr)
				logins := a.asked.Load()
				g.set(func() { g.revoked[fmt.Sprintf("a-%d", logins)] = true })
				var callers sync.WaitGroup
				for range 50 {
					callers.Go(func() { fails(t, false)(g.call(t.Context(), tr, "healthy", "")) })
				}
				callers.Wait()
				if n := a.asked.Load() - logins; n != 1 {
					t.Errorf("%d token requests, want 1", n)
				}
			})
		})
	}
}

// A fixed token after passing rejections: the calls in between are sent and return the server's
// error, the next ones succeed.
func TestAFixedTokenOutlivesPassingRejections(t *testing.T) {
	for name, origin := range map[string]core.Account{"of no account": "", "of an account": "exec/acme"} {
		for _, lasting := range []time.Duration{0, time.Minute} {
			t.Run(fmt.Sprintf("%s %v", name, lasting), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g, fixed := newGateway(), &testAuthenticator{name: "fixed", account: origin}
					fixed.login = func(context.Context, int, core.LoginRequest) (core.Token, error) {
						return fixed.mint(1, 10*time.Hour), nil
					}
					tr := newSession(t, &tokenstore.Memory{}, fixed).Authorize(g)
					fails(t, false)(g.call(t.Context(), tr, "healthy", ""))
					g.set(func() { g.closed = true })
					before := fixed.asked.Load()
					calls := 0
					for began := time.Now(); calls == 0 || time.Since(began) < lasting; calls++ {
						serversOwn(t)(g.call(t.Context(), tr, "healthy", ""))
						time.Sleep(100 * time.Millisecond)
					}
					asked := fixed.asked.Load() - before
					if sent := g.of("healthy").sent - 1; sent != calls || asked > 9 {
						t.Errorf("%d of %d calls were sent, %d token requests", sent, calls, asked)
					}
					g.set(func() { g.closed = false })
					for range 10 {
						fails(t, false)(g.call(t.Context(), tr, "healthy", ""))
					}
				})
			})
		}
	}
}

// A server that rejects everything is asked for few tokens, and works again soon after, also if
// only a new token is accepted then.
func TestAServerThatRejectsEverything(t *testing.T) {
	for name, revokes := range map[string]bool{"and accepts the same tokens after": false, "and revokes its tokens": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, a := newGateway(), client("a")
				tr := newSession(t, &tokenstore.Memory{}, a).Authorize(g)
				ctx, stop := context.WithCancel(t.Context())
				var pollers sync.WaitGroup
				var last time.Time
				note := func(err error) {
					if err != nil {
						serversOwn(t)(err)
						g.set(func() { last = time.Now() })
					}
				}
				for i := range 10 {
					pollers.Go(func() { g.poll(ctx, tr, 100*time.Millisecond, fmt.Sprintf("healthy-%d", i), "", note) })
				}
				time.Sleep(time.Second)
				g.set(func() { g.closed = true })
				before := a.asked.Load()
				time.Sleep(time.Minute)
				asked := a.asked.Load() - before
				over := time.Now()
				g.set(func() {
					g.closed = false
					if revokes {
						for n := range a.asked.Load() {
							g.revoked[fmt.Sprintf("a-%d", n+1)] = true
						}
					}
				})
				time.Sleep(time.Minute)
				stop()
				pollers.Wait()
				t.Logf("%d token requests in the minute; the last call failed %v after it", asked, max(0, last.Sub(over)))
				if asked > 9 || last.Sub(over) > 31*time.Second {
					t.Error("want at most 9, and 31 s")
				}
			})
		})
	}
}

// user is an authenticator that prompts its user.
func user() *testAuthenticator {
	p := &testAuthenticator{name: "user", account: core.UserAccount("api.ctpx.secureworks.com", "ann")}
	p.login = func(ctx context.Context, n int, req core.LoginRequest) (core.Token, error) {
		if err := req.CanPrompt(); err != nil {
			return core.Token{}, err
		}
		if _, err := req.Prompt.AskText(ctx, "Password: "); err != nil {
			return core.Token{}, err
		}
		return p.mint(n, 10*time.Hour), nil
	}
	return p
}

func newUserSession(t *testing.T, prompts *int, ask func(context.Context) error) *session.Session {
	env, err := core.FindEnvironment("charlie")
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(session.Config{
		Authenticators: []ports.Authenticator{user()}, Store: &tokenstore.Memory{},
		Login: core.LoginRequest{Environment: env, Prompt: core.Prompt{AskText: func(ctx context.Context, _ string) (string, error) {
			*prompts++
			return "secret", ask(ctx)
		}}},
	})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A user is prompted at most once for a token because of a rejection.
func TestAUserIsPromptedOnceForARejectedToken(t *testing.T) {
	answers := func(context.Context) error { return nil }
	cancels := func(context.Context) error { return core.ErrCancelled }
	slow := func(ctx context.Context) error {
		select {
		case <-time.After(20 * time.Second):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for name, test := range map[string]struct {
		denied  string
		pollers int
		ask     func(context.Context) error
		prompts int // after the first login
	}{
		"a denied operation alone, the user logs in":             {"denied", 0, answers, 1},
		"a denied operation alone, the user cancels":             {"denied", 0, cancels, 1},
		"a denied operation among others":                        {"denied", 9, answers, 0},
		"a denied operation among others, with a slow user":      {"denied", 9, slow, 0},
		"everything is rejected, and the user logs in each time": {"", 0, answers, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				prompts := 0
				g, ask := newGateway(test.denied), func(context.Context) error { return nil }
				tr := newUserSession(t, &prompts, func(ctx context.Context) error { return ask(ctx) }).Authorize(g)
				fails(t, false)(g.call(t.Context(), tr, "healthy", ""))
				ask, prompts = test.ask, 0
				ctx, stop := context.WithCancel(t.Context())
				var pollers sync.WaitGroup
				for range test.pollers {
					pollers.Go(func() { g.poll(ctx, tr, 100*time.Millisecond, "healthy", "", fails(t, false)) })
				}
				time.Sleep(time.Second)
				op := "denied"
				if test.denied == "" {
					g.set(func() { g.closed = true })
					op = "healthy"
				}
				pollers.Go(func() { g.poll(ctx, tr, time.Second, op, "", fails(t, true)) })
				time.Sleep(10 * time.Minute)
				stop()
				pollers.Wait()
				if prompts != test.prompts {
					t.Errorf("%d prompts, want %d", prompts, test.prompts)
				}
			})
		})
	}
}

// A really revoked token leads to one login for all callers, however often that happens.
func TestAUserLogsInOnceForARevokedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, prompts := newGateway("denied"), 0
		tr := newUserSession(t, &prompts, func(context.Context) error { time.Sleep(10 * time.Second); return nil }).Authorize(g)
		for n := range 3 {
			var callers sync.WaitGroup
			for range 20 {
				callers.Go(func() { fails(t, false)(g.call(t.Context(), tr, "healthy", "")) })
			}
			callers.Wait()
			if prompts != n+1 {
				t.Errorf("%d prompts, want %d", prompts, n+1)
			}
			time.Sleep(time.Minute)
			g.set(func() { g.revoked[fmt.Sprintf("user-%d", n+1)] = true })
		}
	})
}
