package leaks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// forgetKeys takes the keys of the sealed files below root out of the kernel's keyring, which would
// keep them until the machine restarts. All others there are the user's own.
func forgetKeys(t testing.TB, root string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(root, "*/taegis/tokens/*.sealed*")) // the pattern is a good one
	for _, file := range files {
		data, _ := os.ReadFile(file) // there are folders among them
		var version int
		var key string
		if n, _ := fmt.Sscanf(string(data), "taegis-sealed %d keyctl %s\n", &version, &key); n != 2 {
			continue // another keyring has it
		}
		if err := unlink(key); err != nil {
			t.Errorf("the key of %s: %v", file, err)
		}
	}
}

// unlink takes a key out of those of the command line.
func unlink(key string) error {
	ring, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "keyring", "taegis-sdk/taegis", 0)
	if err != nil {
		return err
	}
	id, err := unix.KeyctlSearch(ring, "user", key, 0)
	if err != nil {
		return err
	}
	_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, ring, 0, 0)
	return err
}
