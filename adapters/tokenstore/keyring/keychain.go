package keyring

import (
	"errors"
	"slices"

	lib "github.com/99designs/keyring"
)

// keychain is the macOS keychain of the library. The library's own Get returns ErrKeyNotFound for
// every error, because it checks the result before the error.
type keychain struct{ lib.Keyring }

var errWithheld = errors.New("it has the key and does not give it")

// Get returns a key. It returns ErrKeyNotFound only if the keychain's list of names, which needs no
// unlocking and hides no error, does not contain the name.
func (k keychain) Get(name string) (lib.Item, error) {
	item, err := k.Keyring.Get(name)
	if !errors.Is(err, lib.ErrKeyNotFound) {
		return item, err
	}
	names, listing := k.Keys()
	switch {
	case listing != nil:
		return lib.Item{}, listing
	case slices.Contains(names, name):
		return lib.Item{}, errWithheld
	}
	return lib.Item{}, err
}
