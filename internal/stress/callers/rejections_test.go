package callers_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// outcomes is what became of the calls of the callers.
type outcomes struct {
	calls, failed, untyped, thrice, twice, lost atomic.Int64

	mu   sync.Mutex
	last time.Time // when the latest call failed
}

// note counts a call. A failed one must not have been executed, any other exactly once.
func (o *outcomes) note(c *call, err error) {
	o.calls.Add(1)
	if c.sent > 2 {
		o.thrice.Add(1)
	}
	switch {
	case c.executed > 1 || c.executed == 1 && err != nil:
		o.twice.Add(1)
	case c.executed == 0 && err == nil:
		o.lost.Add(1)
	}
	if err == nil {
		return
	}
	o.failed.Add(1)
	if !errors.Is(err, core.ErrUnauthorized) {
		o.untyped.Add(1)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = time.Now()
}

// mutate lets every caller make calls one after the other for so long.
func (s *fixture) mutate(t *testing.T, seed uint64, lasting time.Duration) *outcomes {
	var o outcomes
	end := time.Now().Add(lasting)
	runCallers(seed, many(), func(_ int, random *rand.Rand) {
		for time.Sleep(upTo(random, time.Second)); time.Now().Before(end); time.Sleep(upTo(random, 2*time.Second)) {
			o.note(s.call(t.Context(), mutation))
		}
	})
	return &o
}

// at lets something happen while the callers call.
func at(after time.Duration, happens func()) (done <-chan struct{}) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		time.Sleep(after)
		happens()
	}()
	return over
}

// TestRejection revokes the token under way.
func TestRejection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, seed := newFixture(t, 500*time.Millisecond), stress.Seed(t)
		s.loginServer.slow.Store(int64(200 * time.Millisecond))
		times := stress.Scale(3, 5, 50)
		done := at(5*time.Second, func() {
			for range times {
				s.counters.revoke()
				time.Sleep(5 * time.Second)
			}
		})
		o := s.mutate(t, seed, time.Duration(times)*5*time.Second+5*time.Second)
		<-done
		refreshes := s.counters.granted() - 1
		stress.Report(t, stress.Callers, "the token is revoked under way", "1 refresh for all, each mutation once, no call fails, none is sent a third time",
			"%d callers, %d mutations, %d tokens revoked: %d refreshes, %d executed twice, %d lost, %d failed, %d sent a third time",
			many(), o.calls.Load(), times, refreshes, o.twice.Load(), o.lost.Load(), o.failed.Load(), o.thrice.Load())
		if refreshes != times || o.twice.Load()+o.lost.Load()+o.failed.Load()+o.thrice.Load() != 0 {
			t.Error("not as promised")
		}
	})
}

// TestRejectionAgain revokes the new token as well, while calls with the one before are still under
// way.
func TestRejectionAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, seed := newFixture(t, time.Second), stress.Seed(t)
		s.loginServer.slow.Store(int64(200 * time.Millisecond))
		times := stress.Scale(10, 20, 100)
		var calls, failed, twice, thrice int64
		var longest time.Duration // from the second rejection to the last call that failed
		for i := range times {
			var again time.Time
			done := at(5*time.Second, func() {
				s.counters.revoke()
				time.Sleep(700 * time.Millisecond)
				s.counters.revoke()
				again = time.Now()
			})
			o := s.mutate(t, seed+uint64(i), 15*time.Second)
			<-done
			calls, failed, twice = calls+o.calls.Load(), failed+o.failed.Load(), twice+o.twice.Load()+o.lost.Load()
			thrice += o.thrice.Load()
			longest = max(longest, o.last.Sub(again))
		}
		refreshes := s.counters.granted() - 1
		stress.Report(t, stress.Callers, "the new token is revoked too, while answers about the old one are under way",
			"2 refreshes, no mutation twice, none is sent a third time, no call fails later than 5 s after",
			"%d callers, %d mutations, %d times: %d refreshes, %d executed twice or lost, %d sent a third time, %d failed, the last after %v",
			many(), calls, times, refreshes, twice, thrice, failed, longest.Round(time.Millisecond))
		if refreshes != 2*times || twice+thrice != 0 || longest > 5*time.Second {
			t.Error("not as promised")
		}
	})
}

// TestRejectionOfEverything lets the gateway reject every token for a while, though logging in
// works.
func TestRejectionOfEverything(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, seed := newFixture(t, 50*time.Millisecond), stress.Seed(t)
		s.mutate(t, seed, 5*time.Second)
		s.gateway.rejectsAll.Store(true)
		began, before := time.Now(), s.gateway.calls.Load()
		o := s.mutate(t, seed+1, 2*time.Minute)
		first, all := s.attempts.between(began, began.Add(time.Second)), s.attempts.since(began)
		sent := s.gateway.calls.Load() - before
		s.gateway.rejectsAll.Store(false)
		over := time.Now()
		after := s.mutate(t, seed+2, time.Minute)
		stress.Report(t, stress.Callers, "every token is rejected for 2 minutes", "at most 3 logins in the first second, and ever fewer; none is executed; each call learns why; calls work within 31 s of the end, after 1 login at most",
			"%d callers, %d calls: %d logins in the first second, %d in all, %d requests sent, %d without the reason, %d executed; the last failed within %v of the end, %d logins after it",
			many(), o.calls.Load(), first, all, sent, o.untyped.Load(), o.calls.Load()-o.failed.Load(), max(0, after.last.Sub(over)).Round(time.Millisecond), s.attempts.since(over))
		if first > 3 || all > 12 || o.untyped.Load() != 0 || o.failed.Load() != o.calls.Load() || after.last.Sub(over) > 31*time.Second || s.attempts.since(over) > 1 {
			t.Error("not as promised")
		}
	})
}

// TestDeniedOperation lets the gateway reject one operation whatever its token is, while the
// callers make calls of another one.
func TestDeniedOperation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, seed := newFixture(t, 50*time.Millisecond), stress.Seed(t)
		s.mutate(t, seed, 5*time.Second)
		began := time.Now()
		ctx, stop := context.WithCancel(t.Context())
		var denials outcomes
		polling := make(chan struct{})
		go func() {
			defer close(polling)
			for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
				denials.note(s.call(t.Context(), denied))
			}
		}()
		lasting := stress.Scale(6*time.Minute, 6*time.Minute, time.Hour)
		o := s.mutate(t, seed+1, lasting)
		stop()
		<-polling
		first, next := s.attempts.between(began, began.Add(time.Minute)), s.attempts.between(began.Add(time.Minute), began.Add(6*time.Minute))
		stress.Report(t, stress.Callers, "one operation is always rejected, 10 times a second", "no other call fails; at most 2 logins in the first minute and 1 in the next five; the rejected calls return the server's answer",
			"%d callers, %d calls in %v: %d failed, %d executed twice or lost; %d rejected calls, %d without the reason; %d logins in the first minute, %d in the next five",
			many(), o.calls.Load(), lasting, o.failed.Load(), o.twice.Load()+o.lost.Load(), denials.calls.Load(), denials.untyped.Load(), first, next)
		if o.failed.Load()+o.twice.Load()+o.lost.Load()+denials.untyped.Load() != 0 || first > 2 || next > 1 || denials.failed.Load() != denials.calls.Load() {
			t.Error("not as promised")
		}
	})
}
