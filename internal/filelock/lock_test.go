package filelock_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/filelock"
)

func TestOneHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	locked, err := filelock.Try(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Try(path, 0o600); !errors.Is(err, filelock.ErrLocked) {
		t.Errorf("a second Try: %v", err)
	}
	if err := locked.Unlock(); err != nil {
		t.Error(err)
	}
	again, err := filelock.Try(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Unlock()
}

func TestWaitTurnsUpWhenTheLockIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	inside, most, mu := 0, 0, sync.Mutex{}
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		inside += by
		most = max(most, inside)
	}
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			l, err := filelock.Wait(t.Context(), path, 0o600)
			if err != nil {
				t.Error(err)
				return
			}
			count(+1)
			count(-1)
			if err := l.Unlock(); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	if most != 1 {
		t.Errorf("%d held the lock at once", most)
	}
}

func TestWaitObeysItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	locked, err := filelock.Try(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Unlock()
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Millisecond, gaveUp)
	defer cancel()
	if _, err := filelock.Wait(ctx, path, 0o600); !errors.Is(err, gaveUp) {
		t.Errorf("Wait: %v", err)
	}
}

// If a process removes the file while others wait for its lock, only one of them gets it.
func TestARemovedFileIsNoLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Try(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	removed := false
	var second *filelock.Lock
	var waiter sync.WaitGroup
	waiter.Go(func() {
		if second, err = filelock.Wait(t.Context(), path, 0o600); err != nil {
			t.Error(err)
		}
	})
	if removed = os.Remove(path) == nil; !removed {
		t.Log("a locked file cannot be removed here")
	}
	if err := first.Unlock(); err != nil {
		t.Error(err)
	}
	waiter.Wait()
	defer second.Unlock()
	if _, err := filelock.Try(path, 0o600); !errors.Is(err, filelock.ErrLocked) {
		t.Errorf("a third one: %v", err)
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), path); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if l, err := filelock.Try(path, 0o600); err == nil || errors.Is(err, filelock.ErrLocked) {
		t.Errorf("%v, %v", l, err)
	}
}

func TestNoFolder(t *testing.T) {
	_, err := filelock.Wait(t.Context(), filepath.Join(t.TempDir(), "none", "lock"), 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Wait: %v", err)
	}
}

func TestNote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if _, err := filelock.Note(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	l, err := filelock.Try(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Unlock()
	for _, note := range []string{strings.Repeat("long", 10), "short"} {
		if err := l.SetNote(note + "\n"); err != nil {
			t.Fatal(err)
		}
		if got, err := filelock.Note(path); got != note || err != nil {
			t.Errorf("Note: %q, %v; want %q", got, err, note)
		}
	}
}
