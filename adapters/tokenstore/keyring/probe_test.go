package keyring_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
)

// lender is a keyring in memory that gives keys back.
type lender struct {
	drawer
	removed int
	stuck   error // of every removal
}

func (l *lender) Remove(_ context.Context, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.removed++
	delete(l.keys, name)
	return l.stuck
}

func TestAProbeLeavesNothingBehind(t *testing.T) {
	stuck := errors.New("stuck")
	for name, c := range map[string]struct {
		keeper *lender
		want   error
	}{
		"works":       {&lender{}, nil},
		"absent":      {&lender{drawer: drawer{err: keyring.ErrAbsent}}, keyring.ErrAbsent},
		"locked":      {&lender{drawer: drawer{err: keyring.ErrLocked}}, keyring.ErrLocked},
		"deaf":        {&lender{drawer: drawer{deaf: true}}, keyring.ErrAbsent},
		"never gives": {&lender{stuck: stuck}, stuck},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, c.keeper)
			if _, err := s.Probe(t.Context()); !errors.Is(err, c.want) {
				t.Errorf("Probe: %v, want %v", err, c.want)
			}
			if c.keeper.removed != 1 || len(c.keeper.keys) != 0 {
				t.Errorf("%d removals, %d keys are left", c.keeper.removed, len(c.keeper.keys))
			}
			if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
				t.Errorf("a folder was made: %v", err)
			}
		})
	}
}

func TestAProbeOfASealedFile(t *testing.T) {
	keyStore := &lender{}
	s := newStore(t, keyStore)
	token := keep(t, s, "mine")
	before := contentOf(t, fileOf(s))
	if backend, err := again(s).Probe(t.Context()); backend != "custom" || err != nil || keyStore.removed != 0 {
		t.Errorf("Probe: %q, %v, %d removals", backend, err, keyStore.removed)
	}
	if contentOf(t, fileOf(s)) != before {
		t.Error("the file was changed")
	}
	want(t, again(s), "mine", token)
	clear(keyStore.keys)
	_, err := again(s).Probe(t.Context())
	wantError(t, err, keyring.ErrNoKey, fileOf(s))
}

// Who cannot give a key back is not given one, and a passphrase is not asked for.
func TestWhatIsNotProbed(t *testing.T) {
	plain := &drawer{}
	if backend, err := newStore(t, plain).Probe(t.Context()); backend != "custom" || err != nil || plain.gets != 0 {
		t.Errorf("a plain KeyStore: %q, %v, %d reads", backend, err, plain.gets)
	}
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.EncryptedFile}
	if backend, err := s.Probe(t.Context()); backend != keyring.EncryptedFile || err != nil {
		t.Errorf("a file with a passphrase: %q, %v", backend, err)
	}
}
