package tokenstore

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/inifile"
)

// edit changes the file under the lock that is shared with Python, and replaces it atomically, so
// that no reader sees a part of it. The lock is held only for that time.
func (f *File) edit(ctx context.Context, change func(*inifile.File) error) error {
	return f.change(ctx, change, false)
}

// clear is edit for the removal of tokens. If another program keeps the lock, clear continues
// without it after the time limit: otherwise any local user could prevent a logout.
func (f *File) clear(ctx context.Context, change func(*inifile.File) error) error {
	return f.change(ctx, change, true)
}

func (f *File) change(ctx context.Context, change func(*inifile.File) error, clears bool) error {
	path, err := f.path()
	if err != nil {
		return err
	}
	if r, err := f.read(path); err != nil || r.missing {
		if err == nil {
			err = change(r.content)
		}
		if err != nil || len(r.content.Bytes()) == 0 || f.isNull(path) {
			return err // nothing to clear or to keep: no folder is made for that, nor a lock
		}
	}
	if err := f.makeFolder(path); err != nil {
		return fault(path, err)
	}
	unlock, err := f.lockRewrite(ctx, path, clears)
	if errors.Is(err, errBusy) {
		return &core.FileError{
			Path: path, Reason: err.Error(), Err: err,
			HintText: "end the program that holds " + sharedLock(path) + ", then try again",
		}
	}
	if err != nil {
		return err
	}
	defer unlock()
	r, err := f.settle(ctx, path)
	if err != nil {
		return err
	}
	if r.content == nil {
		return syntaxFault(path, r.err)
	}
	return f.rewrite(path, r, change)
}

// makeFolder creates the folder of the file if it is missing, with the mode that Python uses.
func (f *File) makeFolder(path string) error { return f.fs().MkdirAll(filepath.Dir(path), 0o755) }

// rewrite changes what was read and writes it, unless nothing changes. Lines that configparser
// would reject become comments, so that Python can read the file again.
func (f *File) rewrite(path string, r reading, change func(*inifile.File) error) error {
	repaired := r.content.Normalize()
	before := r.content.Bytes()
	if err := change(r.content); err != nil {
		return err
	}
	after := r.content.Bytes()
	if bytes.Equal(before, after) {
		return nil
	}
	if err := f.replace(path, after); err != nil {
		return err
	}
	if repaired > 0 {
		f.logger().Warn("lines of the configuration file that configparser rejects have become comments",
			"lines", repaired, "first", syntaxFault(path, r.err))
	}
	return nil
}

// replace replaces the file at path atomically. It follows a symbolic link, and keeps the link and
// the permissions.
func (f *File) replace(path string, data []byte) error {
	target, err := f.follow(path)
	if err != nil {
		return err
	}
	old, err := f.fs().Stat(target)
	if err == nil {
		err = f.checkWritable(target, old)
	} else if errors.Is(err, fs.ErrNotExist) {
		old, err = nil, nil
	}
	if err != nil {
		return fault(path, err)
	}
	if err := atomicfile.File(f.fs(), target, data, old); err != nil {
		return fault(path, err)
	}
	return nil
}

// sweep removes files that killed writers have left, if nothing is to be written.
func (f *File) sweep() error {
	path, err := f.path()
	if err != nil || f.isNull(path) {
		return err
	}
	target, err := f.follow(path)
	if err == nil {
		atomicfile.Sweep(f.fs(), target)
	}
	return err
}

// checkWritable protects a file that its owner has made read-only, which a rename would not.
func (f *File) checkWritable(target string, info fs.FileInfo) error {
	if err := checkRegular(info); err != nil {
		return err
	}
	file, err := f.fs().OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return file.Close()
}

// follow returns the file that path leads to through the user's symbolic links.
func (f *File) follow(path string) (string, error) {
	if !f.onDisk() {
		return path, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, f.dangling(path)
	}
	if err != nil {
		return "", fault(path, err)
	}
	return target, nil
}

// dangling returns an error if path is a symbolic link to a missing target.
func (f *File) dangling(path string) error {
	links, ok := f.fs().(afero.LinkReader)
	if !ok {
		return nil
	}
	target, err := links.ReadlinkIfPossible(path)
	if err != nil {
		return nil //nolint:nilerr // it is no link
	}
	return &core.FileError{
		Path:     path,
		Reason:   "it is a link to " + target + ", which does not exist",
		HintText: "create that file, or remove the link",
		Err:      fs.ErrNotExist,
	}
}
