package portstest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Destination is an empty place to which the sinks of one test deliver.
type Destination struct {
	// Sink returns a new sink for the destination, which is not open yet. Each call stands for a
	// new process of an export: the test closes the sink before, with records that were delivered
	// and not synced.
	Sink func() ports.Sink
	// Received returns the data of the records that have arrived, in the order of their arrival, as
	// soon as complete accepts it, or after a time limit. If everything that was synced is there
	// at once, Received may ignore complete.
	Received func(complete func(data []json.RawMessage) bool) []json.RawMessage
	// Exact is set if the sink has positions and can take records back, so that each record
	// arrives exactly once. All other sinks deliver at least once.
	Exact bool
	// Largest is the size of the largest record that the destination accepts, in bytes; 0 means
	// 1 MiB.
	Largest int
	// Refuse makes the destination refuse all records with that text in their data, for good. It
	// is nil if the destination cannot refuse single records.
	Refuse func(text string)
}

// Sink tests that a sink fulfills the contract of [ports.Sink]:
//
//	func TestSink(t *testing.T) {
//		portstest.Sink(t, func(t *testing.T) portstest.Destination {
//			server := newServer(t)
//			return portstest.Destination{
//				Sink:     func() ports.Sink { return &Sink{URL: server.URL} },
//				Received: func(func([]json.RawMessage) bool) []json.RawMessage { return server.Records() },
//			}
//		})
//	}
//
// The function prepare returns a new destination for each test.
func Sink(t *testing.T, prepare func(t *testing.T) Destination) {
	for _, test := range []struct {
		name string
		run  func(*sinkTest)
	}{
		{"records arrive in order", (*sinkTest).testOrder},
		{"nothing to deliver is no error", (*sinkTest).testNothing},
		{"a new sink continues", (*sinkTest).testContinues},
		{"each position can be opened again", (*sinkTest).testPositions},
		{"what was not synced is delivered again", (*sinkTest).testUnsynced},
		{"the first position is opened again", (*sinkTest).testFirst},
		{"opening twice is opening once", (*sinkTest).testTwice},
		{"an unknown position changes nothing", (*sinkTest).testUnknown},
		{"large records arrive", (*sinkTest).testLarge},
		{"odd characters arrive", (*sinkTest).testOdd},
		{"the slice can be used again", (*sinkTest).testSlice},
		{"an ended context", (*sinkTest).testEnded},
		{"a refused record does not stop the others", (*sinkTest).testRefused},
		{"closing twice is no error", (*sinkTest).testClosed},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(&sinkTest{T: t, Destination: prepare(t)}) })
	}
}

// sinkTest is a destination under test, with the sink that delivers to it now.
type sinkTest struct {
	*testing.T
	Destination
	sink ports.Sink
}

// open closes the sink, as the end of a process does, and opens a new one.
func (s *sinkTest) open(position string) {
	s.Helper()
	s.close()
	s.sink = s.Sink()
	s.Cleanup(s.close)
	if err := s.sink.Open(s.Context(), position); err != nil {
		s.Fatalf("Open of position %q: %v", position, err)
	}
}

func (s *sinkTest) close() {
	if closer, ok := s.sink.(io.Closer); ok {
		_ = closer.Close() // may report what was not synced
	}
	s.sink = nil
}

func (s *sinkTest) deliver(records ...core.Record) {
	s.Helper()
	if err := s.sink.Deliver(s.Context(), records); err != nil {
		s.Fatalf("Deliver: %v", err)
	}
}

func (s *sinkTest) sync() (position string) {
	s.Helper()
	position, err := s.sink.Sync(s.Context())
	if err != nil {
		s.Fatalf("Sync: %v", err)
	}
	if s.Exact && position == "" {
		s.Fatal("Sync returned no position")
	}
	return position
}

// isReceived checks that exactly these records have arrived, in this order.
func (s *sinkTest) isReceived(want []core.Record) {
	s.Helper()
	all := s.Received(func(data []json.RawMessage) bool { return len(data) >= len(want) })
	s.compare(all, want)
}

// isDelivered checks that these records have arrived: exactly once if the sink is exact, else at
// least once, with their first arrivals in this order.
func (s *sinkTest) isDelivered(want []core.Record) {
	s.Helper()
	if s.Exact {
		s.isReceived(want)
		return
	}
	all := s.Received(func(data []json.RawMessage) bool { return len(distinct(data)) >= len(want) })
	s.compare(distinct(all), want)
}

func (s *sinkTest) compare(got []json.RawMessage, want []core.Record) {
	s.Helper()
	if len(got) != len(want) {
		s.Errorf("%d records arrived, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if string(got[i]) != string(want[i].Data) {
			s.Fatalf("record %d is %s, want %s", i, shortened(got[i]), shortened(want[i].Data))
		}
	}
}

// distinct returns the first of each.
func distinct(data []json.RawMessage) []json.RawMessage {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(data), func(d json.RawMessage) bool {
		repeated := seen[string(d)]
		seen[string(d)] = true
		return repeated
	})
}

func shortened(data []byte) string {
	if len(data) > 200 {
		return fmt.Sprintf("%s… (%d bytes)", data[:200], len(data))
	}
	return string(data)
}

// sinkRecord returns a record with the number i and a text, which is JSON.
func sinkRecord(i int, text string) core.Record {
	id := fmt.Sprintf("record-%d", i)
	return core.Record{
		Stream: "alerts", Environment: "charlie", Tenant: "145831", ID: id,
		Time: time.Date(2026, 3, 1, 12, 0, i, 123_000_000, time.UTC),
		Data: json.RawMessage(fmt.Sprintf(`{"id":%q,"text":%s}`, id, text)),
	}
}

// sinkRecords returns n records.
func sinkRecords(n int) []core.Record {
	var records []core.Record
	for i := range n {
		records = append(records, sinkRecord(i, `"some text"`))
	}
	return records
}
