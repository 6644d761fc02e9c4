package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/diskfull"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// check returns an error for a configuration that cannot work, and for a path that is not that of a
// regular file.
func (s *Sink) check(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return s.ended(ctx)
	case s.Path == "":
		return s.permanent("there is no path", "set Path to the file to write", nil)
	case s.MaxBytes < 0 || s.Interval < 0 || s.Keep < 0:
		return s.permanent("MaxBytes, Interval or Keep is negative", "use 0 to disable it", nil)
	case s.Compression != Uncompressed && s.Compression != Gzip && s.Compression != Zstd:
		return s.permanent(fmt.Sprintf("the compression %q is unknown", s.Compression), `use "gzip" or "zstd", or leave it empty`, nil)
	case s.Mode&^fs.ModePerm != 0 || s.Mode != 0 && s.Mode&0o600 != 0o600:
		return s.permanent(fmt.Sprintf("files of mode %v cannot be used", s.Mode), "let the owner read and write, for example 0640", nil)
	}
	return s.checkFile()
}

func (s *Sink) checkFile() error {
	folder := filepath.Dir(s.Path)
	if _, err := s.lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return s.permanent("there is no folder "+folder, "create the folder, or choose another path", err)
	}
	info, err := s.lstat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return s.fault(err)
	case info.IsDir():
		return s.permanent("it is a directory", "name a file in it", nil)
	case info.Mode()&fs.ModeSymlink != 0:
		return s.permanent("it is a symbolic link, which rotation would replace", "name the file that it leads to", nil)
	case !info.Mode().IsRegular():
		return s.permanent("it is no regular file", "name a regular file; for a pipe or a device use the sink stdout", nil)
	}
	return nil
}

// lstat does not follow a symbolic link, if the file system has them.
func (s *Sink) lstat(path string) (fs.FileInfo, error) {
	disk, ok := s.disk().(afero.Lstater)
	if !ok {
		return s.disk().Stat(path)
	}
	info, _, err := disk.LstatIfPossible(path)
	return info, err
}

func (s *Sink) name() string { return "file " + s.Path }

func (s *Sink) permanent(reason, hint string, err error) error {
	fault := sinkfault.Setting(s.name(), reason, hint)
	fault.Err = err
	return fault
}

func (s *Sink) ended(ctx context.Context) error {
	return sinkfault.Ended(ctx, s.name())
}

// fault returns the error of the sink for one of the file system.
func (s *Sink) fault(err error) error {
	if fault, ok := errors.AsType[*core.SinkError](err); ok {
		return fault
	}
	f := &core.SinkError{Sink: s.name(), Reason: reasonOf(err), Permanent: true, Err: err}
	switch {
	case errors.Is(err, errOther):
		f.HintText = "put the file back as the export has left it, or begin another export with another path"
	case diskfull.Is(err):
		f.Reason, f.HintText, f.Permanent = "the disk is full", "free some space; the export then continues", false
	case errors.Is(err, filelock.ErrLocked):
		f.Reason, f.HintText = "another process is writing the file", "end that process, or choose another path"
	case errors.Is(err, fs.ErrPermission):
		f.Reason, f.HintText = fileperm.Denied(s.Path)
		f.HintText = cmp.Or(f.HintText, "choose a path that this user may write to")
	case errors.Is(err, syscall.EROFS):
		f.Reason, f.HintText = "the file system is read-only", "choose a path elsewhere"
	case errors.Is(err, syscall.ENOTDIR):
		f.Reason, f.HintText = fileperm.NotFolder(s.Path)+" is not a folder", "choose a path in a folder"
	default:
		f.HintText = "check the disk, and that no other program changes the file"
	}
	return f
}

// reasonOf returns the text of an error, without the path if that is the sink's own.
func reasonOf(err error) string {
	if cause, ok := errors.AsType[syscall.Errno](err); ok && !errors.Is(err, errOther) {
		return cause.Error()
	}
	return err.Error()
}
