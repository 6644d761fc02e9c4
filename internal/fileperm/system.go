package fileperm

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// replaced is the folder of [ReplaceSystemFolder], "" for none.
var replaced string

// SystemFolder returns the folder of what the administrator configures for all users of a machine:
// /etc/taegis, on macOS /Library/Application Support/taegis, on Windows taegis in the folder
// ProgramData. No variable changes it.
func SystemFolder() string {
	if replaced != "" {
		return replaced
	}
	return systemFolder()
}

// ReplaceSystemFolder makes another folder that of the administrator, with any owner, until the
// function that it returns is called. It is for tests: no shipping code calls it.
func ReplaceSystemFolder(folder string) (restore func()) {
	before := replaced
	replaced = folder
	return func() { replaced = before }
}

// Administered returns the path without links of the file at an absolute path, if the administrator
// alone decides what is there: root owns the file, each folder up to / and each link on the way, and
// no other user can write to any of them. Else the error is a [*core.FileError] that wraps
// [ErrUnsafe] and names the first that is not so, or one of the file system.
func Administered(path string) (string, error) {
	if replaced != "" && strings.HasPrefix(path, replaced+string(filepath.Separator)) {
		return filepath.EvalSymlinks(path)
	}
	return administered(path)
}

// errDangling is the error for a link to something that does not exist at the moment: the
// administrator meant a file to be there.
var errDangling = errors.New("it leads to a file that does not exist")

// ReadAdministered returns what is in the file of that name in the [SystemFolder], if it is one that
// [Administered] accepts. The error wraps [fs.ErrNotExist] if there is no such file.
func ReadAdministered(name string) ([]byte, error) {
	folder := SystemFolder()
	path := filepath.Join(folder, name)
	if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil, err // one call for a machine without configuration
	}
	target, err := Administered(path)
	if errors.Is(err, fs.ErrNotExist) && !isAbsent(path) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errDangling}
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(target)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is not a regular file")}
	}
	return os.ReadFile(target)
}

// isAbsent reports whether a folder has nothing of that name, not even a link.
func isAbsent(path string) bool {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return false
	}
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
