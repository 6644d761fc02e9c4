package export_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/services/tenants4"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const spanOfCorpus = 10 * 24 * time.Hour

// alertsOf returns feeds of alerts, one for each tenant.
func alertsOf(t *testing.T, client *taegis.Client, clock *testClock, tenants ...string) []export.Feed {
	stream := newStream(t, export.StreamConfig{Kind: export.Alerts})
	var feeds []export.Feed
	for _, tenant := range tenants {
		feeds = append(feeds, export.Feed{
			Stream: stream, Environment: "loopback", Tenant: tenant, Transport: client, Since: clock.Now().Add(-spanOfCorpus),
		})
	}
	return feeds
}

// onceEach fails unless each wanted record has arrived once.
func onceEach(t *testing.T, want, got map[string]int) {
	t.Helper()
	if len(want) == 0 {
		t.Error("the test expects no records")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		missing, more := 0, 0
		for key := range want {
			if got[key] == 0 {
				missing++
			}
		}
		for key, n := range got {
			if n > 1 || want[key] == 0 {
				more++
			}
		}
		t.Errorf("of %d records %d are missing, and %d came twice or should not have come", len(want), missing, more)
	}
}

func TestAllKindsAreComplete(t *testing.T) {
	clock := newTestClock()
	_, client := emulated(t, clock, emulator.Corpus{
		Alerts: 700, Cases: 130, Events: 400, Audits: 250, Assets: 220, Span: spanOfCorpus, Burst: 3,
	})
	want := map[export.Kind]int{export.Alerts: 700, export.Cases: 130, export.Events: 400, export.Audits: 250, export.Assets: 220}
	for _, kind := range export.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			dir, sink := openDir(t, t.TempDir()), &memorySink{}
			defer dir.Close()
			for run := range 2 { // the second finds nothing new, except a snapshot
				summary, err := export.Run(t.Context(), export.Config{
					Sink: sink, Store: dir, Now: clock.Now,
					Feeds: []export.Feed{{
						Stream: newStream(t, export.StreamConfig{Kind: kind}), Environment: "loopback", Transport: client,
						Since: clock.Now().Add(-spanOfCorpus - time.Hour),
					}},
				})
				records := int64(want[kind])
				if run > 0 && kind != export.Assets {
					records = 0
				}
				if err != nil || summary.Records != records || summary.Failed != 0 {
					t.Errorf("run %d: %+v, %v", run, summary, err)
				}
				clock.advance(time.Second)
			}
			keys := sink.keys()
			for key, n := range keys {
				if n != 1 {
					t.Errorf("%s came %d times", key, n)
				}
			}
			if kind != export.Assets && len(keys) != want[kind] {
				t.Errorf("%d records", len(keys))
			}
		})
	}
}

// TestLateRecords exports while records appear, one in ten of them up to an hour after its creation.
func TestLateRecords(t *testing.T) {
	clock := newTestClock()
	server, client := emulated(t, clock, emulator.Corpus{
		Tenants: 2, Alerts: 600, Span: 24 * time.Hour, Ahead: 24 * time.Hour, Late: time.Hour + 4*time.Minute, Burst: 2,
	})
	tenants := tenantsOf(t, client)
	dir, sink := openDir(t, t.TempDir()), &memorySink{}
	defer dir.Close()
	var duplicates int64
	for range 40 {
		summary, err := export.Run(t.Context(), export.Config{
			Sink: sink, Store: dir, Now: clock.Now, Lag: 5 * time.Minute, Feeds: alertsOf(t, client, clock, tenants...),
		})
		if err != nil {
			t.Fatal(err)
		}
		duplicates += summary.Duplicates
		clock.advance(47 * time.Minute)
	}
	want := map[string]int{}
	for _, tenant := range tenants {
		maps.Copy(want, truth(t, client, tenant))
	}
	onceEach(t, want, sink.keys())
	if duplicates == 0 || server.Executed("alertsServiceSearch") < 80 {
		t.Errorf("%d duplicates, %d searches", duplicates, server.Executed("alertsServiceSearch"))
	}
}

// TestFailureAtEachStep fails at each step in turns, each time as if the process had been killed.
func TestFailureAtEachStep(t *testing.T) {
	clock := newTestClock()
	_, client := emulated(t, clock, emulator.Corpus{Tenants: 2, Alerts: 450, Span: spanOfCorpus})
	tenants := tenantsOf(t, client)
	want := map[string]int{}
	for _, tenant := range tenants {
		maps.Copy(want, truth(t, client, tenant))
	}
	for _, blind := range []bool{false, true} {
		t.Run(fmt.Sprintf("blind=%v", blind), func(t *testing.T) {
			path, calls, kill := t.TempDir(), 0, 0
			killed := errors.New("killed")
			sink := &memorySink{blind: blind}
			sink.fail = func(step string, _ []core.Record) error {
				if calls++; step != "open" && calls >= kill {
					return killed
				}
				return nil
			}
			for kill = 2; ; kill++ {
				calls = 0
				dir := openDir(t, path)
				_, err := export.Run(t.Context(), export.Config{
					Sink: sink, Store: dir, Now: clock.Now, Batch: 50, Parallel: 2, Feeds: alertsOf(t, client, clock, tenants...),
				})
				_ = dir.Close()
				if err == nil {
					break
				}
				if !errors.Is(err, killed) || kill > 300 {
					t.Fatal(kill, err)
				}
			}
			got := sink.keys()
			if blind {
				for key := range got {
					got[key] = min(got[key], 1)
				}
			}
			onceEach(t, want, got)
		})
	}
}

// tenantsOf returns the ids of a client's child tenants. Its own tenant has all of their records too.
func tenantsOf(t *testing.T, client *taegis.Client) []string {
	t.Helper()
	tenants := []string{}
	for tenant, err := range tenants4.New(client).TenantsAll(t.Context(), tenants4.TenantsArgs{}) {
		if err != nil {
			t.Fatal(err)
		}
		if tenant.ID != emulator.DemoTenant {
			tenants = append(tenants, tenant.ID)
		}
	}
	return tenants
}
