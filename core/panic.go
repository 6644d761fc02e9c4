package core

import "fmt"

// PanicError is returned if code that a program passed to the SDK, for example an authenticator, a
// token store or a prompt, panics on a goroutine of the SDK.
type PanicError struct {
	Value any    // the value passed to panic
	Stack []byte // the stack of the goroutine
}

// Error returns the value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
