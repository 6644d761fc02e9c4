package callers_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// TestOutages lets every kind of outage meet a client that has no token yet, one whose token is
// stale, and one whose token has expired. It ends after a minute of that.
func TestOutages(t *testing.T) {
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) { suffer(t, o) })
		})
	}
}

func suffer(t *testing.T, o *outage) {
	var e endurance
	seed := stress.Seed(t)
	cold := newFixture(t, 0)
	cold.loginServer.fail(o)
	began := time.Now()
	cold.endure(t, o, seed, time.Second, &e)
	none := cold.attempts.between(began, began.Add(time.Second))

	s := newFixture(t, 0)
	if _, err := s.call(t.Context(), query); err != nil {
		t.Fatal(err)
	}
	expires := s.counters.latest().expires
	time.Sleep(time.Until(expires.Add(-2 * time.Minute))) // it is stale, and to be refreshed
	s.loginServer.fail(o)
	began = time.Now()
	held := s.resume(t, seed+1)
	stale := s.attempts.between(began, began.Add(time.Second))

	time.Sleep(time.Until(expires.Add(time.Minute)))
	began = time.Now()
	s.endure(t, o, seed+2, time.Second, &e)
	expired := s.attempts.between(began, began.Add(time.Second))
	s.endure(t, o, seed+3, time.Minute, &e)
	during := s.attempts.since(began)

	recovery, back := s.recover(t, seed+4)
	stress.Report(t, stress.Callers, "login out of order: "+o.name,
		"at most 3 attempts in the first second; callers with a good token go on; each other learns the cause, or ends with its context at once; 1 attempt after the end",
		"%d callers: %d attempts without a token, %d with a stale, %d with an expired one, %d in a minute; %d held up; %d learned the cause, %d another, %d ended with their contexts, the latest %v late; %d after the end, all back after %v",
		many(), none, stale, expired, during, held, e.learned.Load(), e.other.Load(), e.ended.Load(), time.Duration(e.latest.Load()), recovery, back)
	if max(none, stale, expired) > 3 || min(none, stale, expired) == 0 || held != 0 || recovery != 1 ||
		e.learned.Load() == 0 || e.other.Load() != 0 || e.latest.Load() != 0 || back > longestPause+taegis.DefaultTimeout {
		t.Error("not as promised")
	}
}

// longestPause is the longest that the chain makes after failures, and a second in which a caller
// does not ask.
const longestPause = 31 * time.Second

// resume lets callers call within a second that have a good token, and returns how many failed or
// were delayed.
func (s *fixture) resume(t *testing.T, seed uint64) int64 {
	var held atomic.Int64
	runCallers(seed, many(), func(_ int, random *rand.Rand) {
		time.Sleep(upTo(random, time.Second))
		before := time.Now()
		if _, err := s.call(t.Context(), query); err != nil || time.Now() != before {
			held.Add(1)
		}
	})
	return held.Load()
}

// endurance is what became of callers in an outage.
type endurance struct {
	learned, other, ended atomic.Int64
	latest                atomic.Int64 // how long after the end of its context the latest caller came back
}

// endure lets callers without a token call during a part of an outage. Half of them have no
// patience.
func (s *fixture) endure(t *testing.T, o *outage, seed uint64, lasting time.Duration, e *endurance) {
	tired := errors.New("tired")
	runCallers(seed, many(), func(i int, random *rand.Rand) {
		time.Sleep(upTo(random, lasting))
		ctx := t.Context()
		end := time.Now().Add(time.Hour)
		if i%2 == 0 {
			end = time.Now().Add(upTo(random, time.Second))
			limited, cancel := context.WithDeadlineCause(ctx, end, tired)
			defer cancel()
			ctx = limited
		}
		_, err := s.call(ctx, query)
		late := max(0, int64(time.Since(end)))
		switch chain, _ := errors.AsType[*core.ChainError](err); {
		case errors.Is(err, tired):
			e.ended.Add(1)
		case chain != nil && chain.Failed() != nil && chain.Failed().Authenticator == "client-credentials" && o.cause(err):
			e.learned.Add(1)
		default:
			if e.other.Add(1) == 1 {
				t.Log(err)
			}
		}
		for was := e.latest.Load(); late > was && !e.latest.CompareAndSwap(was, late); was = e.latest.Load() {
		}
	})
}

// recover ends the outage under callers that do not give up, and returns how many attempts they
// took and how long.
func (s *fixture) recover(t *testing.T, seed uint64) (attempts int, back time.Duration) {
	s.loginServer.fail(nil)
	over := time.Now()
	var last atomic.Int64
	runCallers(seed, many(), func(_ int, random *rand.Rand) {
		for time.Since(over) < time.Hour {
			if _, err := s.call(t.Context(), query); err == nil {
				last.Store(int64(time.Since(over)))
				return
			}
			time.Sleep(upTo(random, time.Second))
		}
	})
	return s.attempts.since(over), time.Duration(last.Load()).Round(time.Millisecond)
}
