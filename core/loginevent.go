package core

import (
	"context"
	"errors"
	"time"
)

// LoginEventKind is what a [LoginEvent] is about.
type LoginEventKind string

// The kinds of a [LoginEvent].
const (
	// EventLogin is one try of an authenticator to obtain a token while none was in use.
	EventLogin LoginEventKind = "login"
	// EventRefresh is one try of an authenticator to replace the token in use.
	EventRefresh LoginEventKind = "refresh"
	// EventLogout is the deletion of all tokens of an environment.
	EventLogout LoginEventKind = "logout"
	// EventTokenRejected is a token that the server rejected, and that is to be replaced.
	EventTokenRejected LoginEventKind = "token-rejected"
	// EventSkipped is an authenticator that was unavailable, or failed and was skipped, so that the
	// chain went on. It is reported only if the chain did not end with a stored token.
	EventSkipped LoginEventKind = "authenticator-skipped"
	// EventPluginStart is the start of a plugin's program.
	EventPluginStart LoginEventKind = "plugin-start"
	// EventPluginCrash is a plugin's program that ended or did not answer while it was needed.
	EventPluginCrash LoginEventKind = "plugin-crash"
)

// LoginEvent describes what happened to a token of an environment. It holds no secret, except that
// the text of Err may have been written by a server or a plugin.
type LoginEvent struct {
	Kind LoginEventKind
	// Time is when it began, and Duration is how long it took.
	Time     time.Time
	Duration time.Duration
	// Environment and AuthHost are the environment and its authentication host. Tenant is the tenant
	// of the client's options.
	Environment, AuthHost, Tenant string
	// Authenticator is the authenticator's name, for example "client-credentials"; empty for a
	// logout.
	Authenticator string
	// Account is the account of the token; empty if it is not known.
	Account Account
	// Username is the user's name if the token names one.
	Username string
	// Expiry is when the token expires; zero if that is not known or there is none.
	Expiry time.Time
	// Program is the program of a plugin; zero for an authenticator in process.
	Program Program
	// Err is nil if it succeeded. Otherwise [ReasonCode] returns a code for it.
	Err error
}

// Program is the program of an authenticator that runs in another process.
type Program struct {
	Name    string // the plugin's name
	Path    string
	SHA256  string // the checksum of what runs, in hex
	Version string // by the program's own description; empty if it is not known
	Vendor  string
}

// Observe is called with each [LoginEvent], which it does not keep; see ports.LoginObserver.
type Observe func(ctx context.Context, event *LoginEvent) error

type observeKey struct{}

// ContextWithObserve returns a context with which an authenticator reports events of its program.
func ContextWithObserve(ctx context.Context, observe Observe) context.Context {
	return context.WithValue(ctx, observeKey{}, observe)
}

// ObserveFrom returns what a login with that context reports to, or a function that does nothing.
func ObserveFrom(ctx context.Context) Observe {
	if observe, ok := ctx.Value(observeKey{}).(Observe); ok {
		return observe
	}
	return func(context.Context, *LoginEvent) error { return nil }
}

// ReasonCode returns one word for the reason of an error, for logs that must not hold its text:
// "ok", "untrusted", "cancelled", "denied", "unavailable", "unreachable", "timeout", "closed", "rejected",
// "store" or "failed". An error in its tree with a method ReasonCode() string overrides it.
func ReasonCode(err error) string {
	var coded interface{ ReasonCode() string }
	switch _, connection := errors.AsType[*ConnectionError](err); {
	case err == nil:
		return "ok"
	case errors.As(err, &coded):
		return coded.ReasonCode()
	case errors.Is(err, ErrUntrusted):
		return "untrusted"
	case errors.Is(err, ErrClosed):
		return "closed"
	case errors.Is(err, ErrCancelled), errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, ErrDenied):
		return "denied"
	case connection:
		return "unreachable"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, ErrUnauthorized):
		return "rejected"
	case isStore(err):
		return "store"
	case errors.Is(err, ErrUnavailable):
		return "unavailable"
	}
	return "failed"
}

func isStore(err error) bool {
	_, file := errors.AsType[*FileError](err)
	_, store := errors.AsType[*StoreError](err)
	return file || store
}
