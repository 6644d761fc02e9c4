//go:build unix

package testutil

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// PublicFolder returns a folder that every user can enter and read, unlike that of t.TempDir, and
// that belongs to the user with that number. It needs root.
func PublicFolder(t testing.TB, uid int) string {
	t.Helper()
	if os.Geteuid() != 0 {
		Missing(t, "root, which can act as another user")
	}
	folder, err := os.MkdirTemp("", "public-") //nolint:usetesting // other users cannot enter the folder of t.TempDir
	if err == nil {
		err = os.Chmod(folder, 0o755) //nolint:gosec // others are to enter it
	}
	if err == nil {
		err = os.Chown(folder, uid, uid)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// PublicProgram returns a copy of this test's program, with the given name, that every user can
// start.
func PublicProgram(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(PublicFolder(t, 0), name)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()                                    // nothing was written
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755) //nolint:gosec // others are to run it
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// AsUser makes a command run with the rights of the user with that number.
func AsUser(cmd *exec.Cmd, uid uint32) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	return cmd
}

// childVariable marks the process that Again starts.
const childVariable = "TAEGIS_TEST_AGAIN"

// Again runs the calling test in another process, as [Stranger] in a folder of that user and with
// these variables only, and returns false there. In the first process it returns true when that is
// done, and the test has nothing more to do.
func Again(t *testing.T, variables ...string) (done bool) {
	t.Helper()
	if os.Getenv(childVariable) == t.Name() {
		return false
	}
	folder := PublicFolder(t, Stranger)
	cmd := exec.CommandContext(t.Context(), PublicProgram(t, "test"), "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = folder
	cmd.Env = append([]string{childVariable + "=" + t.Name(), "TMPDIR=" + folder, "GORACE=atexit_sleep_ms=0"}, variables...)
	if out, err := AsUser(cmd, Stranger).CombinedOutput(); err != nil {
		t.Errorf("as another user: %v\n%s", err, out)
	}
	return true
}
