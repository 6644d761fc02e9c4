package cli

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

const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNoSignIn    = 4
	exitSignal      = 128
	exitInterrupted = exitSignal + int(syscall.SIGINT)
	exitTerminated  = exitSignal + int(syscall.SIGTERM)
)

// exitCode is what the process ends with after err. A question at the terminal receives a signal by
// itself, maybe before the context does, and Ctrl-D cancels it too: settle tells these apart.
func exitCode(ctx context.Context, settle func(), err error) int {
	if errors.Is(err, core.ErrCancelled) {
		settle()
	}
	var exit *exitError
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return endingOf(ctx).exitCode()
	case errors.As(err, &exit):
		return exit.code
	case wrongUsage(err):
		return exitUsage
	case notSignedIn(err):
		return exitNoSignIn
	}
	return exitFailed
}

// endingOf returns what has ended ctx. A context that its caller has ended counts as interrupted.
func endingOf(ctx context.Context) *signalError {
	if ending, ok := errors.AsType[*signalError](context.Cause(ctx)); ok {
		return ending
	}
	return &signalError{os.Interrupt}
}

// wrongUsage reports whether the command line, or a variable that stands for one of its flags, is
// to blame.
func wrongUsage(err error) bool {
	var usage *usageError
	var environment *core.UnknownEnvironmentError
	var base *core.BaseURLError
	var store *profile.StoreError
	var setting *core.SettingError
	var argument *core.ArgumentError
	if errors.As(err, &setting) || errors.As(err, &argument) {
		return true
	}
	return errors.As(err, &usage) || errors.As(err, &environment) || errors.As(err, &base) || errors.As(err, &store) ||
		errors.Is(err, profile.ErrUnknown)
}

// notSignedIn reports whether signing in, or the lack of it, is to blame: nobody was signed in or
// the sign-in was refused, rather than that it could not be carried out.
func notSignedIn(err error) bool {
	var chain *core.ChainError
	if !errors.As(err, &chain) {
		return errors.Is(err, core.ErrUnauthorized) || errors.Is(err, core.ErrRefused) || errors.Is(err, core.ErrNoToken)
	}
	failed := chain.Failed()
	return failed == nil || !outage(failed.Err)
}

// outage reports whether a sign-in came to no answer: the network, the server, a file or the keyring
// failed.
func outage(err error) bool {
	var connection *core.ConnectionError
	var file *core.FileError
	var store *core.StoreError
	var login *core.LoginError
	return errors.As(err, &connection) || errors.As(err, &file) || errors.As(err, &store) ||
		errors.As(err, &login) && (login.Status >= 500 || login.Status == http.StatusTooManyRequests || login.Status == http.StatusRequestTimeout)
}

// exitError ends the process with a code of its own after the command has said all there is to
// say.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// silent reports whether the command has already said what err means.
func silent(err error) bool {
	var exit *exitError
	return errors.As(err, &exit)
}
