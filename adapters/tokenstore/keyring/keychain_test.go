package keyring_test

import (
	"errors"
	"testing"

	lib "github.com/99designs/keyring"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
)

// keychain is a macOS keychain as the library shows it: whatever goes wrong, the key is not there.
type keychain struct {
	*lib.ArrayKeyring

	locked  bool
	listing error // of its names
}

func (k *keychain) Get(name string) (lib.Item, error) {
	if k.locked {
		return lib.Item{}, lib.ErrKeyNotFound
	}
	return k.ArrayKeyring.Get(name)
}

func (k *keychain) Keys() ([]string, error) {
	if k.listing != nil {
		return nil, k.listing
	}
	return k.ArrayKeyring.Keys()
}

func TestAKeychainThatDoesNotGiveItsKey(t *testing.T) {
	for reason, listing := range map[string]error{
		"it has the key and does not give it": nil,
		"user interaction is not allowed":     errors.New("user interaction is not allowed"),
	} {
		t.Run(reason, func(t *testing.T) {
			chain := &keychain{ArrayKeyring: lib.NewArrayKeyring(nil)}
			s := newStore(t, keyring.OnLibrary(keyring.Keychain, chain))
			token := keep(t, s, "mine")
			s = again(s)
			chain.locked, chain.listing = true, listing
			_, err := s.Load(t.Context(), keyOf("mine"))
			wantError(t, err, keyring.ErrDenied, "keyring keychain", reason)
			if errors.Is(err, core.ErrNoToken) {
				t.Errorf("it counts as no token: %v", err)
			}
			_, err = s.Update(t.Context(), keyOf("mine"), noLogin(t))
			wantError(t, err, keyring.ErrDenied, reason)
			wantError(t, s.Delete(t.Context(), keyOf("mine")), keyring.ErrDenied, reason)
			if kept := asides(t, s); len(kept) != 0 {
				t.Errorf("set aside: %v", kept)
			}
			chain.locked, chain.listing = false, nil
			want(t, s, "mine", token)
		})
	}
}

func TestAKeychainThatTakesAKeyAndDoesNotGiveIt(t *testing.T) {
	chain := &keychain{ArrayKeyring: lib.NewArrayKeyring(nil), locked: true}
	wantError(t, newStore(t, keyring.OnLibrary(keyring.Keychain, chain)).Prepare(t.Context()), keyring.ErrDenied)
}

func TestAKeychainThatHasLostItsKey(t *testing.T) {
	chain := &keychain{ArrayKeyring: lib.NewArrayKeyring(nil)}
	s := newStore(t, keyring.OnLibrary(keyring.Keychain, chain))
	keep(t, s, "mine")
	names, _ := chain.Keys()
	for _, name := range names {
		_ = chain.Remove(name) // a map forgets whatever it is told to
	}
	s = again(s)
	_, err := s.Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrNoKey, fileOf(s), "log in again")
	token := keep(t, s, "mine")
	want(t, again(s), "mine", token)
	if kept := asides(t, s); len(kept) != 1 {
		t.Errorf("set aside: %v", kept)
	}
}
