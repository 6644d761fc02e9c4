// Package fileperm refuses files and folders of this SDK's own that others than their user could
// have written, or can read.
//
// What it refuses comes back as a [*core.FileError] that wraps [ErrUnsafe] and whose hint is one
// command to paste. Other errors are those of the file system. It never follows a symbolic link in the place of such a file or folder, and mends nothing by itself:
// what was open to others may have been read or changed already, which its user should hear.
package fileperm

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// The modes of what is ours.
const (
	FileMode   fs.FileMode = 0o600
	FolderMode fs.FileMode = 0o700
)

// ErrUnsafe marks what others could have written, or can read.
var ErrUnsafe = errors.New("others can use it")

// Folder checks the folder at path. The error wraps [fs.ErrNotExist] where there is none.
func Folder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return checkFolder(path, info)
}

func checkFolder(path string, info fs.FileInfo) error {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return isLink(path)
	case !info.IsDir():
		return irregular(path, "it is no folder")
	}
	return closed(path, info, FolderMode)
}

// MakeFolder checks the folder at path, and makes it where there is none.
func MakeFolder(path string) error {
	if err := Folder(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(path, FolderMode); err != nil {
		return err
	}
	return Folder(path)
}

// File checks the file at path. Where there is none, nothing is wrong with it.
func File(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return isLink(path)
	}
	return checkFile(path, info)
}

// Place returns the path of a file of that name in a folder, which it makes where there is none.
// Both are checked.
func Place(folder, name string) (path string, err error) {
	if err := MakeFolder(folder); err != nil {
		return folder, err
	}
	path = filepath.Join(folder, name)
	return path, File(path)
}

func checkFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return irregular(path, "it is no regular file")
	}
	return closed(path, info, FileMode)
}

// ReadFile returns what is in the file at path; what was checked is what is read. Somebody may be
// replacing it meanwhile. The error wraps [fs.ErrNotExist] where there is none.
func ReadFile(path string) ([]byte, error) {
	var file *os.File
	err := atomicfile.Reading(func() (err error) {
		// Not to wait for somebody to write, should it be a pipe.
		file, err = os.OpenFile(path, os.O_RDONLY|noFollow|syscall.O_NONBLOCK, 0)
		return err
	})
	if wasLink(err) {
		return nil, isLink(path)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkFile(path, info); err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// isLink refuses a link. Its hint leaves what it leads to alone.
func isLink(path string) error { return irregular(path, "it is a symbolic link") }

func irregular(path, reason string) error {
	return &core.FileError{Path: path, Reason: reason, HintText: "mv " + shellquote.Word(path) + " " + shellquote.Word(path+".aside"), Err: ErrUnsafe}
}

// NotFolder returns what is on the way to path in place of a folder, after an error that wraps
// [syscall.ENOTDIR].
func NotFolder(path string) string {
	for folder := path; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(folder); !errors.Is(err, syscall.ENOTDIR) {
			return folder
		}
	}
}
