package filelock_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/taegis-go/taegis/internal/filelock"
)

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	wantHeld := func(want bool) {
		t.Helper()
		if locked, err := filelock.Locked(path); locked != want || err != nil {
			t.Errorf("Held: %v, %v, want %v", locked, err, want)
		}
	}
	wantHeld(false)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	l, err := filelock.Try(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	wantHeld(true)
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	wantHeld(false)
	wantHeld(false) // looking has left it free
}
