package main

import (
	"fmt"
	"path"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/bench/peers/genqlient"
	"github.com/taegis-go/taegis/bench/peers/gqlgenc"
	"github.com/taegis-go/taegis/services/alerts"
)

// warmAlerts is the number of alerts in a page of 11 KB.
const warmAlerts = 10

// caller makes one call.
type caller struct {
	name string
	call func() error
}

// warm measures sequential and concurrent typed calls over open connections.
func warm(b *bench) error {
	callers, done, err := b.callers(warmAlerts)
	if err != nil {
		return err
	}
	defer done()
	calls := b.scale(400, 100)
	var alone []candidate
	for _, c := range callers {
		alone = append(alone, turn(c.name, times(calls, c.call)))
	}
	r, err := rounds(b.scale(9, 3), alone...)
	if err != nil {
		return err
	}
	rate := atLeast(0.92, "the baseline's rate")
	b.add(rate.row("typed calls, one after the other", r, seconds, per(calls)))

	load := scaling{name: "callers", title: "Typed calls at once", x: "callers", loads: []int{1, 16, 256}, rounds: b.scale(5, 2)}
	each := b.scale(24, 2)
	all, err := b.scaled(load, func(n int) []candidate {
		var side []candidate
		for _, c := range callers[:2] {
			side = append(side, turn(c.name, atOnce(n, each, c.call)))
		}
		return side
	})
	if err != nil {
		return err
	}
	b.add(
		rate.row("typed calls, 16 callers", all[1], seconds, per(16*each)),
		rate.row("typed calls, 256 callers", all[2], seconds, per(256*each)),
		contention(callers[0].call, each),
	)
	return nil
}

// callers returns the SDK, the baseline and the peers as callers for pages of n alerts.
func (b *bench) callers(n int) ([]caller, func(), error) {
	client, err := b.client(b.page(n))
	if err != nil {
		return nil, nil, err
	}
	service := alerts.New(client)
	ctx := taegis.ContextWithSelection(b.ctx, baseline.Selection)
	least := b.baseline(b.page(n))
	one, other := genqlient.New(least), gqlgenc.New(least)
	return []caller{
		{"taegis", func() error {
			page, err := service.AlertsServiceSearch(ctx, search(0, n))
			return checked(n, err, func() int { return len(page.Alerts.List) })
		}},
		{"baseline", func() error {
			page, err := least.Search(b.ctx, 0, n)
			return checked(n, err, func() int { return len(page.Alerts.List) })
		}},
		{"genqlient", func() error { return one(b.ctx, n) }},
		{"gqlgenc", func() error { return other(b.ctx, n) }},
	}, func() { client.Close() }, nil
}

// search returns the arguments that the baseline sends too.
func search(offset, limit int) alerts.AlertsServiceSearchArgs {
	return alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{CQLQuery: new(baseline.CQL), Offset: new(offset), Limit: new(limit)}}
}

// checked returns an error if the work was not done.
func checked(want int, err error, got func() int) error {
	if err == nil && got() != want {
		return fmt.Errorf("%d alerts, want %d", got(), want)
	}
	return err
}

// atOnce returns work of n concurrent callers with so many calls each.
func atOnce(n, each int, call func() error) func() error {
	return func() error {
		var callers sync.WaitGroup
		failed := make(chan error, n)
		for range n {
			callers.Go(func() { failed <- times(each, call)() })
		}
		callers.Wait()
		for range n {
			if err := <-failed; err != nil {
				return err
			}
		}
		return nil
	}
}

// contention measures how long 256 concurrent callers wait for locks of this module.
func contention(call func() error, each int) row {
	r := row{title: "waiting for locks of the SDK, 256 callers", reach: "none in a mutex profile"}
	before := runtime.SetMutexProfileFraction(1)
	err := atOnce(256, each, call)()
	runtime.SetMutexProfileFraction(before)
	if err != nil {
		r.reached = err.Error()
		return r
	}
	places, all := waited()
	r.met = len(places) == 0
	r.reached = strings.TrimSpace(fmt.Sprintf("%d of %d places in the profile %s", len(places), all, strings.Join(places, " ")))
	return r
}

// waited returns the places in the mutex profile at which this module's code held a contended lock,
// and the number of all places. It does not count locks of the standard library and of the runtime.
func waited() (ours []string, all int) {
	records := make([]runtime.BlockProfileRecord, pprof.Lookup("mutex").Count()+100)
	n, _ := runtime.MutexProfile(records)
	for _, record := range records[:n] {
		frames := runtime.CallersFrames(record.Stack())
		frame, more := frames.Next()
		if packageOf(frame.Function) == "runtime" {
			continue
		}
		for more && (strings.Contains(frame.Function, "Mutex).") || packageOf(frame.Function) == "runtime") { // a deferred unlock
			frame, more = frames.Next()
		}
		if of := packageOf(frame.Function); strings.HasPrefix(of, module) && !strings.HasPrefix(of, module+"/bench") && of != "main" {
			ours = append(ours, strings.TrimPrefix(frame.Function, module+"/"))
		}
	}
	return ours, n
}

const module = "github.com/taegis-go/taegis"

// packageOf returns the path of a function's package.
func packageOf(function string) string {
	folder, name := path.Split(function)
	name, _, _ = strings.Cut(name, ".")
	return folder + name
}
