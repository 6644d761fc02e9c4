package callers_test

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// TestExpiry lets callers call through the lives of many tokens: without a pause, each when the
// token is stale, and all at once after it has expired. Logging in takes 3 s.
func TestExpiry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, seed := newFixture(t, 2*time.Second), stress.Seed(t)
		s.loginServer.slow.Store(int64(3 * time.Second))
		var calls, failed, waited atomic.Int64
		call := func(mayWait bool) {
			before := time.Now()
			c, err := s.call(t.Context(), mutation)
			calls.Add(1)
			if err != nil || c.executed != 1 || c.sent != 1 {
				failed.Add(1)
			}
			if !mayWait && time.Since(before) > 2*s.gateway.slowest {
				waited.Add(1)
			}
		}
		call(true)
		times := stress.Scale(5, 10, 100)
		for i := range times {
			// Over the border in the stream of calls: the token is refreshed before it expires.
			expires := s.counters.latest().expires
			time.Sleep(time.Until(expires.Add(-6 * time.Minute)))
			runCallers(seed+uint64(i), many(), func(_ int, random *rand.Rand) {
				for time.Until(expires) > -time.Minute {
					call(false)
					time.Sleep(upTo(random, 2*time.Minute))
				}
			})
			// There are no calls until long after the end.
			time.Sleep(2 * time.Hour)
			runCallers(seed, many(), func(int, *rand.Rand) {
				for range 3 {
					call(true)
				}
			})
		}
		due, logins := 2*times, s.counters.granted()-1
		stress.Report(t, stress.Callers, "tokens expire during calls, and without calls", "1 login for each, 0 calls with an expired token, 0 calls fail, 0 wait while the token can be used",
			"%d callers, %d calls, %d tokens expired: %d logins, %d calls with an expired token, %d failed, %d waited",
			many(), calls.Load(), due, logins, s.gateway.expired.Load(), failed.Load(), waited.Load())
		if logins != due || s.attempts.since(time.Time{}) != due+1 || s.gateway.expired.Load()+s.gateway.strange.Load()+failed.Load()+waited.Load() != 0 {
			t.Error("not as promised")
		}
	})
}
