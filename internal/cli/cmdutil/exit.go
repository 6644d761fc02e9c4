package cmdutil

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// The exit codes of the command line.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitPartial     = 3 // some tenants, parts or ids failed, and the rest is done
	ExitNotLoggedIn = 4 // not logged in, or the login was denied
	exitSignal      = 128
	ExitInterrupted = exitSignal + int(syscall.SIGINT)
	ExitTerminated  = exitSignal + int(syscall.SIGTERM)
)

// ExitCode returns the exit code for err, which may be nil. A signal can cancel a prompt before it
// cancels ctx, and Ctrl-D cancels a prompt too; settle, the function that [CatchSignals] returns,
// distinguishes the two.
func ExitCode(ctx context.Context, settle func(), err error) int {
	if errors.Is(err, core.ErrCancelled) {
		settle()
	}
	var exit *ExitError
	switch {
	case err == nil:
		return ExitOK
	case ctx.Err() != nil:
		return Ending(ctx).exitCode()
	case errors.As(err, &exit):
		return exit.Code
	case isPartial(err):
		return ExitPartial
	case wrongUsage(err):
		return ExitUsage
	case NotLoggedIn(err):
		return ExitNotLoggedIn
	}
	return ExitFailed
}

// Ending returns the signal that ended ctx. If something else cancelled ctx, it returns an
// interrupt.
func Ending(ctx context.Context) *SignalError {
	if ending, ok := errors.AsType[*SignalError](context.Cause(ctx)); ok {
		return ending
	}
	return &SignalError{os.Interrupt}
}

// wrongUsage reports whether the cause of err is the command line, or a variable that sets one of
// its flags.
func wrongUsage(err error) bool {
	var usage *usageError
	var environment *core.UnknownEnvironmentError
	var base *core.BaseURLError
	var store *profile.UnknownBackendError
	var setting *core.SettingError
	var argument *core.ArgumentError
	var tenant *core.TenantRequiredError
	if errors.As(err, &setting) || errors.As(err, &argument) || errors.As(err, &tenant) {
		return true
	}
	return errors.As(err, &usage) || errors.As(err, &environment) || errors.As(err, &base) || errors.As(err, &store) ||
		errors.Is(err, profile.ErrUnknown)
}

// NotLoggedIn reports whether err means that there is no login or that the login was denied. It
// returns false if the login could not be completed, for example because of a network error.
func NotLoggedIn(err error) bool {
	var chain *core.ChainError
	if !errors.As(err, &chain) {
		return errors.Is(err, core.ErrUnauthorized) || errors.Is(err, core.ErrDenied) || errors.Is(err, core.ErrNoToken)
	}
	failed := chain.Failed()
	return failed == nil || !outage(failed.Err)
}

// outage reports whether a login failed without a decision of the server: the network, the server,
// a file or the keyring failed.
func outage(err error) bool {
	var connection *core.ConnectionError
	var file *core.FileError
	var store *core.StoreError
	var login *core.LoginError
	return errors.As(err, &connection) || errors.As(err, &file) || errors.As(err, &store) ||
		errors.As(err, &login) && (login.Status >= 500 || login.Status == http.StatusTooManyRequests || login.Status == http.StatusRequestTimeout)
}

// PartialError is the error of a command that has done a part of its work, for example for some of
// the ids that it was given. Its exit code is [ExitPartial]. If nothing was done, return Err
// itself.
type PartialError struct {
	// Err says what failed. It may join several errors.
	Err error
}

// Error returns the message of Err.
func (e *PartialError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *PartialError) Unwrap() error { return e.Err }

func isPartial(err error) bool {
	_, ok := errors.AsType[*PartialError](err)
	return ok
}

// ExitError ends the process with its code. The command has printed its message already.
type ExitError struct{ Code int }

// Error implements error.
func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// Reported reports whether the command has already printed the message of err.
func Reported(err error) bool {
	var exit *ExitError
	return errors.As(err, &exit)
}
