package stdout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/stdout"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestSinkKeepsTheContract(t *testing.T) {
	portstest.Sink(t, func(*testing.T) portstest.Destination {
		var out bytes.Buffer
		return portstest.Destination{
			Sink: func() ports.Sink { return &stdout.Sink{Writer: &out} },
			Received: func(func([]json.RawMessage) bool) (data []json.RawMessage) {
				for line := range strings.Lines(out.String()) {
					data = append(data, json.RawMessage(strings.TrimSuffix(line, "\n")))
				}
				return data
			},
		}
	})
}

// failing writes some bytes of each text, and then fails.
type failing struct {
	bytes.Buffer
	n   int
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.err == nil {
		return f.Buffer.Write(p)
	}
	n, _ := f.Buffer.Write(p[:min(f.n, len(p))])
	return n, f.err
}

func (f *failing) Flush() error { return f.err }

func record(id string) []core.Record {
	return []core.Record{{Stream: "alerts", ID: id, Time: time.Unix(0, 0), Data: json.RawMessage(`{"id":"` + id + `"}`)}}
}

func deliver(sink *stdout.Sink, records []core.Record) error {
	if err := sink.Deliver(context.Background(), records); err != nil {
		return err
	}
	_, err := sink.Sync(context.Background())
	return err
}

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		err       error
		permanent bool
		want      string
	}{
		"a closed pipe":        {&os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}, true, "stdout: the output is closed: check the program that reads the output"},
		"a closed pipe in Go":  {io.ErrClosedPipe, true, "stdout: the output is closed: check the program that reads the output"},
		"a closed file":        {os.ErrClosed, true, "stdout: the output is closed: check the program that reads the output"},
		"a full disk":          {syscall.ENOSPC, false, "stdout: the disk is full: free some space; the export then continues"},
		"anything of a writer": {errors.New("no\nidea"), true, "stdout: no idea: check the program that reads the output"},
	} {
		t.Run(name, func(t *testing.T) {
			out := &failing{n: 5, err: test.err}
			sink := &stdout.Sink{Writer: out}
			if err := sink.Open(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			err := deliver(sink, record("a"))
			fault, ok := errors.AsType[*core.SinkError](err)
			if !ok || fault.Permanent != test.permanent || fault.Error() != test.want || !errors.Is(err, test.err) {
				t.Errorf("%#v", err)
			}
			out.err = nil
			if err := deliver(sink, record("a")); err != nil || out.String() != "{\"id\"\n{\"id\":\"a\"}\n" {
				t.Errorf("%q, %v: half a line must not be continued", out.String(), err)
			}
		})
	}
}

func TestAFailedFlush(t *testing.T) {
	out := &failing{}
	sink := &stdout.Sink{Writer: out}
	if err := deliver(sink, record("a")); err != nil {
		t.Fatal(err)
	}
	out.err = io.ErrClosedPipe
	if _, err := sink.Sync(t.Context()); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
