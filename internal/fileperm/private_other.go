//go:build !unix

package fileperm

import (
	"context"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
)

// noFollow is 0: creating symbolic links requires a privilege.
const noFollow = 0

func wasLink(error) bool { return false }

// Closed returns nil. On this system access follows from the user's profile that contains the file.
func Closed(string, fs.FileInfo) error { return nil }

func closed(string, fs.FileInfo, fs.FileMode) error { return nil }

// Exposed returns nil: permissions are the folder's.
func Exposed(string, fs.FileInfo) error { return nil }

// Trusted returns nil: permissions are the folder's.
func Trusted(string, fs.FileInfo) error { return nil }

// MaxTrusted is the largest size of a trusted file that is read, in bytes.
const MaxTrusted = 1 << 20

// ReadTrusted returns the content of the file at path. On this system write access follows from the
// folder. The error wraps [fs.ErrNotExist] if there is no file.
func ReadTrusted(_ context.Context, path string) ([]byte, error) {
	if strings.EqualFold(path, os.DevNull) {
		return nil, nil
	}
	another := func(reason string) error {
		return &core.FileError{Path: path, Reason: reason, HintText: "name another file", Err: ErrUnsafe}
	}
	var file *os.File
	err := atomicfile.Reading(func() (err error) {
		file, err = os.Open(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	if info, err := file.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, another("it is no file")
	}
	text, err := io.ReadAll(io.LimitReader(file, MaxTrusted+1))
	if err == nil && len(text) > MaxTrusted {
		err = another("it has more than 1 MiB")
	}
	return text, err
}
