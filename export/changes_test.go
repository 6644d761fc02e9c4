package export_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// TestChanges exports each version of an alert once.
func TestChanges(t *testing.T) {
	clock := newTestClock()
	server, client := emulated(t, clock, emulator.Corpus{Alerts: 60, Span: 5 * 24 * time.Hour})
	dir, sink := openDir(t, t.TempDir()), &memorySink{}
	defer dir.Close()
	config := export.Config{Sink: sink, Store: dir, Now: clock.Now, Lag: time.Minute, Feeds: []export.Feed{{
		Stream: newStream(t, export.StreamConfig{Kind: export.Alerts, Changes: true}), Environment: "loopback",
		Transport: client, Since: clock.Now().Add(-spanOfCorpus),
	}}}
	run := func() {
		t.Helper()
		clock.advance(30 * time.Minute)
		if _, err := export.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if len(sink.records) != 60 {
		t.Fatalf("%d alerts at first", len(sink.records))
	}
	id := sink.records[7].ID
	for _, status := range []string{"TRUE_POSITIVE_BENIGN", "SUPPRESSED", "OPEN"} {
		if !server.UpdateAlert(id, emulator.Alert{Status: status}) {
			t.Fatal("no such alert")
		}
		run()
		run()
	}
	var statuses []string
	versions := map[string]bool{}
	for _, r := range sink.records[60:] {
		statuses = append(statuses, rawjson.Member(r.Data, "status"))
		versions[r.Version] = true
		if r.ID != id {
			t.Errorf("%s has not changed", r.ID)
		}
	}
	if want := []string{"TRUE_POSITIVE_BENIGN", "SUPPRESSED", "OPEN"}; !slices.Equal(statuses, want) || len(versions) != 3 {
		t.Errorf("%q in %d versions", statuses, len(versions))
	}
}

// TestRefusedRecords has a sink that refuses every tenth record for good.
func TestRefusedRecords(t *testing.T) {
	clock := newTestClock()
	_, client := emulated(t, clock, emulator.Corpus{Alerts: 200, Span: spanOfCorpus})
	refuse := func(step string, records []core.Record) error {
		e := &core.RefusedError{Sink: "memory"}
		for _, r := range records {
			if strings.HasSuffix(r.ID, "0") {
				e.Records = append(e.Records, core.RefusedRecord{Record: r, Reason: "ends with 0"})
			}
		}
		if len(e.Records) == 0 {
			return nil
		}
		return e
	}
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	dir, sink := openDir(t, t.TempDir()), &memorySink{fail: refuse}
	defer dir.Close()
	feeds := alertsOf(t, client, clock, "")
	config := export.Config{Sink: sink, Store: dir, Now: clock.Now, Feeds: feeds, DeadLetters: letters}
	summary, err := export.Run(t.Context(), config)
	if err != nil || summary.Refused == 0 || summary.Records+summary.Refused != 200 || len(sink.records) != int(summary.Records) {
		t.Errorf("%+v with %d in the sink, %v", summary, len(sink.records), err)
	}
	text, err := os.ReadFile(letters)
	if err != nil || strings.Count(string(text), "\n") != int(summary.Refused) || !strings.Contains(string(text), `"reason":"ends with 0"`) {
		t.Errorf("%s, %v", text, err)
	}
	if p := dir.Feeds()[0]; p.Refused != summary.Refused || p.Records != 200 {
		t.Errorf("%+v", p)
	}

	// Without a dead-letter file, nothing is lost either: the export ends.
	other := openDir(t, t.TempDir())
	defer other.Close()
	_, err = export.Run(t.Context(), export.Config{Sink: &memorySink{fail: refuse}, Store: other, Now: clock.Now, Feeds: feeds})
	if _, ok := errors.AsType[*core.RefusedError](err); !ok {
		t.Errorf("without a dead-letter file: %v", err)
	}
}

// TestOneFeedFails has a tenant that the account does not see.
func TestOneFeedFails(t *testing.T) {
	clock := newTestClock()
	_, client := emulated(t, clock, emulator.Corpus{Tenants: 1, Alerts: 50, Span: spanOfCorpus})
	tenants := tenantsOf(t, client)
	dir, sink := openDir(t, t.TempDir()), &memorySink{}
	defer dir.Close()
	summary, err := export.Run(t.Context(), export.Config{
		Sink: sink, Store: dir, Now: clock.Now, Feeds: alertsOf(t, client, clock, tenants[0], "999"),
	})
	failed, ok := errors.AsType[*export.FeedError](err)
	if !ok || failed.Feed.Tenant != "999" || summary.Failed != 1 || !core.IsForbidden(err) {
		t.Errorf("%+v, %v", summary, err)
	}
	onceEach(t, truth(t, client, tenants[0]), sink.keys())
}
