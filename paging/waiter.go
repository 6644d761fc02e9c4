package paging

import (
	"context"
	"fmt"
	"slices"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Waiter describes an operation that returns the state of background work. Generated services have
// one for each method with the suffix Wait.
type Waiter[Args, Result any] struct {
	Operation *core.Operation
	Required  []string // fields without which the state is not known
	// Running are the states of work that goes on, Succeeded those of work that is done. Any other
	// state is a failure.
	Running, Succeeded []string
	// States returns the state of each part of the work, none if the result is null.
	States func(result Result) []string
}

// Wait calls the operation until no part of the work is running, with the pauses of [Wait], and
// returns the latest result. If the work failed, it returns a [*WorkError]. If ctx ends or a call
// fails, it returns the cause of ctx or the error of the call. It returns the latest result
// together with an error, too.
func (w *Waiter[A, R]) Wait(ctx context.Context, t ports.Transport, args A) (R, error) {
	return Wait(ctx, func(ctx context.Context) (R, bool, error) {
		var result R
		request := &core.Request{Operation: w.Operation, Args: args, Required: w.Required}
		if err := t.Execute(ctx, request, &result); err != nil {
			return result, false, err
		}
		states := w.States(result)
		if slices.ContainsFunc(states, func(s string) bool { return slices.Contains(w.Running, s) }) {
			return result, false, nil
		}
		return result, true, w.failure(states)
	})
}

// failure returns an error about the first state that is not a success.
func (w *Waiter[A, R]) failure(states []string) error {
	if len(states) == 0 {
		return &WorkError{Operation: w.Operation.Name}
	}
	for _, s := range states {
		if !slices.Contains(w.Succeeded, s) {
			return &WorkError{Operation: w.Operation.Name, State: s}
		}
	}
	return nil
}

// WorkError is returned if background work ended without success, or in a state that the SDK does
// not define.
type WorkError struct {
	Operation string // name of the operation that returned the state
	State     string // as the server wrote it, "" if it did not return any
}

func (e *WorkError) Error() string {
	if e.State == "" {
		return e.Operation + ": the server returned no state of the work"
	}
	return fmt.Sprintf("%s: the work did not succeed: its state is %.60q", e.Operation, e.State)
}
