package cmdutil

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// SignalError is the cause of a context that a signal has ended.
type SignalError struct{ signal os.Signal }

// Error is what the signal has done to the command.
func (e *SignalError) Error() string {
	if e.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// Unwrap makes the error one of cancellation.
func (e *SignalError) Unwrap() error { return context.Canceled }

// exitCode is the one that shells use: 128 and the number of the signal.
func (e *SignalError) exitCode() int {
	if number, ok := e.signal.(syscall.Signal); ok {
		return exitSignal + int(number)
	}
	return ExitInterrupted
}

// CatchSignals returns a context that the first SIGINT or SIGTERM ends. The second one has its default
// action, which ends the process.
//
// settle stops that. After it has returned, the context has ended if a signal had reached any part of
// the process before the call: the runtime hands a signal to all its receivers at once, and
// [signal.Stop] waits for that.
func CatchSignals(parent context.Context) (ctx context.Context, settle func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer close(ended)
		if s, ok := <-received; ok {
			cancel(&SignalError{s})
			signal.Stop(received)
		}
	}()
	return ctx, sync.OnceFunc(func() {
		signal.Stop(received)
		close(received)
		<-ended
	})
}
