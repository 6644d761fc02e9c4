package drift_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// oldSchema lacks a field.
var oldSchema = schemaOf("age: Int", "")

// fleet is a gateway with servers of two versions.
type fleet struct {
	*gateway
	wire ports.Transport
	now  time.Time
	old  func() bool // reports whether the server of the next request has the old schema
}

func newFleet(t *testing.T, dir string, old func() bool) *fleet {
	t.Helper()
	f := &fleet{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), old: old}
	before, after := validating(t, oldSchema), validating(t, schemaOf())
	var mu sync.Mutex
	f.gateway = newGateway(t, http.StatusUnprocessableEntity, func(document string, variables map[string]any) string {
		mu.Lock()
		defer mu.Unlock()
		if f.old() {
			return before(document, variables)
		}
		return after(document, variables)
	})
	f.start(dir)
	return f
}

// start replaces the middleware, as a new process does.
func (f *fleet) start(dir string) {
	f.wire = newMiddleware(drift.Config{Dir: dir, Now: func() time.Time { return f.now }})
}

// call makes one call. It returns the number of its requests and whether a field was omitted.
func (f *fleet) call(t *testing.T) (requests int, cut bool) {
	t.Helper()
	req := request(f.gateway, client, map[string]any{"id": "1"})
	req.OnAdapt = func(r core.Adaptation) { cut = len(r.Omitted) > 0 }
	if err := f.wire.Execute(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	return len(f.sent()), cut
}

// run makes calls at an interval. It returns the number of additional requests, and the number of
// calls without the field.
func (f *fleet) run(t *testing.T, calls int, interval time.Duration) (extra, cuts int) {
	t.Helper()
	for range calls {
		requests, cut := f.call(t)
		extra += requests - 1
		if cut {
			cuts++
		}
		f.now = f.now.Add(interval)
	}
	return extra, cuts
}

// among selects servers, of which some are old, in turn or at random.
func among(servers, old int, random bool) func() bool {
	r, next := rand.New(rand.NewPCG(1, 2)), 0
	return func() bool {
		next++
		if random {
			return r.IntN(servers) < old
		}
		return next%servers < old
	}
}

func always(old bool) func() bool { return func() bool { return old } }

func TestAMixedFleetReturnsToTheOriginalSelection(t *testing.T) {
	for name, test := range map[string]struct {
		old         func() bool
		extra, cuts int // at most, of 1,000 calls that begin five minutes after the first one
	}{
		"one old server of ten, in turn":   {among(10, 1, false), 130, 0},
		"one old server of ten, at random": {among(10, 1, true), 130, 25},
		"one old server of a hundred":      {among(100, 1, true), 20, 2},
		"five old servers of ten":          {among(10, 5, true), 900, 700},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, "", test.old)
			extra, cuts := f.run(t, 300, time.Second)
			t.Logf("first 5 minutes, 300 calls: %d additional requests, %d calls without a field", extra, cuts)
			if cuts > 250 {
				t.Errorf("%d of the first 300 calls were without a field", cuts)
			}
			extra, cuts = f.run(t, 1000, time.Second)
			t.Logf("then of 1,000 calls: %d additional requests, %d calls without a field", extra, cuts)
			if extra > test.extra || cuts > test.cuts {
				t.Errorf("more than %d or %d", test.extra, test.cuts)
			}
		})
	}
}

func TestAnOldRegionRarelyNeedsAnAdditionalRequest(t *testing.T) {
	for _, test := range []struct {
		calls    int
		interval time.Duration
		extra    int // at most
	}{
		{1000, 10 * time.Millisecond, 1},
		{1000, time.Second, 6},
		{1440, time.Minute, 15},
	} {
		f := newFleet(t, "", always(true))
		extra, cuts := f.run(t, test.calls, test.interval)
		t.Logf("%d calls, one each %s: %d additional requests, %.2f of 1,000 calls", test.calls, test.interval, extra, 1000*float64(extra)/float64(test.calls))
		if extra > test.extra || cuts != test.calls {
			t.Errorf("more than %d, or %d calls without the field", test.extra, cuts)
		}
	}
}

// Processes that make one call each have the same limits.
func TestProcessesShareAdaptations(t *testing.T) {
	for name, test := range map[string]struct {
		old         func() bool
		extra, cuts int // at most, of 500 calls
	}{
		"an old region":         {always(true), 8, 500},
		"one old server of ten": {among(10, 1, true), 70, 40},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() + "/drift"
			f := newFleet(t, dir, test.old)
			extra, cuts := 0, 0
			for range 500 {
				e, c := f.run(t, 1, 10*time.Second)
				extra, cuts = extra+e, cuts+c
				f.start(dir)
			}
			t.Logf("500 processes: %d additional requests, %d calls without a field", extra, cuts)
			if extra > test.extra || cuts > test.cuts {
				t.Errorf("more than %d or %d", test.extra, test.cuts)
			}
		})
	}
}

// An adaptation is used longer over time, but never for more than four hours.
func TestAnUpgradedServerIsNoticed(t *testing.T) {
	for _, test := range []struct{ old, within time.Duration }{
		{time.Second, 2 * time.Minute},
		{5 * time.Minute, 4 * time.Minute},
		{time.Hour, 64 * time.Minute},
		{23 * time.Hour, 4 * time.Hour},
		{72 * time.Hour, 4 * time.Hour},
	} {
		old := true
		f := newFleet(t, "", func() bool { return old })
		f.run(t, max(1, int(test.old/time.Minute)), time.Minute)
		old = false
		caught := f.now
		for {
			_, cut := f.call(t)
			if !cut {
				break
			}
			if f.now = f.now.Add(time.Minute); f.now.Sub(caught) > 25*time.Hour {
				break
			}
		}
		if lag := f.now.Sub(caught); lag > test.within {
			t.Errorf("old for %s: noticed after %s", test.old, lag)
		}
		if requests, cut := f.call(t); requests != 1 || cut {
			t.Errorf("then a call took %d requests, without a field: %t", requests, cut)
		}
	}
}

// All servers of a mixed fleet can be reset to the old version.
func TestAMixedFleetCanBecomeOld(t *testing.T) {
	current := among(10, 1, true)
	f := newFleet(t, "", func() bool { return current() })
	f.run(t, 1000, time.Second)
	current = always(true)
	extra, _ := f.run(t, 1000, time.Second)
	t.Logf("1,000 calls after all servers became old: %d additional requests", extra)
	if extra > 16 {
		t.Errorf("%d additional requests", extra)
	}
}

func TestOneOfManyCallsTriesTheOriginalOperation(t *testing.T) {
	const callers = 1000
	f := newFleet(t, "", always(true))
	f.call(t)
	f.now = f.now.Add(time.Hour)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if err := f.wire.Execute(t.Context(), request(f.gateway, client, map[string]any{"id": "1"}), nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(f.sent()); n != callers+2 { // the first trial sends it twice
		t.Errorf("%d requests of %d callers", n, callers)
	}
}

// A trial that does not reach validation does not change the history.
func TestAFailedTrialChangesNothing(t *testing.T) {
	for name, fault := range map[string]error{
		"busy":         &core.ResponseError{Status: http.StatusServiceUnavailable, Reason: "busy"},
		"rejected":     &core.ResponseError{Status: http.StatusUnauthorized, Err: core.ErrUnauthorized},
		"an error":     &core.ResponseError{Status: http.StatusOK, Errors: []core.GraphQLError{{Message: "internal error"}}},
		"not answered": &core.ConnectionError{Sent: true, Err: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t, http.StatusUnprocessableEntity, validating(t, oldSchema))
			now := time.Now()
			server := &faulty{Transport: &transport.HTTP{}}
			wire := drift.Middleware(drift.Config{Now: func() time.Time { return now }, Logger: discard})(server)
			call := func() error {
				return wire.Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil)
			}
			if err := call(); err != nil {
				t.Fatal(err)
			}
			now = now.Add(5 * time.Minute)
			server.fault = fault
			if err := call(); !errors.Is(err, fault) {
				t.Fatal(err)
			}
			server.fault = nil
			g.sent()
			for range 3 {
				if err := call(); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(g.sent()); n != 3 {
				t.Errorf("%d requests of 3 calls", n)
			}
		})
	}
}

// faulty returns its error, if it is set.
type faulty struct {
	ports.Transport
	fault error
}

func (f *faulty) Execute(ctx context.Context, req *core.Request, out any) error {
	if f.fault != nil {
		return f.fault
	}
	return f.Transport.Execute(ctx, req, out)
}

// The rejection of an argument does not confirm that a field is absent.
func TestARejectedArgumentDoesNotConfirmTheDrift(t *testing.T) {
	noNote := []string{", note: String", ""}
	decide := validating(t, schemaOf(append(noNote, "age: Int", "")...))
	g := newGateway(t, http.StatusUnprocessableEntity, func(document string, variables map[string]any) string {
		return decide(document, variables)
	})
	now := time.Now()
	wire := newMiddleware(drift.Config{Now: func() time.Time { return now }})
	good := request(g, client, map[string]any{"id": "1"})
	bad := request(g, client, map[string]any{"id": "1", "note": "x"})
	if err := wire.Execute(t.Context(), good, nil); err != nil {
		t.Fatal(err)
	}
	decide = validating(t, schemaOf(noNote...))
	for range 20 {
		now = now.Add(3 * time.Minute)
		if _, ok := errors.AsType[*core.SchemaError](wire.Execute(t.Context(), bad, nil)); !ok {
			t.Fatal("the argument was not rejected")
		}
	}
	g.sent()
	now = now.Add(2 * time.Minute)
	cut := false
	good.OnAdapt = func(core.Adaptation) { cut = true }
	if err := wire.Execute(t.Context(), good, nil); err != nil || cut || len(g.sent()) != 1 {
		t.Errorf("the original operation was not tried: %v", err)
	}
}
