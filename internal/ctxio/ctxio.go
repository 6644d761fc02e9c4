// Package ctxio ends waiting for files and streams when a context ends. The calls of the operating
// system that read a pipe, or open one that has no writer, cannot be cancelled: they keep
// running. So this package is for programs that exit soon after, not for a library.
package ctxio

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"
)

// Do returns the results of f. If ctx ends first, it returns the cause of ctx and leaves f running
// in its goroutine: f must not change anything that the caller still uses.
func Do[T any](ctx context.Context, f func() (T, error)) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := f()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// ReadAll reads r to its end, as [io.ReadAll] does. If ctx ends first, it returns the cause of ctx,
// and what r still delivers is lost.
func ReadAll(ctx context.Context, r io.Reader) ([]byte, error) {
	return Do(ctx, func() ([]byte, error) { return io.ReadAll(r) })
}

// ReadFile reads a file, as [os.ReadFile] does. If ctx ends first, for example while the file is a
// FIFO without a writer, it returns the cause of ctx.
func ReadFile(ctx context.Context, path string) ([]byte, error) {
	return Do(ctx, func() ([]byte, error) { return os.ReadFile(path) })
}

// Output is a file with writes that end with a context, for example standard output if the reader
// of the pipe has stopped reading. Get one from [NewOutput].
type Output struct {
	ctx  context.Context // io.Writer has no parameter for it
	file *os.File
}

// NewOutput returns an output that writes to file until ctx ends.
func NewOutput(ctx context.Context, file *os.File) *Output { return &Output{ctx, file} }

// lastWrite is how long a write may take that begins after the end of the context: it prints what
// was collected before.
const lastWrite = 200 * time.Millisecond

// Write writes p. If ctx ends before that, it returns the cause of ctx, and part of p may be
// written. After the end of ctx a write still has 200 ms, for what the program has collected.
func (o *Output) Write(p []byte) (int, error) {
	p = bytes.Clone(p) // the caller may change p after an early return
	ctx := o.ctx
	if ctx.Err() != nil {
		last, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), lastWrite, context.Cause(ctx))
		defer cancel()
		ctx = last
	}
	return Do(ctx, func() (int, error) { return o.file.Write(p) })
}

// File returns the file, for a program that gets it as its own output.
func (o *Output) File() *os.File { return o.file }

// Fd returns the descriptor of the file, for the question whether it is a terminal.
func (o *Output) Fd() uintptr { return o.file.Fd() }
