package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

func TestKinds(t *testing.T) {
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	t.Setenv("TAEGIS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	want := map[string]string{
		keyring.Auto:          "*keyring.Store",
		keyring.Sealed:        "*keyring.Store",
		keyring.EncryptedFile: "*keyring.Store",
		keyring.PlainFile:     "*tokenstore.File",
		keyring.Memory:        "*tokenstore.Memory",
	}
	for _, kind := range keyring.Kinds() {
		for _, fromVariable := range []bool{false, true} {
			given := kind
			t.Setenv(keyring.KindVariable, "post-it")
			if fromVariable {
				given = ""
				t.Setenv(keyring.KindVariable, kind)
			}
			s := newStore(t, &drawer{})
			if kind == keyring.EncryptedFile {
				s.Keeper = nil
			}
			store, err := keyring.Open(t.Context(), given, s)
			if err != nil || fmt.Sprintf("%T", store) != want[kind] {
				t.Errorf("%s: %T, %v", kind, store, err)
				continue
			}
			keep(t, store, "mine")
			_, isFile := store.(*tokenstore.File)
			if sealed := len(sealedFiles(t, s)) == 1; sealed != (want[kind] == "*keyring.Store") {
				t.Errorf("%s: sealed: %v, plain file: %v", kind, sealed, isFile)
			}
		}
	}
	_, err := keyring.Open(t.Context(), "post-it", newStore(t, nil))
	if _, ok := errors.AsType[*core.StoreError](err); !ok || core.Remedy(err) == "" {
		t.Errorf("no such kind: %v", err)
	}
}

func sealedFiles(t *testing.T, s *keyring.Store) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Dir, "*.sealed"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// noKeyrings leaves this machine without keyrings.
func noKeyrings(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	t.Setenv("PATH", t.TempDir())
	t.Setenv(keyring.PassphraseVariable, "")
	t.Setenv(keyring.KindVariable, "")
}

func TestAutoNeverStepsDownToPlainText(t *testing.T) {
	noKeyrings(t)
	s := newStore(t, nil)
	s.Backends = []string{keyring.SecretService, keyring.Pass}
	s.Passphrase = func(context.Context, string) (core.Secret, error) {
		t.Error("a person was asked for a passphrase")
		return core.Secret{}, core.ErrCancelled
	}
	store, err := keyring.Open(t.Context(), keyring.Auto, s)
	if store != nil {
		t.Errorf("a store: %T", store)
	}
	wantError(t, err, keyring.ErrAbsent, "export TAEGIS_TOKEN_STORAGE=encrypted-file", "export TAEGIS_TOKEN_STORAGE=file")
	t.Log(err)
	if len(sealedFiles(t, s)) != 0 {
		t.Error("a file was made")
	}
}

func TestAutoTakesAPassphraseThatIsThere(t *testing.T) {
	noKeyrings(t)
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	sealed := newStore(t, nil)
	sealed.Backends = []string{keyring.EncryptedFile}
	token := keep(t, sealed, "mine")
	again := newStore(t, nil)
	again.Dir = sealed.Dir
	t.Setenv(keyring.PassphraseVariable, "")
	again.Passphrase = answer("correct horse", nil)
	store, err := keyring.Open(t.Context(), "", again) // what was chosen once stays
	if err != nil {
		t.Fatal(err)
	}
	want(t, store, "mine", token)
}

func TestMoveIntoASealedFileAndBack(t *testing.T) {
	plain := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config"), Logger: newLogger(t.Output())}
	sealed := newStore(t, &drawer{})
	tokens := map[string]core.Token{}
	for _, client := range []string{"a", "b", "c"} {
		tokens[client] = keep(t, plain, client)
	}
	for _, c := range []struct {
		from tokenstore.Source
		to   ports.TokenStore
	}{{plain, sealed}, {sealed, plain}, {plain, sealed}} {
		if moved, err := tokenstore.Move(t.Context(), c.from, c.to); moved != 3 || err != nil {
			t.Errorf("moved %d: %v", moved, err)
		}
		for key, err := range c.from.List(t.Context()) {
			t.Errorf("left behind: %v, %v", key, err)
		}
		for client, token := range tokens {
			want(t, c.to, client, token)
		}
	}
	if moved, err := tokenstore.Move(t.Context(), sealed, again(sealed)); moved != 0 || err == nil {
		t.Errorf("moved %d to the same place: %v", moved, err)
	}
	for client, token := range tokens {
		want(t, sealed, client, token)
	}
}

func TestAutoSaysThatAKeyringIsLocked(t *testing.T) {
	s := newStore(t, &drawer{err: keyring.ErrLocked})
	if store, err := keyring.Open(t.Context(), keyring.Auto, s); store != nil || !errors.Is(err, keyring.ErrLocked) {
		t.Errorf("%T, %v", store, err)
	}
}
