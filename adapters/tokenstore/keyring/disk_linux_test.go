package keyring_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		testutil.Missing(t, "the right to mount a small disk: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	s := newStore(t, &drawer{})
	s.Dir = filepath.Join(dir, "tokens")
	token := keep(t, s, "mine")
	filler, err := os.Create(filepath.Join(dir, "filler"))
	for err == nil {
		_, err = filler.WriteString(strings.Repeat("x", 4096))
	}
	filler.Close()
	err = save(t.Context(), s, "other", mint("other", 1e12))
	if unsaved, ok := err.(*core.SaveError); !ok {
		t.Errorf("Update: %v, want a core.SaveError", err)
	} else {
		wantFault(t, unsaved.Err, s.Dir, "the disk is full")
	}
	want(t, again(s), "mine", token)

	// An empty file still finds a place, and so does the key's, but not the key.
	s = &keyring.Store{
		Service: "another", Dir: s.Dir, Keyrings: []string{keyring.EncryptedFile}, Logger: newLogger(t.Output()),
		Passphrase: func(context.Context, string) (core.Secret, error) { return core.NewSecret("correct horse"), nil },
	}
	wantFault(t, s.Prepare(t.Context()), s.Dir, "the disk is full")
}
