package core

import "fmt"

// PanicError is returned if code that was passed to the SDK panics on a goroutine of the SDK, for
// example an authenticator, a token store or a prompt.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // of its goroutine
}

// Error names the value. The stack is left out.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
