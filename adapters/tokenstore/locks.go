package tokenstore

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// How long the lock that is shared with Python is waited for. Nobody needs it for longer than
// reading and rewriting a small file takes.
const (
	readPatience  = time.Second
	writePatience = 10 * time.Second
)

// pythonsMode is that of the shared lock, less the umask, as Python makes it: who shares the file can
// share its lock.
const pythonsMode fs.FileMode = 0o666

// errBusy is returned where somebody keeps the shared lock.
var errBusy = errors.New("another program keeps it locked")

// rewriteLock is the file in the folder of locks that is locked to rewrite the shared one.
const rewriteLock = "rewrite"

// lockRewrite takes the locks of whoever rewrites the file, and fails as lockFile does. The one that is shared with
// Python does not keep the programs of this SDK apart: Python removes its file after releasing it, and who took it in
// between holds one that nobody else can find. So they have one of their own first, which nobody removes.
//
// With clears it returns without the locks once it has waited for them, with a warning.
func (f *File) lockRewrite(ctx context.Context, path string, clears bool) (unlock func(), err error) {
	waiting, cancel := context.WithTimeoutCause(ctx, f.patience(clears), errBusy)
	defer cancel()
	unlockOwn, unlockShared := func() {}, func() {}
	if f.onDisk() {
		if unlock, err = f.lockOwn(waiting, path); err == nil {
			unlockOwn = unlock
		}
	}
	if err == nil {
		unlockShared, err = f.lockFile(waiting, path, writePatience)
	}
	if errors.Is(err, errBusy) && clears {
		f.stuck.Store(true)
		f.warn("another program keeps the configuration file locked; tokens are cleared without the lock", "lock", sharedLock(path))
		return unlockOwn, nil
	}
	if err != nil {
		unlockOwn()
		return nil, err
	}
	f.stuck.Store(false)
	return func() {
		unlockShared()
		unlockOwn()
	}, nil
}

// patience is how long the locks are waited for. A logout clears more than once, and waits for a
// lock that is stuck only the first time.
func (f *File) patience(clears bool) time.Duration {
	if clears && f.stuck.Load() {
		return readPatience
	}
	return writePatience
}

// lockOwn takes the lock of this SDK's own, or fails with the cause of ctx. Where it cannot be had, the shared one has
// to do.
func (f *File) lockOwn(ctx context.Context, path string) (unlock func(), err error) {
	name, err := fileperm.Place(f.ownLocks(path), rewriteLock)
	if err != nil {
		return func() {}, nil //nolint:nilerr // see above
	}
	l, err := filelock.Wait(ctx, name, fileperm.FileMode)
	switch {
	case err == nil:
		return func() { _ = l.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return func() {}, nil
}

// lockFile takes the lock that is shared with Python. It fails with errBusy, or the cause of
// ctx; where no lock can be had, the work goes on with a warning.
func (f *File) lockFile(ctx context.Context, path string, patience time.Duration) (unlock func(), err error) {
	waiting, cancel := context.WithTimeoutCause(ctx, patience, errBusy)
	defer cancel()
	if !f.onDisk() {
		return f.rewrites.lock(waiting, core.TokenKey{})
	}
	name := sharedLock(path)
	l, err := filelock.Wait(waiting, name, pythonsMode)
	return f.taken(waiting, name, l, err)
}

// Locks returns where the locks are: the file that is locked to rewrite this one, and the folder
// with a file NAME.lock for each who logs in or has done so. Neither need exist. Both are empty
// if the file is the null device, which needs none. The error is that of [DefaultPath].
func (f *File) Locks() (file, logins string, err error) {
	path, err := f.path()
	if err != nil || f.isNull(path) {
		return "", "", err
	}
	return sharedLock(path), f.ownLocks(path), nil
}

// ownLocks is the folder of the locks that are this SDK's own. It lies beside the file that path leads
// to: programs that know it by different names have only the file itself in common.
func (f *File) ownLocks(path string) string {
	target, err := f.follow(path)
	if err != nil {
		target = path // nor can it be written
	}
	return target + ".logins"
}

// sharedLock is the file that Python locks for the file at path: its name with the extension
// ".lock" in place of its own. Python follows no link for that, so neither does this.
func sharedLock(path string) string {
	extension := filepath.Ext(strings.TrimLeft(filepath.Base(path), "."))
	if extension == ".lock" {
		return path + ".lock" // else the file would be its own lock, which Python removes
	}
	return strings.TrimSuffix(path, extension) + ".lock"
}

// lockLogin takes the lock of whoever refreshes the token of key, and says after a while for whom
// it waits. Its file is never removed, and closed to other users, who could hold the lock for as long
// as they like; a place where they can is not used. A process that may not ask a user does not come here
// for a user's key: its link is unavailable.
func (f *File) lockLogin(ctx context.Context, path string, key core.TokenKey) (unlock func(), err error) {
	if !f.onDisk() || f.isNull(path) {
		return f.logins.lock(ctx, key)
	}
	if err := f.makeFolder(path); err != nil {
		return f.unlocked(path, err), nil
	}
	name, err := fileperm.Place(f.ownLocks(path), core.Digest(key.Section, key.Host, string(key.Account))+".lock")
	if err != nil {
		return f.unlocked(name, err), nil
	}
	l, err := filelock.WaitNoted(ctx, name, fileperm.FileMode, func(pid string) {
		f.logger().Warn("waiting for another program that is logging in; interrupt to give up",
			"pid", pid, "environment", key.Section, "credential", string(key.Account))
	})
	return f.taken(ctx, name, l, err)
}

// taken turns what came of waiting for a lock into the way to release it.
func (f *File) taken(ctx context.Context, name string, l *filelock.Lock, err error) (unlock func(), _ error) {
	switch {
	case err == nil:
		return func() { _ = l.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	default:
		return f.unlocked(name, err), nil
	}
}

// unlocked goes on without a lock. It does not say so if nothing can be saved there either: that
// one failure is to be told once.
func (f *File) unlocked(name string, err error) (unlock func()) {
	if path, pathErr := f.path(); pathErr == nil && f.onDisk() && fileperm.Writable(filepath.Dir(path)) != nil {
		return func() {}
	}
	if !errors.Is(err, fileperm.ErrUnsafe) {
		err = fault(filepath.Dir(name), err)
	}
	f.warn("no lock can be had, so programs that start together each log in", "error", err)
	return func() {}
}

// onDisk reports whether there are files that can be locked.
func (f *File) onDisk() bool {
	_, ok := f.fs().(*afero.OsFs)
	return ok
}

func (f *File) fs() afero.Fs {
	if f.FS == nil {
		return osFS
	}
	return f.FS
}

var osFS = afero.NewOsFs()
