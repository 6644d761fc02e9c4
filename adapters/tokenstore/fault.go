package tokenstore

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/inifile"
	"github.com/taegis-go/taegis/internal/lock"
)

// What a file of that name can be instead of one that holds settings.
var (
	errIsDirectory = errors.New("it is a directory")
	errIrregular   = errors.New("it is no regular file")
)

func checkRegular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errIsDirectory
	case !info.Mode().IsRegular():
		return errIrregular
	}
	return nil
}

// fault says what is wrong with the file at path, and what to do about it.
func fault(path string, err error) *core.FileError {
	f := &core.FileError{Path: path, Err: err}
	switch {
	case errors.Is(err, errIsDirectory), errors.Is(err, errIrregular):
		f.Reason, f.Remedy = err.Error(), "move it away, or name a file with TAEGIS_CONFIG_FILE"
	case errors.Is(err, fs.ErrPermission):
		f.Reason, f.Remedy = "permission denied", "allow its owner to read and write it and its folder, or name another file with TAEGIS_CONFIG_FILE"
	case errors.Is(err, lock.ErrNone):
		f.Reason, f.Remedy = lock.ErrNone.Error(), "name a file on another file system with TAEGIS_CONFIG_FILE"
	case errors.Is(err, syscall.EROFS):
		f.Reason, f.Remedy = "the file system is read-only", "name a file elsewhere with TAEGIS_CONFIG_FILE"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f.Reason, f.Remedy = "the disk is full; the file is as it was", "free some space, then try again"
	case errors.Is(err, syscall.EBUSY):
		f.Reason, f.Remedy = "it cannot be replaced, as where a file is mounted by itself", "mount its folder, or name another file with TAEGIS_CONFIG_FILE"
	default:
		f.Reason = err.Error()
		if cause, ok := errors.AsType[syscall.Errno](err); ok {
			f.Reason = cause.Error() // which leaves out paths
		}
		f.Remedy = "see what is wrong with it, or name another file with TAEGIS_CONFIG_FILE"
	}
	return f
}

// syntaxFault says which line configparser would reject.
func syntaxFault(path string, err error) *core.FileError {
	f := &core.FileError{Path: path, Remedy: "correct the line or remove it", Err: err}
	if syntax, ok := errors.AsType[*inifile.SyntaxError](err); ok {
		f.Line, f.Reason = syntax.Line, syntax.Reason
	}
	return f
}
