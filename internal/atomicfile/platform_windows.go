package atomicfile

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/spf13/afero"
)

// sharingViolation is Windows' ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// inUse reports whether somebody else has the file open, or is just replacing it: then Windows also says that
// access is denied, as it does where this user may not have it at all.
func inUse(err error) bool {
	return errors.Is(err, sharingViolation) || errors.Is(err, syscall.ERROR_ACCESS_DENIED)
}

// keepOwner does nothing: here a new file has its folder's permissions.
func keepOwner(afero.Fs, string, fs.FileInfo) {}
