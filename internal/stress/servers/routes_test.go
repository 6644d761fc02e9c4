package servers_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// place is a route on which an act can be disturbed.
type place struct {
	act
	route    string
	requests int // on the route, undisturbed
	expected any // what comes of it undisturbed
}

// places performs every act undisturbed, which tells what comes of it and what routes it takes. It
// makes sure that all routes of the server are taken.
func (w *env) places(t testing.TB) []place {
	t.Helper()
	var all []place
	untaken := w.Routes()
	for _, a := range acts(t) {
		w.prepare(a)
		routes := append(w.Routes(), a.messages...)
		before := make([]int, len(routes))
		for i, route := range routes {
			before[i] = w.Count(route)
		}
		v := w.enter(a.way)
		result, err := a.run(t.Context(), v, v.key())
		_ = v.leave() // is a matter of the cases
		if who, isName := result.(string); err != nil || isName && who != a.way.who {
			t.Fatalf("%s, undisturbed: %v, %v", a.name, result, err)
		}
		for i, route := range routes {
			// One act is enough for the client's token, and one for the call after logging in.
			elsewhere := a.calls && (route == tokenRoute || route == fusionTokenRoute) || !a.calls && a.way != ways[0] && route == core.DefaultGateway
			if n := w.Count(route) - before[i]; n > 0 && !elsewhere {
				all = append(all, place{a, route, n, result})
				untaken = slices.DeleteFunc(untaken, func(other string) bool { return other == route })
			}
		}
	}
	if len(untaken) > 0 {
		t.Errorf("no act takes %q", untaken)
	}
	return all
}

// spoils reports whether a fault that comes each time lets nothing succeed. A login may find
// another way.
func (p place) spoils(d disturbance) bool {
	f := d.fault
	switch {
	case p.route == putFile, p.route == getFile: // a host that lies does not spoil anything, see noteLie
		return false
	case p.route == fusionTokenRoute, strings.HasPrefix(p.route, "/auth/"), strings.HasPrefix(p.route, "/universal-auth/"), p.route == "/device":
		return false
	case len(p.messages) > 0 && strings.HasPrefix(p.route, "/"): // a handshake
		return d.fatal && !f.PartialBody && f.ContentLengthDelta == 0 && f.Trickle == 0 && f.Errors == nil
	case len(p.messages) > 0:
		return d.fatal && !f.PartialBody && f.ContentLengthDelta == 0 && f.Trickle == 0
	}
	return d.fatal
}

// disturbed is a place with what goes wrong there after so many requests, so many times or, for 0,
// each time.
type disturbed struct {
	place
	disturbance
	after, times int
}

// disturb returns all places with all disturbances: of the first request and of the last one, each
// once and for ever. The quick scale takes one of these four in turn.
func disturb(places []place) []disturbed {
	var all []disturbed
	for _, p := range places {
		for _, d := range disturbances {
			four := []disturbed{{p, d, 0, 0}, {p, d, 0, 1}}
			if last := p.requests - 1; last > 0 {
				four = append(four, disturbed{p, d, last, 0}, disturbed{p, d, last, 1})
			}
			one := len(all) % len(four)
			all = append(all, stress.Scale(four[one:][:1], four, four)...)
		}
	}
	return all
}

// expose lets a client of its own act, and returns the promises that this breaks.
func (w *env) expose(t testing.TB, d disturbed, j *verdict) []string {
	w.prepare(d.act)
	v := w.enter(d.way)
	if d.after > 0 {
		w.AddFault(d.route, emulator.Fault{Times: d.after}) // lets them pass
	}
	fault := d.fault
	fault.Times = d.times
	w.AddFault(d.route, fault)
	broken := j.perform(t, v, d.act, d.expected, 5*time.Minute, d.times == 0 && d.spoils(d.disturbance) && (!d.first || d.after == 0))
	return append(broken, j.leave(v)...)
}

// TestEveryRouteUnderEveryFault has each act disturbed on each route that it takes by each fault.
func TestEveryRouteUnderEveryFault(t *testing.T) {
	alone(t)
	var checked verdict
	var runs, routes int
	synctest.Test(t, func(t *testing.T) {
		w := newEnv(t, memory)
		places := w.places(t)
		w.end()
		all := disturb(places)
		runs, routes = len(all), len(w.Routes())
		queue := make(chan disturbed, runs)
		for _, d := range all {
			queue <- d
		}
		close(queue)
		var working sync.WaitGroup
		for range 2 {
			working.Go(func() {
				w := newEnv(t, memory)
				defer w.end()
				for d := range queue {
					for _, broken := range w.expose(t, d, &checked) {
						t.Errorf("%s, %s, %s, after %d, times %d: %s", d.act.name, d.route, d.name, d.after, d.times, broken)
					}
				}
			})
		}
		working.Wait()
	})
	stress.Report(t, stress.Servers, "every route under every fault", promise, "%d routes, %d faults, %d runs: %v", routes, len(disturbances), runs, &checked)
	checked.check(t)
}
