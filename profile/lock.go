package profile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// lockTime is how long an edit waits for those of other processes, each of which takes
// milliseconds.
const lockTime = 10 * time.Second

// errLocked is the cause of an edit that waited in vain.
var errLocked = errors.New("another program keeps it locked")

// locked runs edit with the content that the file has now, while no other process edits the file.
// An edit of a content that was read before would undo what others wrote since.
func (f *File) locked(edit func() error) error {
	unlock, err := lockEdits(f.Path)
	if err != nil {
		return err
	}
	defer unlock()
	if now, err := f.reread(); err == nil {
		*f = *now
	}
	return edit()
}

// reread returns what the file holds now, without checking it: an edit may be what corrects it.
func (f *File) reread() (*File, error) {
	if info, err := os.Stat(f.Path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.ErrUnsupported)
	}
	text, err := read(context.Background(), f.Path) // a regular file never blocks
	if err != nil {
		return nil, err
	}
	now, err := decode(f.Path, text)
	if err != nil {
		return nil, err
	}
	now.clean()
	return now.layered(text)
}

// lockEdits locks the edits of the file at path. The lock is on a file of its own, because an edit
// replaces the profile file. If locking is impossible, for example in a folder that the process
// cannot write, no lock is needed or the edit itself fails with the better error.
func lockEdits(path string) (unlock func(), err error) {
	none := func() {}
	place := target(path)
	if info, err := os.Stat(place); err == nil && !info.Mode().IsRegular() {
		return none, nil
	}
	if os.MkdirAll(filepath.Dir(place), fileperm.FolderMode) != nil {
		return none, nil
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), lockTime, errLocked)
	defer cancel()
	lock, err := filelock.Wait(ctx, filepath.Join(filepath.Dir(place), "."+filepath.Base(place)+".lock"), fileperm.FileMode)
	switch {
	case errors.Is(err, errLocked):
		return none, &core.FileError{Path: path, Reason: errLocked.Error(), HintText: "wait for it, or end it", Err: err}
	case err != nil:
		return none, nil
	}
	return func() { _ = lock.Unlock() }, nil // a lock that cannot be released ends with the process
}

// target returns the file that an edit of path replaces: the one that a symbolic link leads to.
func target(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	return path
}
