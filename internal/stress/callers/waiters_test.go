package callers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// TestWaiters lets callers wait for a login that is not answered, by the real clock. At the same
// time, another goroutine waits for a context of the same kind alone: what that one is late by is
// the machine's.
func TestWaiters(t *testing.T) {
	none(t)
	s, seed := newFixture(t, 0), stress.Seed(t)
	hangs := make(chan struct{})
	hangsNow := sync.OnceFunc(func() { close(hangs) })
	s.loginServer.fail(&outage{serve: func(_ http.ResponseWriter, r *http.Request) {
		hangsNow()
		hang(r)
	}})
	first, leave := context.WithCancel(t.Context())
	var others sync.WaitGroup
	defer others.Wait()
	defer leave()
	others.Go(func() { _, _ = s.call(first, query) })
	<-hangs

	n := many()
	late, control, unknown := make([]time.Duration, n), make([]time.Duration, n), make([]bool, n)
	runCallers(seed, 2*n, func(i int, random *rand.Rand) {
		w := newWait(t.Context(), random)
		defer w.cancel()
		if i >= n {
			<-w.Done()
			control[i-n] = w.late()
			return
		}
		_, err := s.call(w, query)
		late[i] = w.late()
		unknown[i] = !errors.Is(err, errEnd)
	})
	made, strangers := s.attempts.since(time.Time{}), 0
	for _, is := range unknown {
		if is {
			strangers++
		}
	}
	slices.Sort(late)
	slices.Sort(control)
	stress.Report(t, stress.Callers, "callers wait for a login that hangs", "each back within 10 ms of its context's end, with its cause; 1 login",
		"%d callers, half of them cancelled: late by %s; as many that wait for their contexts alone: %s; %d without the cause; %d login",
		n, spread(late), spread(control), strangers, made)
	// A busy machine is not a defect.
	if excess := late[n-1] - control[n-1]; excess > 10*time.Second || strangers != 0 || made != 1 {
		t.Errorf("the latest was late by %v more than the control", excess)
	}
}

var errEnd = errors.New("the end of this caller's context")

// wait is a context that ends at a random time, by its deadline or cancelled.
type wait struct {
	context.Context
	cancel func()
	ends   chan time.Time // when it was to end
}

func newWait(parent context.Context, random *rand.Rand) *wait {
	w := &wait{ends: make(chan time.Time, 1)}
	end := time.Now().Add(200*time.Millisecond + upTo(random, time.Second))
	if random.IntN(2) == 0 {
		w.ends <- end
		w.Context, w.cancel = context.WithDeadlineCause(parent, end, errEnd)
		return w
	}
	ctx, cancel := context.WithCancelCause(parent)
	timer := time.AfterFunc(time.Until(end), func() {
		w.ends <- time.Now()
		cancel(errEnd)
	})
	w.Context, w.cancel = ctx, func() { timer.Stop(); cancel(nil) }
	return w
}

// late is how long after its context's end a waiter came back.
func (w *wait) late() time.Duration {
	now := time.Now()
	if w.Err() == nil {
		return 0 // it came back before
	}
	return now.Sub(<-w.ends)
}

// spread describes sorted times.
func spread(times []time.Duration) string {
	at := func(percent int) time.Duration { return times[(len(times)-1)*percent/100].Round(10 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, max %v", at(50), at(99), at(100))
}
