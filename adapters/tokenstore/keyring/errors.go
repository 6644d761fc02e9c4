package keyring

import (
	"errors"

	"github.com/taegis-go/taegis/core"
)

// Causes of a keyring's failure. Errors that wrap them name the keyring and have a hint.
var (
	// ErrAbsent marks a keyring that does not exist, or does not return what was stored in it.
	ErrAbsent = errors.New("the keyring is absent")
	// ErrLocked marks a keyring that is locked, or did not answer in time.
	ErrLocked = errors.New("the keyring is locked")
	// ErrDenied marks a keyring that denied access, or a user who denied it.
	ErrDenied = errors.New("the keyring denied access")
	// ErrNoKey marks a key that a working keyring does not have.
	ErrNoKey = errors.New("the keyring does not have the key")
	// ErrDamaged marks a sealed file that cannot be opened any more.
	ErrDamaged = errors.New("the sealed file is damaged")
)

// trouble returns the error of a keyring. The cause may be nil.
func trouble(kind error, backend, reason, hint string, cause error) error {
	return &core.StoreError{Store: "keyring " + backend, Reason: reason, HintText: hint, Err: withCause(kind, cause)}
}

// isTrouble reports whether err is already the error of a keyring.
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

// lost returns the error for a file at path with tokens that cannot be read any more. It wraps
// [core.ErrNoToken], so that the caller logs in again.
func lost(path string, kind error, reason string) error {
	return &core.FileError{
		Path: path, Reason: reason, Err: withCause(core.ErrNoToken, kind),
		HintText: "log in again; that renames this file and keeps it",
	}
}
