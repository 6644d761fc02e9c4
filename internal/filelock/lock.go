// Package filelock provides exclusive locks between processes. The operating system releases a lock
// when its process ends, however it ends, so there are no abandoned locks.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrLocked is returned by [Try] while another process holds the lock.
var ErrLocked = errors.New("the lock is held")

// ErrNone is wrapped by the errors of a file system that has no locks.
var ErrNone = errors.New("its file system has no locks")

// Lock is an exclusive lock on a file, in effect between processes and within one.
type Lock struct{ file *os.File }

// Try takes the lock on the file at path, which it creates with the mode if it is missing. It does
// not wait: it returns [ErrLocked] while another process holds the lock. It does not follow a
// symbolic link at path. Any other error means that locking is impossible: the file cannot be
// opened or, with [ErrNone], not locked.
//
// Every process that can read the file can hold its lock for any time.
func Try(path string, mode fs.FileMode) (*Lock, error) {
	for range attempts {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, mode)
		if err != nil {
			return nil, err
		}
		if err := tryLock(file); err != nil {
			_ = file.Close()
			return nil, failure(path, err)
		}
		// A former holder may have removed the file after it was opened: then this lock is on a
		// file that no other process can find.
		if names(path, file) {
			return &Lock{file}, nil
		}
		_ = file.Close()
	}
	return nil, &fs.PathError{Op: "lock", Path: path, Err: errUnstable}
}

// attempts is the number of times in a row that the file may be found replaced before Try gives up.
const attempts = 100

var errUnstable = errors.New("the file is another one each time")

// Wait takes the lock as [Try] does, and waits while another process holds it. If ctx ends first,
// it returns the cause of ctx.
func Wait(ctx context.Context, path string, mode fs.FileMode) (*Lock, error) {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		l, err := Try(path, mode)
		if !errors.Is(err, ErrLocked) {
			return l, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// WaitNoted takes the lock as [Wait] does and leaves this process's id as its note. If that takes
// longer than a second, it calls waiting once, with the id of the holder, or "" if the holder left
// none.
func WaitNoted(ctx context.Context, path string, mode fs.FileMode, waiting func(pid string)) (*Lock, error) {
	report := time.AfterFunc(silence, func() {
		pid, _ := Note(path)
		waiting(pid)
	})
	defer report.Stop()
	l, err := Wait(ctx, path, mode)
	if err == nil {
		_ = l.SetNote(strconv.Itoa(os.Getpid()) + "\n") // a full disk is no reason not to go on
	}
	return l, err
}

// silence is the time for which WaitNoted waits before it calls waiting.
const silence = time.Second

// The pauses between two attempts to take a lock. The kernel would wake a waiter sooner, but a
// thread that blocks in the kernel cannot be cancelled.
const (
	shortestPause = time.Millisecond
	longestPause  = 20 * time.Millisecond
)

// Unlock releases the lock. The file stays, because removing it would let a third process lock
// another file of the same name while a second one waits for this.
func (l *Lock) Unlock() error { return l.file.Close() }

// Locked reports whether a process holds the lock on the file at path. It creates no file; a
// missing file is not locked. Locked takes the lock for a moment to find out.
func Locked(path string) (bool, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = tryLock(file)
	_ = file.Close() // which releases it
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, failure(path, err)
}

// failure wraps an error of tryLock with the path. A file system without locks returns ENOLCK, for
// example NFS without its lock service, or another error for unsupported operations.
func failure(path string, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrLocked):
		return err
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, errors.ErrUnsupported):
		err = fmt.Errorf("%w: %w", ErrNone, err)
	}
	return &fs.PathError{Op: "lock", Path: path, Err: err}
}

// SetNote writes text to the locked file for processes that wait.
func (l *Lock) SetNote(text string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(text), 0)
	return err
}

// Note returns what the holder, or the last one, left in the file at path.
func Note(path string) (string, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxNote))
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("reading the lock's holder: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

const maxNote = 1 << 10

// names reports whether path still names the open file.
func names(path string, file *os.File) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	found, err := os.Lstat(path)
	return err == nil && os.SameFile(opened, found)
}
