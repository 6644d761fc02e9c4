//go:build unix

package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

// A folder that cannot be written is no reason not to log in: the token comes with a SaveError, as
// that of the plain file does, and nothing more is said. Clearing still fails, if there may be
// something to clear.
func TestWhatCannotBeKeptIsUsed(t *testing.T) {
	if testutil.Again(t) {
		return
	}
	for name, c := range map[string]struct {
		mode   os.FileMode // of the folder above the store's own
		clears bool        // there is nothing to clear, for certain
		hints  []string
	}{
		"read-only": {0o500, true, []string{"permission denied", "chmod u+rwx /", "Store.Dir"}},
		"closed":    {0o000, false, []string{"permission denied", "chmod u+rwx /", "Store.Dir"}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s := newStore(t, &drawer{})
			s.Logger = newLogger(&log)
			above := filepath.Dir(s.Dir)
			if err := os.Chmod(above, c.mode); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(above, 0o700) })
			wantUnsaved(t, s, c.hints...)
			if err := s.Delete(t.Context(), keyOf("mine")); (err == nil) != c.clears {
				t.Errorf("Delete: %v", err)
			}
			if log.Len() > 0 {
				t.Errorf("said more than once: %s", log.String())
			}
		})
	}
}

// A token that is there is found in a folder that cannot be written any more, and the next one is
// used.
func TestWhatWasKeptIsFoundInAReadOnlyFolder(t *testing.T) {
	if testutil.Again(t) {
		return
	}
	var log bytes.Buffer
	s := newStore(t, &drawer{})
	s.Logger = newLogger(&log)
	token := keep(t, s, "mine")
	if err := os.Chmod(s.Dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(s.Dir, 0o700) })
	want(t, again(s), "mine", token)
	var unsaved *core.SaveError
	if err := save(t.Context(), s, "other", mint("other", time.Hour)); !errors.As(err, &unsaved) || log.Len() > 0 {
		t.Errorf("Update: %v; log %q", err, log.String())
	}
}

// A user without a home has no place for tokens, and nothing fails because of that.
func TestWithoutAHomeNothingFails(t *testing.T) {
	if testutil.Again(t) {
		return
	}
	if dir, err := keyring.DefaultDir(); err == nil {
		t.Fatalf("there is a home: %s", dir)
	}
	s := &keyring.Store{KeyStore: &drawer{}, Logger: newLogger(t.Output())}
	wantUnsaved(t, s, "home directory is not known", "set HOME")
	if err := s.Delete(t.Context(), keyOf("mine")); err != nil {
		t.Error(err)
	}
	for key, err := range s.List(t.Context()) {
		t.Errorf("List: %v, %v", key, err)
	}
}

// Where the user has not chosen the folder by a program's Dir, the hint is what a user can do.
func TestTheHintIsTheUsers(t *testing.T) {
	if testutil.Again(t, "XDG_STATE_HOME=/proc/state") {
		return
	}
	s := &keyring.Store{KeyStore: &drawer{}, Logger: newLogger(t.Output())}
	_, err := s.Update(t.Context(), keyOf("mine"), func(context.Context, core.Token) (core.Token, error) {
		return mint("mine", time.Hour), nil
	})
	if err == nil || !strings.Contains(err.Error(), "XDG_STATE_HOME") || strings.Contains(err.Error(), "Store.Dir") {
		t.Errorf("Update: %v", err)
	}
}

// A keyring that does not work is no such reason: it stays an error before anybody logs in.
func TestAKeyringThatIsClosedIsNoFolder(t *testing.T) {
	for _, cause := range []error{os.ErrPermission, keyring.ErrAbsent} {
		s := newStore(t, &drawer{err: &core.StoreError{Store: "keyring", Reason: "no", HintText: "see", Err: cause}})
		if _, err := s.Update(t.Context(), keyOf("mine"), noLogin(t)); !errors.Is(err, cause) {
			t.Errorf("Update: %v, want %v", err, cause)
		}
	}
}

// wantUnsaved checks that a store has no token, and returns a new one together with an error with
// these texts.
func wantUnsaved(t *testing.T, s *keyring.Store, texts ...string) {
	t.Helper()
	if _, err := s.Load(t.Context(), keyOf("mine")); !errors.Is(err, core.ErrNoToken) {
		t.Errorf("Load: %v", err)
	}
	token := mint("mine", time.Hour)
	got, err := s.Update(t.Context(), keyOf("mine"), func(context.Context, core.Token) (core.Token, error) { return token, nil })
	var unsaved *core.SaveError
	if !errors.As(err, &unsaved) || !got.AccessToken.Equal(token.AccessToken) {
		t.Errorf("Update: %v, want the token and a SaveError", err)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing in: %v", text, err)
		}
	}
	failed := errors.New("login failed")
	if _, err := s.Update(t.Context(), keyOf("mine"), func(context.Context, core.Token) (core.Token, error) { return core.Token{}, failed }); !errors.Is(err, failed) {
		t.Errorf("Update: %v, want the login's own error", err)
	}
}
