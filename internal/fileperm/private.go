// Package fileperm rejects files and folders of this SDK that other users could have written, or
// can read.
//
// The error for such a file is a [*core.FileError] that wraps [ErrUnsafe]; its hint is one command
// to paste. Other errors are those of the file system. The package does not follow a symbolic link
// in place of such a file or folder, and corrects nothing: other users may already have read or
// changed the file, so its user must be informed.
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

// The modes of this SDK's files and folders.
const (
	FileMode   fs.FileMode = 0o600
	FolderMode fs.FileMode = 0o700
)

// ErrUnsafe marks a file that other users could have written, or can read.
var ErrUnsafe = errors.New("others can use it")

// Folder checks the folder at path. The error wraps [fs.ErrNotExist] if it is missing.
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

// MakeFolder checks the folder at path, and creates it if it is missing.
func MakeFolder(path string) error {
	if err := Folder(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(path, FolderMode); err != nil {
		return err
	}
	return Folder(path)
}

// File checks the file at path. A missing file is not an error.
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

// Place returns the path of a file of that name in a folder, which it creates if it is missing. It
// checks both.
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

// ReadFile returns the content of the file at path. It checks the file that it reads, because
// another process may replace it. The error wraps [fs.ErrNotExist] if it is missing.
func ReadFile(path string) ([]byte, error) {
	var file *os.File
	err := atomicfile.Reading(func() (err error) {
		// O_NONBLOCK: opening a pipe must not block.
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

// isLink returns the error for a symbolic link. Its hint does not touch the link's target.
func isLink(path string) error { return irregular(path, "it is a symbolic link") }

func irregular(path, reason string) error {
	return &core.FileError{Path: path, Reason: reason, HintText: "mv " + shellquote.Word(path) + " " + shellquote.Word(path+".aside"), Err: ErrUnsafe}
}

// NotFolder returns the file on the way to path that is not a folder, after an error that wraps
// [syscall.ENOTDIR].
func NotFolder(path string) string {
	for folder := path; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(folder); !errors.Is(err, syscall.ENOTDIR) {
			return folder
		}
	}
}
