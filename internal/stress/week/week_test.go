//go:build linux

package week_test

import (
	"context"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// fixture is where a service runs.
type fixture struct {
	t        testing.TB
	folder   string // of all that is written
	file     string
	clock    *clock
	platform *platform
}

func newFixture(t testing.TB, p plan) *fixture {
	t.Helper()
	d := &fixture{t: t, folder: t.TempDir(), clock: newClock(p.Start)}
	d.file = filepath.Join(d.folder, "shared", "config")
	t.Setenv("XDG_CACHE_HOME", filepath.Join(d.folder, "cache"))
	d.platform = start(t, assignment{Plan: p, File: d.file})
	return d
}

// options are those of a client at the desk, with more of them.
func (d *fixture) options(more ...taegis.Option) []taegis.Option {
	d.t.Helper()
	environment, err := core.NewEnvironment("week", d.platform.url)
	if err != nil {
		d.t.Fatal(err)
	}
	return append([]taegis.Option{
		taegis.WithEnvironments(environment), taegis.WithEnvironment(environment.Name),
		taegis.WithConfigFile(d.file), taegis.WithClock(d.clock.time),
		taegis.WithNonInteractive("the test has no user"), taegis.WithLogger(slog.New(slog.DiscardHandler)),
		taegis.WithLookupEnv(func(name string) (string, bool) {
			switch name {
			case core.SettingClientID:
				return emulator.DemoClientID, true
			case core.SettingClientSecret:
				return emulator.DemoClientSecret, true
			}
			return "", false
		}),
	}, more...)
}

// TestWeek lets a service run for a week. Time stands still within a round and is set between
// rounds: all that the SDK waits for with timers ends within a round, as repetition does, and all
// that lasts goes by the clock.
func TestWeek(t *testing.T) {
	p := plan{
		Seed: 20260105, Start: time.Now().Truncate(time.Second),
		Rounds:    stress.Scale(1008, 2016, 2016),
		PerRound:  stress.Scale(8, 40, 240),
		Incidents: stress.Scale(60, 150, 500),
		Alerts:    stress.Scale(3, 10, 40),
	}
	began := time.Now()
	d := newFixture(t, p)
	disk := newDisk(t, filepath.Dir(d.file))
	connections, err := transport.NewClient(transport.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := taegis.New(d.options(
		taegis.WithHTTPClient(connections),
		taegis.WithRetry(stress.Scale(
			core.RetryLimits{MaxTries: 3, MaxTime: 100 * time.Millisecond},
			core.RetryLimits{MaxTries: 3, MaxTime: 500 * time.Millisecond},
			core.DefaultRetryLimits,
		)),
	)...)
	if err != nil {
		t.Fatal(err)
	}
	run := &run{fixture: d, plan: p, service: newService(client, d.clock), disk: disk}
	run.rest = func() {
		connections.CloseIdleConnections()
		d.platform.control.CloseIdleConnections()
	}
	run.week()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	run.report(time.Since(began))
}

// run is a week in the making.
type run struct {
	*fixture
	plan    plan
	service *service
	disk    *disk
	rest    func() // closes the connections that are idle
	series  []metrics
}

func (r *run) week() {
	ctx, cancel := context.WithCancel(r.t.Context())
	var following sync.WaitGroup
	following.Go(func() { r.service.follow(ctx) })
	defer following.Wait()
	defer cancel()
	for n := range r.plan.Rounds {
		r.round(ctx, n)
		if tenth := r.plan.Rounds / 10; (n+1)%tenth == 0 && len(r.series) < 9 {
			r.sample(n)
		}
	}
	last := r.plan.Rounds
	r.disk.be(false, false)
	r.platform.announce(last)
	r.clock.set(r.plan.at(last))
	r.platform.round(last, true)
	all := make([]int, tenants)
	for n := range all {
		all[n] = n
	}
	for due, tries := all, 0; len(due) > 0 && tries < 10; due, tries = r.service.again, tries+1 {
		r.service.poll(ctx, due)
	}
	r.sample(last)
}

// round is one round of the service.
func (r *run) round(ctx context.Context, n int) {
	r.platform.announce(n)
	r.clock.set(r.plan.at(n))
	r.platform.round(n, false)
	r.disk.be(r.plan.fullDisk(n), r.plan.readOnly(n))
	r.service.stream.retry()
	var peer sync.WaitGroup
	if r.plan.peerProcess(n) {
		peer.Go(func() { r.platform.report("/week/peer", nil, nil) })
	}
	due := make([]int, r.plan.PerRound)
	for i := range due {
		due[i] = (n*r.plan.PerRound + i) % tenants
	}
	r.service.patience = time.Minute
	if r.plan.stuck(n) {
		r.service.patience = stress.Scale(500*time.Millisecond, time.Second, 2*time.Second)
	}
	r.service.poll(ctx, due)
	peer.Wait()
}

// sample samples the metrics while the service waits for the next round with its stream open.
func (r *run) sample(round int) {
	r.t.Helper()
	r.platform.round(round, true)
	for deadline := time.After(30 * time.Second); ; {
		last, changed := r.service.stream.seen()
		if last >= round {
			break
		}
		r.service.stream.retry()
		select {
		case <-changed:
		case <-time.After(10 * time.Millisecond): // it may have missed the nudge
		case <-deadline:
			r.t.Fatalf("round %d: the stream has come to %d", round, last)
		}
	}
	r.rest()
	var most *metrics
	if len(r.series) > 0 {
		most = &r.series[0]
	}
	r.series = append(r.series, takeMetrics(r.t, r.folder, most))
	r.t.Logf("%3.0f h: %v", r.clock.time().Sub(r.plan.Start).Hours(), r.series[len(r.series)-1])
}

// report compares what was seen with what there was.
func (r *run) report(took time.Duration) {
	r.t.Helper()
	l := r.platform.counters()
	var seen, lost, misplaced, wanted, resolved int
	var longest time.Duration
	for n := range r.service.tenants {
		t, want := &r.service.tenants[n], len(r.plan.alertTimes(n))
		seen, lost, misplaced, resolved = seen+t.seen, lost+want-t.seen, misplaced+t.misplaced, resolved+t.resolved
		longest = max(longest, t.longest)
		for alert := range want {
			if toResolve(n, alert) {
				wanted++
			}
		}
	}
	s := &r.service.stream
	misplaced += s.misplaced
	logins := l.logins()
	r.t.Logf("%d calls in %v, %.0f a second; %d repaired, %d documents refused; stream opened %d times; longest pause of a tenant %v",
		l.Calls, took.Round(time.Second), float64(l.Calls)/took.Seconds(), r.service.adaptations, l.Documents, l.Opened, longest)
	r.t.Logf("went wrong: %v, %d tokens revoked, %d logins turned away, %d rewrites by another process", l.Faults, l.Revoked, l.TurnedAway, l.Rewrites)
	for _, kind := range slices.Sorted(maps.Keys(r.service.failures)) {
		r.t.Logf("%6d polls failed: %s", r.service.failures[kind], kind)
	}
	stress.Report(r.t, stress.Week, "a week of polling 1,000 tenants", "every alert once, no mutation twice, no login but for an end or a rejection",
		"%d calls, %d alerts: %d lost, %d misplaced; %d mutations, %d twice; %d logins for %d ends and %d rejections, %d after one that was given up, %d others",
		l.Calls, seen, lost, misplaced, l.Mutations, len(l.Twice), logins, l.First+l.Due, l.Forced, l.GivenUp, l.Needless)
	first, last := r.series[0], r.series[len(r.series)-1]
	stress.Report(r.t, stress.Week, "its memory after a tenth and at the end", "heap at most 1.1 times, goroutines and descriptors as before",
		"heap %.2f and %.2f MB, resident %.1f and %.1f MB, goroutines %d and %d, descriptors %d and %d, files %d and %d",
		mega(first.heap), mega(last.heap), mega(first.resident), mega(last.resident),
		first.goroutines, last.goroutines, first.descriptors, last.descriptors, first.files, last.files)

	if lost != 0 || misplaced != 0 || s.last != r.plan.Rounds {
		r.t.Errorf("%d alerts lost, %d misplaced; the stream came to %d", lost, misplaced, s.last)
	}
	if len(l.Twice) != 0 || l.Mutations != wanted || resolved != wanted {
		r.t.Errorf("of %d mutations, %d were executed and %d finished, twice %v", wanted, l.Mutations, resolved, l.Twice)
	}
	// A token lives for an hour, and there are none for the eight hours without login.
	if least := int(week/time.Hour) - 8; l.Needless != 0 || l.First != 1 || l.Forced != l.Revoked || logins < least {
		r.t.Errorf("logins: %+v, want at least %d", l, least)
	}
	if turn := week * tenants / time.Duration(r.plan.Rounds*r.plan.PerRound); longest > turn+8*time.Hour {
		r.t.Errorf("a tenant was not polled for %v, where its turn comes every %v", longest, turn)
	}
	wantFlat(r.t, first, last)
	if last.files > 16 {
		r.t.Errorf("%d files on the disk", last.files)
	}
	r.wantFile(l.Rewrites)
}

// wantFile checks that the shared file has the latest token, and what another process wrote.
func (r *run) wantFile(rewrites int) {
	r.t.Helper()
	file := &tokenstore.File{Path: r.file, Now: r.clock.time}
	count, _, err := file.Get(r.t.Context(), peerSection, peerKey)
	if err != nil || count != strconv.Itoa(rewrites) {
		r.t.Errorf("the file has rewrite %q of %d, %v", count, rewrites, err)
	}
	before := r.platform.counters()
	client, err := taegis.New(r.options()...)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err = client.Token(r.t.Context()); err != nil {
		r.t.Error(err)
	}
	if err := client.Close(); err != nil {
		r.t.Error(err)
	}
	if after := r.platform.counters(); after.Due != before.Due || after.Needless != before.Needless {
		r.t.Error("the next process logs in")
	}
}

func mega(bytes uint64) float64 { return float64(bytes) / 1e6 }
