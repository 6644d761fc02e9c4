//go:build unix

package fileperm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/taegis-go/taegis/internal/shellquote"
)

// Denied returns the reason why this process may not read, write or create the file at path, and a
// hint. The hint is empty if no command of the user helps, for example because another user's home
// folder denies access.
func Denied(path string) (reason, hint string) {
	where, info := obstacle(path)
	if info == nil {
		return "permission denied", ""
	}
	uid, own := owner(info)
	is := where + " belongs to " + account(uid)
	switch {
	case own && where == path:
		is = fmt.Sprintf("its mode is %#o", info.Mode().Perm())
	case own:
		is = fmt.Sprintf("the mode of %s is %#o", where, info.Mode().Perm())
	case where == path:
		is = "it belongs to " + account(uid)
	}
	return "permission denied: " + is, openingCommand(where, info)
}

// IsHidden reports whether a folder above that of path denies access, so that it is unknown whether
// path exists.
func IsHidden(path string) bool {
	where, info := obstacle(path)
	absolute, err := filepath.Abs(path)
	return err == nil && info != nil && where != absolute && where != filepath.Dir(absolute)
}

// Writable returns an error if this process may not create files in the folder at path or, if the
// folder is missing, may not create it.
func Writable(path string) error {
	for {
		err := access(path, unix.W_OK|unix.X_OK)
		parent := filepath.Dir(path)
		if !errors.Is(err, fs.ErrNotExist) || parent == path {
			return err
		}
		path = parent
	}
}

// obstacle returns the file or folder that denies access, nil if none does.
func obstacle(path string) (where string, info fs.FileInfo) {
	path, err := filepath.Abs(path)
	if err != nil {
		return path, nil
	}
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		need := uint32(unix.R_OK | unix.W_OK)
		if err == nil && info.IsDir() {
			need |= unix.X_OK
		}
		if err == nil && access(at, need) != nil {
			return at, info
		}
		// A file that can be written may lie in a folder that cannot, and one that is not there
		// cannot be made in it.
		if at == filepath.Dir(at) || err == nil && at != path {
			return at, nil
		}
	}
}

// openingCommand returns the command that permits access, "" if no command can be recommended to
// the user.
func openingCommand(where string, info fs.FileInfo) string {
	uid, own := owner(info)
	switch {
	case own && info.IsDir():
		return "chmod u+rwx " + shellquote.Word(where)
	case own:
		return "chmod u+rw " + shellquote.Word(where)
	case uid != 0:
		return ""
	case !info.IsDir():
		return fmt.Sprintf("sudo chown %d %s", os.Geteuid(), shellquote.Word(where))
	}
	parent, err := os.Stat(filepath.Dir(where))
	if err != nil {
		return ""
	}
	if _, own := owner(parent); !own {
		return "" // a folder of the system, or another user's
	}
	return fmt.Sprintf("sudo chown -R %d %s", os.Geteuid(), shellquote.Word(where))
}

func account(uid uint32) string {
	if uid == 0 {
		return "root"
	}
	return fmt.Sprintf("another user, number %d", uid)
}

func access(path string, mode uint32) error {
	if err := unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "access", Path: path, Err: err}
	}
	return nil
}
