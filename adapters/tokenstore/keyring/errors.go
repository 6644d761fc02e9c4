package keyring

import (
	"errors"

	"github.com/taegis-go/taegis/core"
)

// What can be the matter with a keyring. Errors that wrap these say which keyring it is and what
// to do about it.
var (
	// ErrAbsent marks a keyring that is not there, or does not return what it was given.
	ErrAbsent = errors.New("the keyring is absent")
	// ErrLocked marks a keyring that is locked, or did not answer in time.
	ErrLocked = errors.New("the keyring is locked")
	// ErrDenied marks a keyring that said no, or a user who did.
	ErrDenied = errors.New("the keyring refused")
	// ErrNoKey marks a key that a keyring, which works, does not have.
	ErrNoKey = errors.New("the keyring does not have the key")
	// ErrDamaged marks a sealed file that nobody can open any more.
	ErrDamaged = errors.New("the sealed file is damaged")
)

// trouble says what is the matter with a keyring. The cause may be nil.
func trouble(kind error, backend, reason, hint string, cause error) error {
	return &core.StoreError{Store: "keyring " + backend, Reason: reason, HintText: hint, Err: withCause(kind, cause)}
}

// isTrouble reports whether err says already what is the matter.
func isTrouble(err error) bool {
	_, ok := errors.AsType[*core.StoreError](err)
	return ok
}

// withCause is kind with the cause beneath.
func withCause(kind, cause error) error {
	if cause == nil {
		return kind
	}
	return &caused{kind, cause}
}

// caused is one error that is two.
type caused struct{ kind, cause error }

func (e *caused) Error() string { return e.kind.Error() + ": " + e.cause.Error() }

// Unwrap returns both.
func (e *caused) Unwrap() []error { return []error{e.kind, e.cause} }

// lost says that the file at path holds tokens that nobody can read any more. It is
// [core.ErrNoToken] too, so that whoever looks for a token logs in anew.
func lost(path string, kind error, reason string) error {
	return &core.FileError{
		Path: path, Reason: reason, Err: withCause(core.ErrNoToken, kind),
		HintText: "log in anew, which keeps this file beside the new one under another name",
	}
}
