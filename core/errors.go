package core

import (
	"errors"
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// Sentinels to test for with [errors.Is].
var (
	// ErrUnavailable marks an authenticator that cannot be used here. The chain tries the next one.
	ErrUnavailable = errors.New("unavailable")
	// ErrNoToken means that no valid token is stored.
	ErrNoToken = errors.New("no token")
	// ErrUnauthorized means that the server rejected the access token: HTTP 401, or an error with
	// the code UNAUTHENTICATED and a path of at most one step, if the answer does not prove that
	// the operation was executed. [IsForbidden] reports HTTP 403. See docs/protocol.md#error-forms.
	ErrUnauthorized = errors.New("the access token was rejected")
	// ErrDenied means that the server denied the login.
	ErrDenied = errors.New("login denied")
	// ErrUntrusted marks a program, a signature or a policy that forbids a login on this machine. The
	// chain always ends with it, and it is logged as a warning.
	ErrUntrusted = errors.New("not trusted")
	// ErrCancelled means that the user cancelled a prompt or a login.
	ErrCancelled = errors.New("cancelled")
	// ErrClosed means that the client is closed.
	ErrClosed = errors.New("the client is closed")
)

// Hint returns what the user can do about err: the result of the first error in its tree that has a
// method Hint() string, else "".
func Hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// sentence joins what happened and the hint, without secrets and control characters.
func sentence(what, hint string) string {
	if hint == "" {
		return redact.Message(what)
	}
	return redact.Message(what) + ": " + redact.Message(hint)
}

// SettingError is returned for an environment variable, a flag or an option that cannot be used. It
// does not contain the value, which may be a secret.
type SettingError struct {
	// Setting names the source of the value: a variable, for example "TAEGIS_CONFIG_FILE", a flag,
	// for example "--dir", or an option, for example "WithConfigFile".
	Setting string
	// Reason is the reason for which the value cannot be used.
	Reason string
	// HintText is what the user can do about it; it may be empty. See [SettingError.Hint].
	HintText string
	// Err is the cause, nil if there is none.
	Err error
}

func (e *SettingError) Error() string {
	return sentence(e.Setting+": "+e.Reason, e.HintText)
}

// Hint returns what the user can do about it.
func (e *SettingError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *SettingError) Unwrap() error { return e.Err }

// UnknownEnvironmentError is returned if no environment has the given name.
type UnknownEnvironmentError struct{ Name string }

func (e *UnknownEnvironmentError) Error() string {
	return sentence(fmt.Sprintf("unknown environment %q", e.Name), e.Hint())
}

// Hint returns the names of all environments of Taegis and of fusion.
func (e *UnknownEnvironmentError) Hint() string {
	var names []string
	for _, r := range builtIn {
		name := r.Canonical
		if len(r.Aliases) > 0 {
			name += " (" + strings.Join(r.Aliases, ", ") + ")"
		}
		names = append(names, name)
	}
	return "use one of " + strings.Join(names, ", ") + ", or set the base URL of a custom environment"
}

// BaseURLError is returned if the name or a base URL of an environment cannot be used. Its text
// leaves out the parts of the URL that may be secrets: user information and query.
type BaseURLError struct{ Name, URL, Reason string }

func (e *BaseURLError) Error() string {
	return redact.Message(fmt.Sprintf("environment %q: base URL %q: %s", e.Name, redact.Address(e.URL), e.Reason))
}

// UnavailableError is returned by an authenticator that cannot be used here. The chain tries the
// next one. It wraps [ErrUnavailable].
type UnavailableError struct {
	Reason   string
	HintText string // what makes it available; see [UnavailableError.Hint]
	Err      error  // the cause, nil if there is none
}

func (e *UnavailableError) Error() string { return sentence(e.Reason, e.HintText) }

// Hint returns what the user can do to make the authenticator available.
func (e *UnavailableError) Hint() string { return e.HintText }

// Unwrap returns ErrUnavailable and the cause.
func (e *UnavailableError) Unwrap() []error { return withCause(ErrUnavailable, e.Err) }

// LoginError is returned if a login failed. It ends the chain. If the server denied the login, it
// wraps [ErrDenied].
type LoginError struct {
	Authenticator string // the name of the authenticator, for example "client-credentials"
	Reason        string
	HintText      string // see [LoginError.Hint]
	Status        int    // the HTTP status of the server's answer, 0 if there was none
	Denied        bool   // whether the server denied the login, for example for a wrong password
	Err           error  // the cause, nil if there is none
}

func (e *LoginError) Error() string {
	return redact.Message(e.Authenticator) + ": " + sentence(e.Reason, e.HintText)
}

// Hint returns what the user can do about it.
func (e *LoginError) Hint() string { return e.HintText }

// Unwrap returns the cause, and ErrDenied if the server denied the login.
func (e *LoginError) Unwrap() []error {
	if e.Denied {
		return withCause(ErrDenied, e.Err)
	}
	return withCause(nil, e.Err)
}

func withCause(causes ...error) []error {
	var list []error
	for _, err := range causes {
		if err != nil {
			list = append(list, err)
		}
	}
	return list
}

// Attempt is the error of one authenticator of the chain.
type Attempt struct {
	Authenticator string // its name
	Err           error
}

// ChainError is returned if no authenticator of the chain returned a token. It has the attempts in
// order, and wraps the error of each.
type ChainError struct {
	Environment string // the name of the environment
	Attempts    []Attempt
}

// Failed returns the attempt that ended the chain: an authenticator that was available and failed,
// or is [ErrUntrusted]. It returns nil if every authenticator was unavailable.
func (e *ChainError) Failed() *Attempt {
	for i, a := range e.Attempts {
		if !errors.Is(a.Err, ErrUnavailable) || errors.Is(a.Err, ErrUntrusted) {
			return &e.Attempts[i]
		}
	}
	return nil
}

// Error returns a line about the failed attempt, or that the user is not logged in, and then a line
// for each other attempt.
func (e *ChainError) Error() string {
	var b strings.Builder
	failed := e.Failed()
	if failed != nil {
		fmt.Fprintf(&b, "login to %s failed: %s", redact.Message(e.Environment), failed.describe())
	} else {
		fmt.Fprintf(&b, "not logged in to %s", redact.Message(e.Environment))
	}
	for i := range e.Attempts {
		if a := &e.Attempts[i]; a != failed {
			fmt.Fprintf(&b, "\n  %s", a.describe())
		}
	}
	return b.String()
}

// describe puts the authenticator's name before its error, unless the error begins with it already.
func (a *Attempt) describe() string {
	name, reason := redact.Message(a.Authenticator), redact.Message(a.Err.Error())
	if strings.HasPrefix(reason, name+": ") {
		return reason
	}
	return name + ": " + reason
}

// Unwrap returns the error of every attempt.
func (e *ChainError) Unwrap() []error {
	list := make([]error, len(e.Attempts))
	for i, a := range e.Attempts {
		list[i] = a.Err
	}
	return list
}

// SaveError is returned together with a valid token that could not be stored.
type SaveError struct {
	Store string // path or name of the store
	Err   error
}

func (e *SaveError) Error() string {
	return redact.Message(fmt.Sprintf("the token works but could not be saved to %s: %v", text.Escape(e.Store), e.Err))
}

// Unwrap returns the cause.
func (e *SaveError) Unwrap() error { return e.Err }

// StoreError is returned if a token store cannot be used.
type StoreError struct {
	Store    string // path or name of the store, or of what it depends on
	Reason   string
	HintText string // see [StoreError.Hint]
	Err      error  // the cause, nil if there is none
}

func (e *StoreError) Error() string { return sentence(text.Escape(e.Store)+": "+e.Reason, e.HintText) }

// Hint returns what the user can do about it.
func (e *StoreError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *StoreError) Unwrap() error { return e.Err }

// FileError is returned if one of the user's files cannot be used. The file was not changed.
type FileError struct {
	Path     string
	Line     int // the number of the line at fault, from 1; 0 for the whole file
	Reason   string
	HintText string // see [FileError.Hint]
	Err      error  // the cause, nil if there is none
}

func (e *FileError) Error() string {
	where := text.Escape(e.Path)
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
	}
	return sentence(where+": "+e.Reason, e.HintText)
}

// Hint returns what the user can do about it.
func (e *FileError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }
