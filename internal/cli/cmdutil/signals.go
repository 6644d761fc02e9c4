package cmdutil

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// SignalError is the cause of a context that a signal cancelled.
type SignalError struct{ signal os.Signal }

// Error returns "terminated" or "interrupted".
func (e *SignalError) Error() string {
	if e.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// Unwrap returns [context.Canceled].
func (e *SignalError) Unwrap() error { return context.Canceled }

// exitCode returns the exit code that shells use: 128 plus the number of the signal.
func (e *SignalError) exitCode() int {
	if number, ok := e.signal.(syscall.Signal); ok {
		return exitSignal + int(number)
	}
	return ExitInterrupted
}

// CatchSignals returns a context that the first SIGINT or SIGTERM cancels. The second one has its
// default action, which ends the process.
//
// The function settle stops catching signals. If a signal reached any part of the process before the
// call, the context is cancelled when settle returns: the runtime sends a signal to all its receivers
// at once, and [signal.Stop] waits for that.
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
