package plugins

import (
	"errors"
	"syscall"
)

// isFormat reports whether the system does not know the format of a program: ERROR_BAD_EXE_FORMAT or
// ERROR_EXE_MACHINE_TYPE_MISMATCH.
func isFormat(err error) bool {
	return errors.Is(err, syscall.Errno(193)) || errors.Is(err, syscall.Errno(216))
}
