//go:build unix

package plugins

import (
	"errors"
	"syscall"
)

// isFormat reports whether the system does not know the format of a program.
func isFormat(err error) bool { return errors.Is(err, syscall.ENOEXEC) }
