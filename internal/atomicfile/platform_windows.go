package atomicfile

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/spf13/afero"
)

// sharingViolation is Windows' ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// inUse reports whether another process may have the file open or be replacing it. Windows then
// returns the same error as for a file that this user may not access.
func inUse(err error) bool {
	return errors.Is(err, sharingViolation) || errors.Is(err, syscall.ERROR_ACCESS_DENIED)
}

// keepOwner does nothing: here a new file has its folder's permissions.
func keepOwner(afero.Fs, string, fs.FileInfo) {}
