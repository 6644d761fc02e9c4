//go:build unix

package doctor

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// writable returns an error if this process cannot write the file or folder at path. It changes
// nothing, not even a time stamp.
func writable(path string) error {
	if err := unix.Access(path, unix.W_OK); err != nil {
		return &fs.PathError{Op: "access", Path: path, Err: err}
	}
	return nil
}
