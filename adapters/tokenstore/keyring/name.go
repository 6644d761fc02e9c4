package keyring

import "slices"

// Name returns the backend that the store is: [EncryptedFile], [Keyring], or [Auto] if it may become
// either.
func (s *Store) Name() string {
	switch {
	case !slices.Contains(s.Keyrings, EncryptedFile):
		return Keyring
	case len(s.Keyrings) == 1:
		return EncryptedFile
	}
	return Auto
}
