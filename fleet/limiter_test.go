package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/pause"
	"github.com/taegis-go/taegis/ports"
)

// server answers after its latency. It has a bucket of requests, as the emulator does.
type server struct {
	rate, size   float64 // no limit if the rate is 0
	latency      time.Duration
	noRetryAfter bool

	mu      sync.Mutex
	left    float64
	at      time.Time
	sent    []time.Time // when each request arrived
	refused []time.Time
}

func newServer(rate, size float64, latency time.Duration) *server {
	return &server{rate: rate, size: size, left: size, at: time.Now(), latency: latency}
}

func (s *server) Execute(ctx context.Context, _ *core.Request, _ any) error {
	if err := pause.For(ctx, s.latency/2); err != nil {
		return err
	}
	err := s.answer(time.Now())
	return errors.Join(err, pause.For(ctx, s.latency/2))
}

func (s *server) answer(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, now)
	if s.rate == 0 {
		return nil
	}
	s.left = min(s.left+now.Sub(s.at).Seconds()*s.rate, s.size)
	s.at = now
	if s.left >= 1 {
		s.left--
		return nil
	}
	s.refused = append(s.refused, now)
	err := &core.ResponseError{Status: http.StatusTooManyRequests}
	if !s.noRetryAfter {
		err.RetryAfter = time.Duration(math.Ceil((1-s.left)/s.rate)) * time.Second
	}
	return err
}

func (s *server) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if err := s.answer(time.Now()); err != nil {
			yield(nil, err)
			return
		}
		_ = yield(json.RawMessage("1"), nil) && yield(json.RawMessage("2"), nil)
	}
}

// request is a query of an account.
func request(account string) *core.Request {
	return &core.Request{
		Operation: &core.Operation{Name: "list", Kind: core.KindQuery}, Token: core.NewSecret(account),
		Environment: core.Environment{APIURL: "https://api.example"},
	}
}

// run sends n requests, at most parallel at a time, through the retries of a client. It returns how
// long that takes and how many requests failed for good.
func run(t *testing.T, next ports.Transport, n, parallel int) (took time.Duration, failed int) {
	t.Helper()
	client := transport.Retry(core.RetryLimits{})(next)
	start := time.Now()
	tenants := make([]fleet.Tenant, n)
	err := fleet.ForEach(t.Context(), tenants, parallel, func(ctx context.Context, _ fleet.Tenant) error {
		return client.Execute(ctx, request("acme"), nil)
	})
	if all, ok := errors.AsType[*fleet.Error](err); ok {
		failed = all.Failed()
	}
	return time.Since(start), failed
}

// TestLimiterFillsTheBucket sends what a server accepts in about 15 seconds.
func TestLimiterFillsTheBucket(t *testing.T) {
	const parallel = 32
	for _, c := range []struct {
		rate, size   float64
		latency      time.Duration
		noRetryAfter bool
		most         float64 // times the ideal
		refused      float64 // most, as a part of the requests
	}{
		{rate: 200, size: 200, latency: time.Millisecond, most: 1.15, refused: 0.01},
		{rate: 200, size: 200, latency: 5 * time.Millisecond, most: 1.15, refused: 0.01},
		{rate: 200, size: 200, latency: 20 * time.Millisecond, most: 1.15, refused: 0.01},
		{rate: 200, size: 200, latency: 50 * time.Millisecond, most: 1.15, refused: 0.01},
		{rate: 200, size: 200, latency: 100 * time.Millisecond, most: 1.15, refused: 0.01},
		{rate: 200, size: 200, latency: 20 * time.Millisecond, noRetryAfter: true, most: 1.15, refused: 0.01},
		{rate: 200, size: 20, latency: 5 * time.Millisecond, most: 1.35, refused: 0.01},
		{rate: 200, size: 1000, latency: 5 * time.Millisecond, most: 1.2, refused: 0.01},
		{rate: 1000, size: 1000, latency: 5 * time.Millisecond, most: 1.25, refused: 0.01},
		{rate: 20, size: 20, latency: 5 * time.Millisecond, most: 1.2, refused: 0.03},
		{rate: 20, size: 2, latency: 5 * time.Millisecond, most: 1.6, refused: 0.1},
	} {
		name := fmt.Sprintf("%v per second, %v at once, %v, Retry-After %t", c.rate, c.size, c.latency, !c.noRetryAfter)
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(c.rate, c.size, c.latency)
				s.noRetryAfter = c.noRetryAfter
				limiter, n := fleet.NewLimiter(), int(15*c.rate)
				took, failed := run(t, limiter.Middleware(s), n, parallel)
				ideal := (float64(n) - s.size) / s.rate
				if failed > 0 {
					t.Errorf("%d of %d requests failed", failed, n)
				}
				if ratio := took.Seconds() / ideal; ratio > c.most {
					t.Errorf("it took %v, %.2f times the ideal, want at most %v times", took, ratio, c.most)
				}
				stats := limiter.Stats()
				if part := float64(stats.Refused) / float64(stats.Requests); part > c.refused {
					t.Errorf("%d of %d requests were refused, want at most %v", stats.Refused, stats.Requests, c.refused)
				}
				if stats.Refused == 0 || stats.Refused != len(s.refused) || stats.Requests != len(s.sent) {
					t.Errorf("%+v, but the server has refused %d of %d requests", stats, len(s.refused), len(s.sent))
				}
			})
		})
	}
}

// TestLimiterIsNeeded holds that the cases above prove something.
func TestLimiterIsNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(200, 200, 5*time.Millisecond)
		run(t, s, 3000, 32)
		if part := float64(len(s.refused)) / float64(len(s.sent)); part < 0.03 {
			t.Errorf("without a limiter only %.3f of the requests are refused", part)
		}
	})
}

// TestLimiterWaits holds that nothing is sent while the server wants a pause.
func TestLimiterWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 20 * time.Millisecond
		s := newServer(200, 200, latency)
		run(t, fleet.NewLimiter().Middleware(s), 1000, 32)
		first := s.refused[0]
		from, to := first.Add(latency/2), first.Add(latency/2+time.Second) // the answer arrives, and the pause ends
		for _, at := range s.sent {
			if sent := at.Add(-latency / 2); sent.After(from) && sent.Before(to) {
				t.Fatalf("a request was sent %v after the first refusal arrived", sent.Sub(from))
			}
		}
	})
}

// TestLimiterOfServersWithoutLimit holds that the limiter soon is none.
func TestLimiterOfServersWithoutLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(0, 0, 10*time.Millisecond)
		if took, _ := run(t, fleet.NewLimiter().Middleware(s), 20, 20); took != 10*time.Millisecond {
			t.Errorf("the first 20 requests took %v", took)
		}
		took, _ := run(t, fleet.NewLimiter().Middleware(s), 32_000, 32)
		if ideal := 10 * time.Second; took > ideal+4*time.Second {
			t.Errorf("32,000 requests took %v, without limiter %v", took, ideal)
		}
	})
}

// TestLimiterBuckets holds what is counted together: the requests of all clients for an account in
// an environment.
func TestLimiterBuckets(t *testing.T) {
	const jwt = "e30.eyJjbGllbnRfaWQiOiJhY21lIiwiaWF0Ijo%s.x" // {"client_id":"acme","iat":…
	other := request("acme")
	other.Environment.APIURL = "https://api.other.example"
	for name, c := range map[string]struct {
		first, second *core.Request
		shared        bool
	}{
		"one token":                  {request("acme"), request("acme"), true},
		"two tokens of an account":   {request(fmt.Sprintf(jwt, "xfQ")), request(fmt.Sprintf(jwt, "yfQ")), true},
		"two accounts":               {request("acme"), request("example"), false},
		"an account in two regions":  {request("acme"), other, false},
		"an account with and no JWT": {request(fmt.Sprintf(jwt, "xfQ")), request("acme"), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := fleet.NewLimiter()
				one, another := limiter.Middleware(newServer(1, 0, 0)), limiter.Middleware(newServer(0, 0, 0))
				if err := one.Execute(t.Context(), c.first, nil); err == nil {
					t.Fatal("the server accepted it")
				}
				start := time.Now()
				if err := another.Execute(t.Context(), c.second, nil); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(start) > 0; waited != c.shared {
					t.Errorf("the other client waited %v", time.Since(start))
				}
			})
		})
	}
}

// TestLimiterOfManyTokens holds that the statistics are complete, however many tokens there were.
func TestLimiterOfManyTokens(t *testing.T) {
	const tokens = 5000
	limiter := fleet.NewLimiter()
	limited := limiter.Middleware(newServer(0, 0, 0))
	for i := range tokens {
		if err := limited.Execute(t.Context(), request(fmt.Sprint("token", i)), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := limiter.Stats().Requests; n != tokens {
		t.Errorf("%d requests, want %d", n, tokens)
	}
}

// TestLimiterEndsWaiting holds that a request does not outlive its context, whether it is the first
// that waits or behind another one.
func TestLimiterEndsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(1, 0, 0)
		limited := fleet.NewLimiter().Middleware(s)
		if err := limited.Execute(t.Context(), request("acme"), nil); err == nil {
			t.Fatal("the server accepted it")
		}
		gaveUp := errors.New("gave up")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, gaveUp)
		defer cancel()
		start := time.Now()
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				if err := limited.Execute(ctx, request("acme"), nil); !errors.Is(err, gaveUp) {
					t.Errorf("error %v", err)
				}
			})
			waiting.Go(func() {
				for _, err := range limited.Subscribe(ctx, request("acme")) {
					if !errors.Is(err, gaveUp) {
						t.Errorf("error %v", err)
					}
				}
			})
		}
		waiting.Wait()
		if took := time.Since(start); took != 100*time.Millisecond || len(s.sent) != 1 {
			t.Errorf("it took %v, and %d requests were sent", took, len(s.sent))
		}
	})
}

// TestLimiterOfSubscriptions holds that a handshake counts as a request, and a message does not.
func TestLimiterOfSubscriptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := fleet.NewLimiter()
		limited := limiter.Middleware(newServer(1, 1, 0))
		read := func() (messages int, failed error) {
			for _, err := range limited.Subscribe(t.Context(), request("acme")) {
				if messages++; err != nil {
					messages, failed = messages-1, err
				}
			}
			return messages, failed
		}
		if n, err := read(); n != 2 || err != nil {
			t.Errorf("%d messages, %v", n, err)
		}
		if n, err := read(); n != 0 || err == nil {
			t.Errorf("%d messages, %v", n, err)
		}
		if stats := limiter.Stats(); stats != (fleet.LimiterStats{Requests: 2, Refused: 1}) {
			t.Errorf("%+v", stats)
		}
		start := time.Now()
		if n, err := read(); n != 2 || err != nil || time.Since(start) != time.Second {
			t.Errorf("%d messages, %v, after %v", n, err, time.Since(start))
		}
	})
}

// TestLimiterWithoutAnAnswer holds that a failed connection says nothing about the limit.
func TestLimiterWithoutAnAnswer(t *testing.T) {
	limiter := fleet.NewLimiter()
	broken := errors.New("connection refused")
	limited := limiter.Middleware(failing{broken})
	if err := limited.Execute(t.Context(), request("acme"), nil); !errors.Is(err, broken) {
		t.Error(err)
	}
	if stats := limiter.Stats(); stats != (fleet.LimiterStats{}) {
		t.Errorf("%+v", stats)
	}
}

type failing struct{ err error }

func (f failing) Execute(context.Context, *core.Request, any) error { return f.err }

func (f failing) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, f.err) }
}
