//go:build !unix || darwin

package keyring

// newSecretService is never called here: the platform does not offer it.
func (s *Store) newSecretService() KeyStore { return nil }
