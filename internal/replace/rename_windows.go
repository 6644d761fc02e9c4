package replace

import (
	"errors"
	"io/fs"
	"syscall"
	"time"

	"github.com/spf13/afero"
)

// sharingViolation is Windows' ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// rename waits for readers: Windows replaces no file that somebody has open.
func rename(disk afero.Fs, from, to string) error {
	for try := 1; ; try++ {
		err := disk.Rename(from, to)
		if try == 50 || !errors.Is(err, sharingViolation) && !errors.Is(err, syscall.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// keepOwner does nothing: here a new file has its folder's permissions.
func keepOwner(afero.Fs, string, fs.FileInfo) {}
