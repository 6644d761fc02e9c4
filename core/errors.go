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
	// ErrUnavailable marks a link of the chain that cannot try here: the next one may.
	ErrUnavailable = errors.New("unavailable")
	// ErrNoToken marks the absence of a usable stored token.
	ErrNoToken = errors.New("no token")
	// ErrUnauthorized marks an access token that the server rejected: HTTP 401, or an error with
	// the code UNAUTHENTICATED whose path has at most one step, in an answer that does not prove
	// that the operation was executed. Never 403 by itself.
	ErrUnauthorized = errors.New("the access token was rejected")
	// ErrDenied marks a login that the server refused.
	ErrDenied = errors.New("login refused")
	// ErrCancelled marks a user who gave up.
	ErrCancelled = errors.New("cancelled")
	// ErrClosed marks the use of a closed client.
	ErrClosed = errors.New("the client is closed")
)

// Hint returns what to do about err: that of the first error in its tree that has one, else "".
func Hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// sentence joins what happened and what to do about it. Both may repeat words of others.
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
	// Reason says why the value cannot be used.
	Reason string
	// HintText says what the user can do about it; it may be empty.
	HintText string
	// Err is the cause, nil if there is none.
	Err error
}

func (e *SettingError) Error() string {
	message := e.Setting + ": " + e.Reason
	if e.HintText != "" {
		message += ": " + e.HintText
	}
	return message
}

// Hint returns Advice.
func (e *SettingError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *SettingError) Unwrap() error { return e.Err }

// UnknownEnvironmentError is returned for a name that no environment of Taegis has.
type UnknownEnvironmentError struct{ Name string }

func (e *UnknownEnvironmentError) Error() string {
	return sentence(fmt.Sprintf("unknown environment %q", e.Name), e.Hint())
}

func (e *UnknownEnvironmentError) Hint() string {
	var names []string
	for _, r := range regions {
		names = append(names, fmt.Sprintf("%s (%s)", r.Canonical, strings.Join(r.Aliases, ", ")))
	}
	return "use one of " + strings.Join(names, ", ") + ", or give the base URL of one of your own"
}

// BaseURLError is returned for an environment whose name or base URL cannot be used. Its text leaves
// out what of the URL may be a secret: user information and the query.
type BaseURLError struct{ Name, URL, Reason string }

func (e *BaseURLError) Error() string {
	return redact.Message(fmt.Sprintf("environment %q: base URL %q: %s", e.Name, redact.Address(e.URL), e.Reason))
}

// UnavailableError says why a link of the chain cannot try here, and what would let it. It
// is [ErrUnavailable].
type UnavailableError struct {
	Reason   string
	HintText string
	Err      error // the cause, nil where there is none
}

func (e *UnavailableError) Error() string { return sentence(e.Reason, e.HintText) }

func (e *UnavailableError) Hint() string { return e.HintText }

// Unwrap returns ErrNotApplicable and the cause.
func (e *UnavailableError) Unwrap() []error { return withCause(ErrUnavailable, e.Err) }

// LoginError says why logging in failed: the chain ends with it. Where the server refused, it
// is [ErrDenied].
type LoginError struct {
	Authenticator string // the link that failed, such as "client-credentials"
	Reason        string
	HintText      string
	Status        int  // the HTTP status of the server's answer, 0 where there was none
	Denied        bool // the server understood and said no
	Err           error
}

func (e *LoginError) Error() string {
	return redact.Message(e.Authenticator) + ": " + sentence(e.Reason, e.HintText)
}

func (e *LoginError) Hint() string { return e.HintText }

// Unwrap returns the cause, and ErrRefused where the server refused.
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

// Attempt is what one link of the chain answered.
type Attempt struct {
	Authenticator string
	Err           error
}

// ChainError is returned where no link of the chain gave a token. It holds every attempt in
// order and unwraps to every cause.
type ChainError struct {
	Environment string
	Attempts    []Attempt
}

// Failed returns the attempt that ended the chain: a link that was configured and failed. It
// returns nil where every link was unavailable.
func (e *ChainError) Failed() *Attempt {
	for i, a := range e.Attempts {
		if !errors.Is(a.Err, ErrUnavailable) {
			return &e.Attempts[i]
		}
	}
	return nil
}

// Error has the failed link as its headline, else that nobody is logged in, and then a line
// for each other attempt.
func (e *ChainError) Error() string {
	var b strings.Builder
	failed := e.Failed()
	if failed != nil {
		fmt.Fprintf(&b, "login to %s failed: %s", redact.Message(e.Environment), failed.describe())
	} else {
		fmt.Fprintf(&b, "nobody is logged in to %s", redact.Message(e.Environment))
	}
	for i := range e.Attempts {
		if a := &e.Attempts[i]; a != failed {
			fmt.Fprintf(&b, "\n  %s", a.describe())
		}
	}
	return b.String()
}

// describe puts the link's name before its answer, unless the answer begins with it already.
func (a *Attempt) describe() string {
	link, answer := redact.Message(a.Authenticator), redact.Message(a.Err.Error())
	if strings.HasPrefix(answer, link+": ") {
		return answer
	}
	return link + ": " + answer
}

// Unwrap returns the error of every attempt.
func (e *ChainError) Unwrap() []error {
	list := make([]error, len(e.Attempts))
	for i, a := range e.Attempts {
		list[i] = a.Err
	}
	return list
}

// SaveError is returned beside a token that was obtained but could not be stored. The token is
// good.
type SaveError struct {
	Store string // path or name of the store
	Err   error
}

func (e *SaveError) Error() string {
	return redact.Message(fmt.Sprintf("the token works but could not be saved to %s: %v", text.Escape(e.Store), e.Err))
}

// Unwrap returns the cause.
func (e *SaveError) Unwrap() error { return e.Err }

// StoreError says why a place where tokens rest cannot be used, and what to do about it.
type StoreError struct {
	Store    string // path or name of the store, or of what it depends on
	Reason   string
	HintText string
	Err      error // the cause, nil where there is none
}

func (e *StoreError) Error() string { return sentence(text.Escape(e.Store)+": "+e.Reason, e.HintText) }

func (e *StoreError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *StoreError) Unwrap() error { return e.Err }

// FileError says what is wrong with a file of the user's, and what to do about it. The file was
// left as it was.
type FileError struct {
	Path     string
	Line     int // 0 where no line is to blame
	Reason   string
	HintText string
	Err      error
}

func (e *FileError) Error() string {
	where := text.Escape(e.Path)
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
	}
	return sentence(where+": "+e.Reason, e.HintText)
}

func (e *FileError) Hint() string { return e.HintText }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }
