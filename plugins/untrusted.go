package plugins

import (
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// ChecksumError says that a program is not one of those that were pinned. It was not started. The
// error is [core.ErrUntrusted].
type ChecksumError struct {
	Path string
	Want []string // the checksums that were pinned, in hex; empty if there is none
	Got  string   // the program's own
}

func (e *ChecksumError) Error() string {
	switch len(e.Want) {
	case 0:
		return fmt.Sprintf("%s is not pinned; its SHA-256 is %s", e.Path, e.Got)
	case 1:
		return fmt.Sprintf("%s has the SHA-256 %s, pinned is %s", e.Path, e.Got, e.Want[0])
	}
	return fmt.Sprintf("%s has the SHA-256 %s, pinned are %s", e.Path, e.Got, strings.Join(e.Want, " and "))
}

// Is reports whether target is [core.ErrUntrusted].
func (e *ChecksumError) Is(target error) bool { return target == core.ErrUntrusted }

// SignatureError says that a program has no valid signature by a pinned key. It was not started. The
// error is [core.ErrUntrusted].
type SignatureError struct {
	Path     string // of the program; its signature is in the file PATH.minisig
	Checksum string // the program's SHA-256 in hex
	Reason   string
	Err      error // the cause, nil if there is none
}

func (e *SignatureError) Error() string { return e.Path + ": " + e.Reason }

// Is reports whether target is [core.ErrUntrusted].
func (e *SignatureError) Is(target error) bool { return target == core.ErrUntrusted }

// Unwrap returns the cause.
func (e *SignatureError) Unwrap() error { return e.Err }

// DenyListError says that a program is on the deny list. It was not started. The error is
// [core.ErrUntrusted].
type DenyListError struct {
	Path     string
	Checksum string // the program's SHA-256 in hex
}

func (e *DenyListError) Error() string {
	return fmt.Sprintf("%s is on the deny list: its SHA-256 is %s", e.Path, e.Checksum)
}

// Is reports whether target is [core.ErrUntrusted].
func (e *DenyListError) Is(target error) bool { return target == core.ErrUntrusted }

// FolderError says that a folder has something that cannot be pinned, for example a symbolic link. Its
// program was not started. The error is [core.ErrUntrusted].
type FolderError struct{ Path, Reason string }

func (e *FolderError) Error() string { return e.Path + ": " + e.Reason }

// Is reports whether target is [core.ErrUntrusted].
func (e *FolderError) Is(target error) bool { return target == core.ErrUntrusted }
