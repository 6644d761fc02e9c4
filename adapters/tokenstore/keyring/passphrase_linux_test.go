package keyring_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
)

// protected returns a store with two tokens and the passphrase "correct horse".
func protected(t *testing.T) (s *keyring.Store, mine, other core.Token) {
	s = onPassphrase(t)
	s.Passphrase = answer("correct horse", nil)
	return s, keep(t, s, "mine"), keep(t, s, "other")
}

func TestChangePassphrase(t *testing.T) {
	s, mine, other := protected(t)
	before := contentOf(t, fileOf(s))
	if err := again(s).ChangePassphrase(t.Context(), core.NewSecret("battery staple")); err != nil {
		t.Fatal(err)
	}
	fresh := again(s)
	fresh.Passphrase = answer("battery staple", nil)
	want(t, fresh, "mine", mine)
	want(t, fresh, "other", other)
	for name, old := range map[string]*keyring.Store{"a new process": again(s), "a process that has the old key": s} {
		_, err := old.Load(t.Context(), keyOf("mine"))
		wantError(t, err, keyring.ErrDenied, "the passphrase is wrong", "use the new one")
		if err := save(t.Context(), old, "late", mint("late", time.Hour)); !errors.Is(err, keyring.ErrDenied) {
			t.Errorf("%s: Update: %v", name, err)
		}
	}
	want(t, fresh, "mine", mine)
	if keys, err := os.ReadDir(fileOf(s) + ".keys"); len(keys) != 1 || err != nil {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	if before == contentOf(t, fileOf(s)) {
		t.Error("the file has the old key")
	}
}

func TestPassphraseThatCannotBeChanged(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *keyring.Store)
		fresh  string
		want   error
		part   string
	}{
		"the old one is wrong":    {func(s *keyring.Store) { s.Passphrase = answer("wrong", nil) }, "battery staple", keyring.ErrDenied, "passphrase is wrong"},
		"no prompt is possible":   {func(s *keyring.Store) { s.Passphrase = nil }, "battery staple", keyring.ErrLocked, keyring.PassphraseVariable},
		"prompts are disabled":    {func(s *keyring.Store) { s.NonInteractive = true }, "battery staple", keyring.ErrLocked, keyring.PassphraseVariable},
		"the new one is empty":    {func(*keyring.Store) {}, "", keyring.ErrDenied, "empty"},
		"there is no sealed file": {func(s *keyring.Store) { s.Service = "nothing" }, "battery staple", core.ErrNoToken, "log in first"},
	} {
		t.Run(name, func(t *testing.T) {
			s, mine, _ := protected(t)
			before := contentOf(t, fileOf(s))
			other := again(s)
			c.change(other)
			err := other.ChangePassphrase(t.Context(), core.NewSecret(c.fresh))
			wantError(t, err, c.want, c.part)
			if contentOf(t, fileOf(s)) != before {
				t.Error("the file has changed")
			}
			want(t, again(s), "mine", mine)
		})
	}
	s := newStore(t, &drawer{})
	keep(t, s, "mine")
	store, isStore := errors.AsType[*core.StoreError](s.ChangePassphrase(t.Context(), core.NewSecret("battery staple")))
	if !isStore || store.HintText == "" {
		t.Error("a keyring without a passphrase gave no error with a hint")
	}
}

// The file is as it was if its replacement fails, and the key that was made for it goes.
func TestPassphraseOnAFullDisk(t *testing.T) {
	s, mine, _ := protected(t)
	keys, err := os.ReadDir(fileOf(s) + ".keys")
	if err != nil {
		t.Fatal(err)
	}
	stale := filepath.Join(fileOf(s)+".keys", "0011223344556677")
	if err := os.WriteFile(stale, []byte("of a process that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	undo := forbidRename(t, fileOf(s))
	err = again(s).ChangePassphrase(t.Context(), core.NewSecret("battery staple"))
	undo()
	if err == nil {
		t.Fatal("it was replaced")
	}
	want(t, again(s), "mine", mine)
	left, _ := os.ReadDir(fileOf(s) + ".keys")
	if len(left) != len(keys) {
		t.Errorf("%d keys are left, want %d", len(left), len(keys))
	}
}

// Logins of other processes are kept while the passphrase changes: each is stored with one of the
// two keys, or fails.
func TestPassphraseChangesDuringLogins(t *testing.T) {
	s, mine, _ := protected(t)
	var logins sync.WaitGroup
	stored := make([]core.Token, 8)
	for i := range stored {
		logins.Go(func() {
			process := again(s)
			if i%2 == 1 {
				process.Passphrase = answer("battery staple", nil)
			}
			name := fmt.Sprint("client ", i)
			token := mint(name, time.Hour)
			switch err := save(t.Context(), process, name, token); {
			case err == nil:
				stored[i] = token
			case !errors.Is(err, keyring.ErrDenied):
				t.Errorf("Update: %v", err)
			}
		})
	}
	if err := again(s).ChangePassphrase(t.Context(), core.NewSecret("battery staple")); err != nil {
		t.Error(err)
	}
	logins.Wait()
	fresh := again(s)
	fresh.Passphrase = answer("battery staple", nil)
	want(t, fresh, "mine", mine)
	for i, token := range stored {
		if !token.IsZero() {
			want(t, fresh, fmt.Sprint("client ", i), token)
		}
	}
}

// forbidRename makes the replacement of a file fail until undo is called: a file system is mounted on
// it.
func forbidRename(t *testing.T, path string) (undo func()) {
	t.Helper()
	if err := syscall.Mount(path, path, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("needs root, which can mount a file on itself: %v", err)
	}
	return func() {
		if err := syscall.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	}
}
