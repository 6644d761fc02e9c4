// Package stdout is a sink of an export: JSON lines to a stream, for example the standard output.
//
// A stream takes nothing back and acknowledges nothing: after an interruption some records are
// written again. Sync returns as soon as the operating system has accepted all lines, so that a
// program at the other end of a pipe may still lose what it has not processed.
package stdout

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/diskfull"
	"github.com/taegis-go/taegis/internal/recordjson"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Sink writes records to a stream, one on each line. It implements [ports.Sink]. All of its errors
// are [*core.SinkError]; if the stream is closed, the error is permanent.
//
// A write that blocks does not end with the context, because a stream has no time limits.
type Sink struct {
	// Writer is the stream; nil means [os.Stdout]. If it has a method Flush() error, Sync calls it.
	Writer io.Writer
	// Envelope writes an object with the stream, environment, tenant, id, version, time and data of
	// each record, instead of its data alone.
	Envelope bool

	buffer []byte
	isTorn bool // the last line was not written to its end
}

// flushBytes is the size of the buffer at which it is written.
const flushBytes = 64 << 10

// Open fails for any position, because the sink has none.
func (s *Sink) Open(ctx context.Context, position string) error {
	s.buffer = nil
	if ctx.Err() != nil {
		return s.ended(ctx)
	}
	if position != "" {
		return sinkfault.Position(name)
	}
	return nil
}

// Deliver writes records as soon as there are enough of them.
func (s *Sink) Deliver(ctx context.Context, records []core.Record) error {
	if ctx.Err() != nil {
		return s.ended(ctx)
	}
	for i := range records {
		s.buffer = append(recordjson.Append(s.buffer, &records[i], s.Envelope), '\n')
		if len(s.buffer) < flushBytes {
			continue
		}
		if err := s.flush(); err != nil {
			return err
		}
	}
	return nil
}

// Sync writes what is left.
func (s *Sink) Sync(ctx context.Context) (string, error) {
	if ctx.Err() != nil {
		return "", s.ended(ctx)
	}
	if err := s.flush(); err != nil {
		return "", err
	}
	if flusher, ok := s.writer().(interface{ Flush() error }); ok {
		if err := flusher.Flush(); err != nil {
			return "", fault(err)
		}
	}
	return "", nil
}

func (s *Sink) flush() error {
	lines := s.buffer
	s.buffer = s.buffer[:0]
	if len(lines) == 0 {
		return nil
	}
	if s.isTorn { // what comes next must not continue half a line
		lines = append([]byte{'\n'}, lines...)
	}
	n, err := s.writer().Write(lines)
	if n > 0 {
		s.isTorn = lines[min(n, len(lines))-1] != '\n'
	}
	if err != nil {
		return fault(err)
	}
	return nil
}

func (s *Sink) writer() io.Writer {
	if s.Writer == nil {
		return os.Stdout
	}
	return s.Writer
}

const name = "stdout"

func (s *Sink) ended(ctx context.Context) error {
	s.buffer = nil
	return sinkfault.Ended(ctx, name)
}

func fault(err error) error {
	f := &core.SinkError{Sink: name, Reason: err.Error(), HintText: "check the program that reads the output", Permanent: true, Err: err}
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe), errors.Is(err, os.ErrClosed):
		f.Reason = "the output is closed"
	case diskfull.Is(err):
		f.Reason, f.HintText, f.Permanent = "the disk is full", "free some space; the export then continues", false
	}
	return f
}
