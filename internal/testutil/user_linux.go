package testutil

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// WithoutRoot runs work without the rights of root over files, in a folder of the test that belongs to
// another user then.
func WithoutRoot(t testing.TB, folder string, work func()) {
	t.Helper()
	if os.Getuid() != 0 {
		work()
		return
	}
	runtime.LockOSThread() // for good: the thread ends with the test's goroutine
	for _, dir := range []string{folder, filepath.Dir(folder)} {
		if err := os.Chown(dir, Stranger, Stranger); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Setfsuid(Stranger); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Setfsuid(0) }()
	work()
}
