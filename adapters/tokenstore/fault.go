package tokenstore

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/inifile"
)

// What a file of that name can be instead of one that holds settings.
var (
	errIsDirectory = errors.New("it is a directory")
	errIrregular   = errors.New("it is no regular file")
)

// ErrHidden marks the error of a file that may or may not exist, because a parent of its path is
// not a folder or cannot be entered.
var ErrHidden = errors.New("it is not known whether there is such a file")

func checkRegular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errIsDirectory
	case !info.Mode().IsRegular():
		return errIrregular
	}
	return nil
}

// fault returns the error for the file at path, with a reason and a hint.
func fault(path string, err error) *core.FileError {
	f := &core.FileError{Path: path, Err: err}
	switch {
	case errors.Is(err, errIsDirectory), errors.Is(err, errIrregular):
		f.Reason, f.HintText = err.Error(), "name a regular file with TAEGIS_CONFIG_FILE"
	case errors.Is(err, fs.ErrPermission):
		f.Reason, f.HintText = denied(path)
		if fileperm.IsHidden(path) {
			f.Err = fmt.Errorf("%w: %w", ErrHidden, err)
		}
	case errors.Is(err, filelock.ErrNone):
		f.Reason, f.HintText = filelock.ErrNone.Error(), "name a file on another file system with TAEGIS_CONFIG_FILE"
	case errors.Is(err, syscall.EROFS):
		f.Reason, f.HintText = "the file system is read-only", "name a file elsewhere with TAEGIS_CONFIG_FILE"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f.Reason, f.HintText = "the disk is full; the file is as it was", "free some space, then try again"
	case errors.Is(err, syscall.ENOTDIR):
		f.Reason, f.HintText = fileperm.NotFolder(path)+" is not a folder", "name a file in a folder with TAEGIS_CONFIG_FILE"
		f.Err = fmt.Errorf("%w: %w", ErrHidden, err) // a caller without need of the file misses nothing
	case errors.Is(err, syscall.EBUSY):
		f.Reason, f.HintText = "it cannot be replaced, for example because it is a mount point", "mount its folder, or name another file with TAEGIS_CONFIG_FILE"
	default:
		f.Reason = err.Error()
		if cause, ok := errors.AsType[syscall.Errno](err); ok {
			f.Reason = cause.Error() // which leaves out paths
		}
		f.HintText = "see what is wrong with it, or name another file with TAEGIS_CONFIG_FILE"
	}
	return f
}

// denied returns the reason why access to the file is denied, and a hint.
func denied(path string) (reason, hint string) {
	reason, hint = fileperm.Denied(path)
	if hint != "" {
		return reason, hint + ", or " + elsewhere
	}
	if usual, err := DefaultPath(); err == nil && usual == path {
		return reason, "set HOME to a folder of your own, or " + elsewhere
	}
	return reason, elsewhere
}

// elsewhere is the hint if no other applies.
const elsewhere = "name another file with TAEGIS_CONFIG_FILE"

// syntaxFault returns the error for a file that configparser would reject, with its line.
func syntaxFault(path string, err error) *core.FileError {
	f := &core.FileError{Path: path, HintText: "correct the line or remove it", Err: err}
	if syntax, ok := errors.AsType[*inifile.SyntaxError](err); ok {
		f.Line, f.Reason = syntax.Line, syntax.Reason
	}
	if errors.Is(err, inifile.ErrEncoding) {
		f.Line, f.Reason, f.HintText = 0, inifile.ErrEncoding.Error(), "save it as UTF-8"
	}
	return f
}
