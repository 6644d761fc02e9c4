//go:build unix

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

// TestSignaturesOfMinisign signs with the program minisign and verifies with this one, and the
// other way round.
func TestSignaturesOfMinisign(t *testing.T) {
	minisign := testutil.Program(t, "minisign")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("program"), []byte("a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(minisign, args...).CombinedOutput(); err != nil {
			t.Fatalf("minisign %v: %v\n%s", args, err, out)
		}
	}
	key := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		_, public, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		return public
	}
	theirs, ours := path("theirs.key"), path("ours.key")
	run("-G", "-W", "-p", path("theirs.pub"), "-s", theirs)
	taegis(t, 0, "plugin", "keygen", "--no-passphrase", "--output", ours)

	run("-S", "-s", theirs, "-m", path("program"), "-t", "release 1")
	if out := taegis(t, 0, "plugin", "verify", path("program"), "--key", key("theirs.pub")); !strings.Contains(out, "release 1") {
		t.Errorf("the trusted comment is not shown: %s", out)
	}
	taegis(t, 1, "plugin", "verify", path("program"), "--key", key("ours.key.pub"))
	for _, secret := range []string{ours, theirs} { // a key of either
		taegis(t, 0, "plugin", "sign", path("program"), "--key", secret)
		public := map[string]string{ours: "ours.key.pub", theirs: "theirs.pub"}[secret]
		run("-V", "-p", path(public), "-m", path("program"))
		taegis(t, 0, "plugin", "verify", path("program"), "--key", key(public))
	}
	run("-S", "-s", ours, "-m", path("program")) // a key of this program signs by minisign
	taegis(t, 0, "plugin", "verify", path("program"), "--key", key("ours.key.pub"))
	if err := os.WriteFile(path("program"), []byte("another one"), 0o700); err != nil {
		t.Fatal(err)
	}
	taegis(t, 1, "plugin", "verify", path("program"), "--key", key("ours.key.pub"))
}
