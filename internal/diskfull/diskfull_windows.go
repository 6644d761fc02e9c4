package diskfull

import (
	"errors"
	"syscall"
)

// is recognizes ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
func is(err error) bool {
	return errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112))
}
