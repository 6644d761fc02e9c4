package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// noFollow is 0: creating symbolic links requires a privilege.
const noFollow = 0

// beyond is the byte that is locked: far behind the note, because Windows keeps others from
// reading what is locked.
const beyond = 0x7fffffff

func tryLock(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: beyond})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrLocked
	}
	return err
}
