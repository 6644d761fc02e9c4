package portstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

func (s *sinkTest) testOrder() {
	records := sinkRecords(250)
	s.open("")
	for batch := range slices.Chunk(records, 50) {
		s.deliver(batch[:10]...)
		s.deliver(batch[10:]...)
		s.sync()
	}
	s.isReceived(records)
}

func (s *sinkTest) testNothing() {
	s.open("")
	s.deliver()
	position := s.sync()
	s.open(position)
	s.sync()
	s.isReceived(nil)
	record := sinkRecord(1, `""`)
	s.deliver(record)
	s.sync()
	s.sync()
	s.isReceived([]core.Record{record})
}

func (s *sinkTest) testContinues() {
	records := sinkRecords(60)
	position := ""
	for batch := range slices.Chunk(records, 20) {
		s.open(position)
		s.deliver(batch...)
		position = s.sync()
	}
	s.isReceived(records)
}

// testPositions opens the positions from the last to the first.
func (s *sinkTest) testPositions() {
	records := sinkRecords(50)
	positions := []string{""}
	s.open("")
	for batch := range slices.Chunk(records, 10) {
		s.deliver(batch...)
		positions = append(positions, s.sync())
	}
	for i, position := range slices.Backward(positions[1:]) {
		s.open(position)
		if s.Exact {
			s.isReceived(records[:10*(i+1)])
		}
	}
	s.deliver(records[10:]...)
	s.sync()
	s.isDelivered(records)
}

func (s *sinkTest) testUnsynced() {
	records := sinkRecords(40)
	s.open("")
	s.deliver(records[:10]...)
	position := s.sync()
	s.deliver(records[10:25]...)
	s.open(position)
	if s.Exact {
		s.isReceived(records[:10])
	}
	s.deliver(records[10:20]...)
	s.open(position)
	s.deliver(records[10:]...)
	s.sync()
	s.isDelivered(records)
}

// testFirst interrupts an export before it has stored a position.
func (s *sinkTest) testFirst() {
	records := sinkRecords(20)
	s.open("")
	s.deliver(records[:10]...)
	s.open("")
	s.deliver(records...)
	s.sync()
	s.isDelivered(records)
}

func (s *sinkTest) testTwice() {
	records := sinkRecords(20)
	s.open("")
	s.deliver(records[:10]...)
	position := s.sync()
	s.deliver(records[10:15]...)
	for range 2 {
		if err := s.sink.Open(s.Context(), position); err != nil {
			s.Fatalf("Open of an open sink: %v", err)
		}
	}
	s.deliver(records[10:]...)
	s.sync()
	s.isDelivered(records)
}

func (s *sinkTest) testUnknown() {
	records := sinkRecords(20)
	s.open("")
	s.deliver(records[:10]...)
	position := s.sync()
	s.close()
	for _, unknown := range []string{"unknown", "{}", "0", position + "0"} {
		sink := s.Sink()
		err := sink.Open(s.Context(), unknown)
		fault, ok := errors.AsType[*core.SinkError](err)
		if !ok || !fault.Permanent || fault.Hint() == "" {
			s.Errorf("Open of position %q: %v, want a permanent *core.SinkError with a hint", unknown, err)
		}
		if closer, ok := sink.(io.Closer); ok {
			_ = closer.Close()
		}
	}
	s.open(position)
	s.deliver(records[10:]...)
	s.sync()
	s.isReceived(records)
}

func (s *sinkTest) testLarge() {
	largest := s.Largest
	if largest == 0 {
		largest = 1 << 20
	}
	var records []core.Record
	for i, size := range []int{1000, 70_000, 10, largest, 5000, largest / 2} {
		record := sinkRecord(i, `""`)
		padding := max(size-len(record.Data), 0)
		records = append(records, sinkRecord(i, `"`+strings.Repeat("x", padding)+`"`))
	}
	s.open("")
	s.deliver(records...)
	s.sync()
	s.isReceived(records)
}

// testOdd delivers texts that a format of lines, frames or headers could damage.
func (s *sinkTest) testOdd() {
	var records []core.Record
	for i, text := range []string{
		`"\n\r\t\b\f"`, `"\u0000\u001b[31m\u007f"`, `"\ud800 alone"`, `"\u2028\u2029\ufeff"`, `"𝄞 é ü 日本語"`, `"\"quoted\" \\ \/"`,
		`"]]> <script> & 'a' ${HOME} %s %n"`, `"10 <14>1 - - - - - -"`, `"data: x"`, `18446744073709551616`, `1e400`,
		`0.10`, `-0`, `null`, `true`, `[]`, `{}`, `{"a":{"a":1,"a":2}}`, strings.Repeat("[", 500) + strings.Repeat("]", 500),
		"\"\u2028 \ufeff\"", `""`,
	} {
		records = append(records, sinkRecord(i, text))
	}
	s.open("")
	s.deliver(records...)
	s.sync()
	s.isReceived(records)
}

// testSlice changes the slice after each call.
func (s *sinkTest) testSlice() {
	records := sinkRecords(40)
	s.open("")
	reused := make([]core.Record, 10)
	for batch := range slices.Chunk(records, 10) {
		copy(reused, batch)
		s.deliver(reused...)
		clear(reused)
	}
	s.sync()
	s.isReceived(records)
}

// testEnded calls each method with a context that has ended. A method that does no input or output
// may still succeed.
func (s *sinkTest) testEnded() {
	records := sinkRecords(30)
	gaveUp := errors.New("gave up")
	ended, cancel := context.WithCancelCause(s.Context())
	cancel(gaveUp)
	wraps := func(method string, err error) {
		s.Helper()
		if err != nil && !errors.Is(err, gaveUp) {
			s.Errorf("the error of %s does not wrap the cause of the context: %v", method, err)
		}
	}
	wraps("Open", s.Sink().Open(ended, ""))
	s.open("")
	s.deliver(records[:10]...)
	position := s.sync()
	err := s.sink.Deliver(ended, records[10:20])
	wraps("Deliver", err)
	if err == nil {
		_, err = s.sink.Sync(ended)
		wraps("Sync", err)
	}
	if err != nil {
		if err := s.sink.Open(s.Context(), position); err != nil {
			s.Fatalf("Open after an error: %v", err)
		}
		s.deliver(records[10:20]...)
	}
	s.deliver(records[20:]...)
	s.sync()
	s.isDelivered(records)
}

func (s *sinkTest) testRefused() {
	if s.Refuse == nil {
		s.Skip("it refuses no single records")
	}
	records := sinkRecords(40)
	bad := map[string]bool{"record-3": true, "record-17": true, "record-39": true}
	accepted := slices.DeleteFunc(slices.Clone(records), func(r core.Record) bool { return bad[r.ID] })
	for i := range records {
		if bad[records[i].ID] {
			records[i].Data = json.RawMessage(fmt.Sprintf(`{"id":%q,"text":"poison"}`, records[i].ID))
		}
	}
	s.Refuse("poison")
	s.open("")
	var refused []string
	add := func(err error) {
		s.Helper()
		if err == nil {
			return
		}
		list, ok := errors.AsType[*core.RefusedError](err)
		if !ok {
			s.Fatalf("the error is %v, want a *core.RefusedError", err)
		}
		for _, r := range list.Records {
			refused = append(refused, r.Record.ID)
			if r.Reason == "" {
				s.Errorf("there is no reason for %s", r.Record.ID)
			}
		}
	}
	for batch := range slices.Chunk(records, 20) {
		add(s.sink.Deliver(s.Context(), batch))
		position, err := s.sink.Sync(s.Context())
		add(err)
		if s.Exact && position == "" {
			s.Error("Sync returned no position")
		}
	}
	if want := []string{"record-3", "record-17", "record-39"}; !slices.Equal(refused, want) {
		s.Errorf("refused %q, want %q", refused, want)
	}
	s.isDelivered(accepted)
}

func (s *sinkTest) testClosed() {
	closer, ok := s.Sink().(io.Closer)
	if !ok {
		s.Skip("it needs no closing")
	}
	if err := closer.Close(); err != nil {
		s.Errorf("Close of a sink that was not opened: %v", err)
	}
	s.open("")
	record := sinkRecord(0, `""`)
	s.deliver(record)
	s.sync()
	closer = s.sink.(io.Closer)
	for range 2 {
		if err := closer.Close(); err != nil {
			s.Errorf("Close: %v", err)
		}
	}
	s.isReceived([]core.Record{record})
}
