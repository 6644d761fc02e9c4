package keyring

import (
	"errors"
	"slices"

	lib "github.com/99designs/keyring"
)

// keychain is the macOS keychain of the library, whose own Get says of whatever goes wrong that the
// key is not there: it looks at what it was given before it looks at the error.
type keychain struct{ lib.Keyring }

var errWithheld = errors.New("it has the key and does not give it")

// Get returns a key. A key is not there if the keychain says so by its list of names, which needs
// no unlocking and hides no error.
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
