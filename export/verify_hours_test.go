package export_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/export"
)

// TestVerifyBetweenHours has records that come too late, around the end of an hour: each is missing once.
func TestVerifyBetweenHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, sink, dir := &auditServer{}, &memorySink{}, &export.Memory{}
		hour := time.Now().Add(10 * time.Hour).Truncate(time.Hour)
		time.Sleep(20 * time.Hour)
		config := export.Config{Sink: sink, Store: dir, Feeds: []export.Feed{{
			Stream: newStream(t, export.StreamConfig{Kind: export.Audits}), Environment: "fake", Tenant: "1",
			Transport: server, Since: hour.Add(-5 * time.Hour),
		}}}
		if _, err := export.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		for id, at := range map[string]time.Duration{
			"before": -1500 * time.Millisecond, "last": -time.Millisecond, "first": 0, "within": 700 * time.Millisecond, "after": 2 * time.Second,
		} {
			server.insert(id, hour.Add(at))
		}
		times := map[string]int{}
		options := export.VerifyOptions{Report: func(d export.Difference) {
			for _, id := range d.Missing {
				times[id]++
				if first := id == "before" || id == "last"; first != d.Window.From.Before(hour) {
					t.Errorf("%s is missing in the hour of %v", id, d.Window.From)
				}
			}
		}, Repair: true}
		v, err := export.Verify(t.Context(), config, options)
		if err != nil || v.Missing != 5 || v.Repaired != 5 || len(times) != 5 {
			t.Errorf("%+v, %v: %v", v, err, times)
		}
		if got := sink.keys(); len(got) != 5 || len(sink.records) != 5 {
			t.Errorf("delivered %v", got)
		}
	})
}
