package callers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// TestImpatientCallers has callers with less patience than logging in takes: they must not begin
// again each time.
func TestImpatientCallers(t *testing.T) {
	for _, takes := range []time.Duration{400 * time.Millisecond, 3 * time.Second} {
		t.Run(fmt.Sprint(takes), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, seed := newFixture(t, 0), stress.Seed(t)
				s.loginServer.slow.Store(int64(takes))
				began := time.Now()
				var first atomic.Int64
				first.Store(int64(time.Hour))
				runCallers(seed, many(), func(i int, random *rand.Rand) {
					time.Sleep(time.Duration(i) * 20 * time.Second / time.Duration(many()))
					ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond+upTo(random, 9*time.Millisecond))
					defer cancel()
					if _, err := s.call(ctx, query); err == nil {
						first.Store(min(first.Load(), int64(time.Since(began))))
					}
				})
				early, all := s.attempts.between(began, began.Add(time.Second)), s.attempts.since(began)
				stress.Report(t, stress.Callers, fmt.Sprintf("logging in takes %v, and no caller waits longer than 10 ms", takes),
					"at most 3 attempts in the first second; the callers get a token in the end",
					"%d callers in 20 s: %d attempts, %d in all, a token after %v", many(), early, all, time.Duration(first.Load()).Round(time.Millisecond))
				if early > 3 || first.Load() == int64(time.Hour) {
					t.Error("not as promised")
				}
			})
		})
	}
}

// TestCallersWhoseContextHasEnded ask for nothing.
func TestCallersWhoseContextHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, gone := newFixture(t, 0), errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(gone)
		var wrong atomic.Int64
		runCallers(stress.Seed(t), many(), func(int, *rand.Rand) {
			if _, err := s.call(ctx, query); !errors.Is(err, gone) {
				wrong.Add(1)
			}
		})
		made := s.attempts.since(time.Time{})
		stress.Report(t, stress.Callers, "calls whose contexts have ended already", "0 logins, each gets the cause",
			"%d callers: %d logins, %d without the cause", many(), made, wrong.Load())
		if made != 0 || wrong.Load() != 0 {
			t.Error("not as promised")
		}
	})
}
