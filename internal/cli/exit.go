package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNoSignIn    = 4
	exitInterrupted = 130
)

// exitCode is what the process ends with after err.
func exitCode(ctx context.Context, err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return exitDone
	case interrupted(ctx, err):
		return exitInterrupted
	case errors.As(err, &exit):
		return exit.code
	case wrongUsage(err):
		return exitUsage
	case notSignedIn(err):
		return exitNoSignIn
	}
	return exitFailed
}

// interrupted reports whether an interrupt ended the command. A question at the terminal hears of
// the signal by itself, maybe before the context does; what else ends it, such as Ctrl-D, waits
// here in vain for a moment.
func interrupted(ctx context.Context, err error) bool {
	if errors.Is(err, core.ErrCancelled) {
		select {
		case <-ctx.Done():
		case <-time.After(signalLag):
		}
	}
	return ctx.Err() != nil
}

// signalLag is how long one signal takes to reach all who wait for it, with room to spare.
const signalLag = 100 * time.Millisecond

// wrongUsage reports whether the command line, or a variable that stands for one of its flags, is
// to blame.
func wrongUsage(err error) bool {
	var usage *usageError
	var environment *core.UnknownEnvironmentError
	var base *core.BaseURLError
	var store *profile.StoreError
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
