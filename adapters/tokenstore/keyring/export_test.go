package keyring

import lib "github.com/99designs/keyring"

// OnLibrary returns the keyring of that name as it is where the library opens ring for it.
func OnLibrary(backend string, ring lib.Keyring) KeyStore {
	return &library{
		backend: backend, busy: make(chan struct{}, 1), limit: unlockTimeout,
		open: func(lib.Config) (lib.Keyring, error) { return ring, nil },
	}
}
