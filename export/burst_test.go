package export_test

import (
	"testing"
	"time"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// TestManyInOneSecond exports more alerts of one second than a window is to have, which cannot be divided.
func TestManyInOneSecond(t *testing.T) {
	for name, corpus := range map[string]emulator.Corpus{
		"some before it": {Alerts: 2600, Burst: 2400, Span: spanOfCorpus},
		"nothing else":   {Alerts: 2300, Burst: 2300, Span: spanOfCorpus},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newTestClock()
			_, client := emulated(t, clock, corpus)
			dir, sink := openDir(t, t.TempDir()), &memorySink{}
			defer dir.Close()
			summary, err := export.Run(t.Context(), export.Config{
				Sink: sink, Store: dir, Now: clock.Now,
				Feeds: []export.Feed{{
					Stream: newStream(t, export.StreamConfig{Kind: export.Alerts}), Environment: "loopback", Transport: client,
					Since: clock.Now().Add(-spanOfCorpus - time.Hour),
				}},
			})
			if err != nil || summary.Records != int64(corpus.Alerts) || len(sink.keys()) != corpus.Alerts {
				t.Errorf("%d records, %d of them different, %+v, %v", summary.Records, len(sink.keys()), summary, err)
			}
		})
	}
}
