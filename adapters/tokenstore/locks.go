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
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// The time limits for taking the lock that is shared with Python. Its holder only reads and
// rewrites a small file.
const (
	readPatience  = time.Second
	writePatience = 10 * time.Second
)

// pythonsMode is the mode with which Python creates the shared lock, less the umask: all users that
// share the file can share its lock.
const pythonsMode fs.FileMode = 0o666

// errBusy is returned if another program holds the shared lock.
var errBusy = errors.New("another program keeps it locked")

// rewriteLock is the file in the folder of locks that is locked to rewrite the shared one.
const rewriteLock = "rewrite"

// lockRewrite takes the locks for rewriting the file, and fails as lockFile does. The lock that is
// shared with Python does not exclude other programs of this SDK: Python removes the lock file
// after releasing it, and a process that locked it in between holds a lock that no other process
// can find. Programs of this SDK therefore take a lock of their own first, which is never removed.
//
// Last, lockRewrite takes the lock within this process, because a store with another file system may
// lead to the same file.
//
// If clears is set and waiting times out, lockRewrite logs a warning and returns without the shared
// lock.
func (f *File) lockRewrite(ctx context.Context, path string, clears bool) (unlock func(), err error) {
	waiting, cancel := context.WithTimeoutCause(ctx, f.patience(clears), errBusy)
	defer cancel()
	unlockOwn, unlockShared, unlockWithin := func() {}, func() {}, func() {}
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
	if err == nil && f.onDisk() {
		if unlockWithin, err = rewriting.lock(ctx, nameOf(path)); err != nil {
			unlockShared()
		}
	}
	if err != nil {
		unlockOwn()
		return nil, err
	}
	f.stuck.Store(false)
	return func() {
		unlockWithin()
		unlockShared()
		unlockOwn()
	}, nil
}

// patience returns the time limit for taking the locks. A logout clears more than once, and waits
// for a stuck lock in full only the first time.
func (f *File) patience(clears bool) time.Duration {
	if clears && f.stuck.Load() {
		return readPatience
	}
	return writePatience
}

// lockOwn takes this SDK's own lock, or fails with the cause of ctx. If the lock cannot be created,
// the shared lock has to suffice.
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

// lockFile takes the lock that is shared with Python. It fails with errBusy or the cause of ctx. If
// locks are impossible, it logs a warning and succeeds.
func (f *File) lockFile(ctx context.Context, path string, patience time.Duration) (unlock func(), err error) {
	waiting, cancel := context.WithTimeoutCause(ctx, patience, errBusy)
	defer cancel()
	if !f.onDisk() {
		return rewriting.lock(waiting, nameOf(path))
	}
	name := sharedLock(path)
	l, err := filelock.Wait(waiting, name, pythonsMode)
	return f.taken(waiting, name, l, err)
}

// Locks returns the paths of the locks: the file that is locked to rewrite this one, and the folder
// with a file NAME.lock for each login. They need not exist. Both paths are empty if the file is
// the null device, which needs no locks. The error is that of [DefaultPath].
func (f *File) Locks() (file, logins string, err error) {
	path, err := f.path()
	if err != nil || f.isNull(path) {
		return "", "", err
	}
	return sharedLock(path), f.ownLocks(path), nil
}

// ownLocks returns the folder of this SDK's own locks. It is next to the target of path, because
// programs that use different names for the file have only the target in common.
func (f *File) ownLocks(path string) string {
	target, err := f.follow(path)
	if err != nil {
		target = path // nor can it be written
	}
	return target + ".logins"
}

// sharedLock returns the file that Python locks for the file at path: its name with the extension
// ".lock". Python does not resolve symbolic links for that, and neither does sharedLock.
func sharedLock(path string) string {
	extension := filepath.Ext(strings.TrimLeft(filepath.Base(path), "."))
	if extension == ".lock" {
		return path + ".lock" // else the file would be its own lock, which Python removes
	}
	return strings.TrimSuffix(path, extension) + ".lock"
}

// lockLogin takes the lock for refreshing the token of key. If that takes a while, it logs a
// warning that names the process it waits for. The lock file is never removed. Only its owner can
// use it, because other users could hold the lock indefinitely; a folder that other users can write
// to is not used. A non-interactive process does not get here for a user's key, because its
// authenticator is unavailable.
func (f *File) lockLogin(ctx context.Context, path string, key core.TokenKey) (unlock func(), err error) {
	if !f.onDisk() || f.isNull(path) {
		return loggingIn.lock(ctx, f.loginOf(path, key))
	}
	if err := f.makeFolder(path); err != nil {
		return f.unlocked(path, err), nil
	}
	name, err := fileperm.Place(f.ownLocks(path), digest.Of(key.Section, key.Host, string(key.Account))+".lock")
	if err != nil {
		return f.unlocked(name, err), nil
	}
	l, err := filelock.WaitNoted(ctx, name, fileperm.FileMode, func(pid string) {
		f.logger().Warn("waiting for another program that is logging in; interrupt to give up",
			"pid", pid, "environment", key.Section, "account", string(key.Account))
	})
	return f.taken(ctx, name, l, err)
}

// taken converts the result of waiting for a lock into an unlock function.
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

// unlocked logs a warning and continues without a lock. It logs nothing if the folder is not
// writable, because that failure is reported when the token is stored.
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

// onDisk reports whether the file system supports locks.
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
