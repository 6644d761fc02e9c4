//go:build unix

package testutil

import (
	"os"
	"testing"
)

// AdministeredFolder returns a folder of root with folders up to / that are root's alone, unlike
// those of temporary files. Every user can enter it. It needs root.
func AdministeredFolder(t testing.TB) string {
	t.Helper()
	if os.Geteuid() != 0 {
		Missing(t, "root, which has folders of its own")
	}
	folder, err := os.MkdirTemp("/opt", "taegis-test-") //nolint:usetesting // others can write to the folder around t.TempDir
	if err == nil {
		err = os.Chmod(folder, 0o755) //nolint:gosec // others are to enter it
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}
