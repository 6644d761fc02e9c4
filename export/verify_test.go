package export_test

import (
	"testing"
	"time"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// TestVerify lets records arrive later than the export waits for them.
func TestVerify(t *testing.T) {
	clock := newTestClock()
	server, client := emulated(t, clock, emulator.Corpus{Tenants: 2, Alerts: 300, Span: 5 * 24 * time.Hour})
	tenants := tenantsOf(t, client)
	dir, sink := openDir(t, t.TempDir()), &memorySink{}
	defer dir.Close()
	config := export.Config{Sink: sink, Store: dir, Now: clock.Now, Lag: time.Minute, Feeds: alertsOf(t, client, clock, tenants...)}
	if _, err := export.Run(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	began := clock.Now()
	var late []string
	for i := range 7 {
		created := began.Add(-time.Duration(30+i*5) * time.Hour)
		late = append(late, server.InsertAlert(emulator.Alert{
			Tenant: tenants[i%2], Created: created, Inserted: began.Add(time.Hour),
		}))
	}
	clock.advance(3 * time.Hour)
	if _, err := export.Run(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	options := export.VerifyOptions{Report: func(d export.Difference) {
		for _, id := range d.Missing {
			missing[id] = true
		}
	}}
	v, err := export.Verify(t.Context(), config, options)
	if err != nil || v.Missing != len(late) || v.Gone != 0 || v.Hours < 2*24*5 {
		t.Errorf("%+v, %v", v, err)
	}
	for _, id := range late {
		if !missing[id] {
			t.Errorf("%s is not reported", id)
		}
	}
	options.Repair = true
	if v, err := export.Verify(t.Context(), config, options); err != nil || v.Repaired != int64(len(late)) {
		t.Errorf("repair: %+v, %v", v, err)
	}
	want := map[string]int{}
	for _, tenant := range tenants {
		for key := range truth(t, client, tenant) {
			want[key] = 1
		}
	}
	onceEach(t, want, sink.keys())
	if v, err := export.Verify(t.Context(), config, export.VerifyOptions{}); err != nil || v.Missing != 0 {
		t.Errorf("after Repair: %+v, %v", v, err)
	}
}

func TestBackfill(t *testing.T) {
	clock := newTestClock()
	_, client := emulated(t, clock, emulator.Corpus{Tenants: 1, Alerts: 200, Span: spanOfCorpus})
	tenants := tenantsOf(t, client)
	dir, sink := openDir(t, t.TempDir()), &memorySink{}
	defer dir.Close()
	feeds := alertsOf(t, client, clock, tenants...)
	feeds[0].Since = clock.Now().Add(-2 * 24 * time.Hour)
	config := export.Config{Sink: sink, Store: dir, Now: clock.Now, Feeds: feeds}
	if _, err := export.Run(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	before := dir.Feeds()[0]
	for range 2 { // the second finds nothing
		if _, err := export.Backfill(t.Context(), config, clock.Now().Add(-spanOfCorpus-time.Hour), clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	onceEach(t, truth(t, client, tenants[0]), sink.keys())
	if after := dir.Feeds()[0]; !after.From.Equal(before.From) || !after.Through.Equal(before.Through) {
		t.Errorf("the progress has changed from %+v to %+v", before, after)
	}
}
