package keyring_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
)

// emptying drawers can delete their keys, as keyrings of operating systems can.
type emptying struct{ drawer }

func (d *emptying) Remove(_ context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.keys, name)
	return nil
}

// When the last token goes, in whatever way, its file and its key go too.
func TestNoKeyIsLeftBehind(t *testing.T) {
	all := core.TokenKey{Section: "charlie", Host: host}
	for name, empty := range map[string]func(t *testing.T, s *keyring.Store) error{
		"deleting each": func(t *testing.T, s *keyring.Store) error {
			return errors.Join(s.Delete(t.Context(), keyOf("mine")), s.Delete(t.Context(), keyOf("other")))
		},
		"deleting all":              func(t *testing.T, s *keyring.Store) error { return s.Delete(t.Context(), all) },
		"another process":           func(t *testing.T, s *keyring.Store) error { return again(s).Delete(t.Context(), all) },
		"deleting with a fresh one": func(t *testing.T, s *keyring.Store) error { keep(t, s, "other"); return s.Delete(t.Context(), all) },
		"moving them away": func(t *testing.T, s *keyring.Store) error {
			moved, err := tokenstore.Move(t.Context(), s, &tokenstore.Memory{})
			if moved != 2 {
				t.Errorf("moved %d tokens", moved)
			}
			return err
		},
		"the others have expired": func(t *testing.T, s *keyring.Store) error {
			later := again(s)
			later.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
			return later.Delete(t.Context(), keyOf("mine"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := &emptying{}
			s := newStore(t, d)
			keep(t, s, "mine")
			keep(t, s, "other")
			if err := empty(t, s); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(fileOf(s)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file is still there: %v", err)
			}
			if len(d.keys) != 0 {
				t.Errorf("%d keys are left", len(d.keys))
			}
			want(t, s, "mine", keep(t, s, "mine")) // and it goes on
		})
	}
}

// A login that failed has left an empty file, which a logout removes.
func TestLogoutWithoutATokenLeavesNoKey(t *testing.T) {
	d := &emptying{}
	s := newStore(t, d)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), core.TokenKey{Section: "charlie", Host: host}); err != nil || len(d.keys) != 0 {
		t.Errorf("Delete: %v; %d keys are left", err, len(d.keys))
	}
}

// A keyring that does not give its key back does not make a logout fail.
func TestAKeyThatCannotBeDeleted(t *testing.T) {
	s := newStore(t, &drawer{}) // which is no KeyDeleter
	keep(t, s, "mine")
	if err := s.Delete(t.Context(), keyOf("mine")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(fileOf(s)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestNoProtectedKeyIsLeftBehind(t *testing.T) {
	s := onPassphrase(t)
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	keep(t, s, "mine")
	if err := again(s).Delete(t.Context(), keyOf("mine")); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(fileOf(s) + ".keys")
	if len(left) != 0 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v", left, err)
	}
}

// What an authenticator keeps keeps its file, also while there is no token.
func TestAStateKeepsItsFile(t *testing.T) {
	d := &emptying{}
	s := newStore(t, d)
	if err := s.SaveState(t.Context(), keyOf("mine"), core.NewSecret("refresh")); err != nil {
		t.Fatal(err)
	}
	keep(t, s, "other")
	if err := s.Delete(t.Context(), keyOf("other")); err != nil {
		t.Fatal(err)
	}
	if state, err := again(s).LoadState(t.Context(), keyOf("mine")); err != nil || state.Reveal() != "refresh" {
		t.Errorf("LoadState: %q, %v", state.Reveal(), err)
	}
	if err := s.Delete(t.Context(), core.TokenKey{Section: "charlie", Host: host}); err != nil || len(d.keys) != 0 {
		t.Errorf("Delete: %v; %d keys are left", err, len(d.keys))
	}
}
