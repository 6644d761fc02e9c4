package keyring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
)

// KeyDeleter is implemented by a [KeyStore] that can take a key away again, as all of ours can.
type KeyDeleter interface {
	// Remove takes a key away. One that is not there is no error.
	Remove(ctx context.Context, name string) error
}

// Probe looks whether tokens can be kept, and leaves everything as it was. It gets the key of the
// sealed file; where there is no such file, it gives a keyring a key, reads it and takes it away.
// It returns the name of the keyring. Its errors are those of [Store.Prepare], and it may ask a
// user as that does.
//
// For a new file, the backend [EncryptedFile] counts as working, and so does a Keeper that is no [KeyDeleter].
// Where nobody may be asked, so does [Pass]: GnuPG does not let it be known beforehand whether it
// would ask.
func (s *Store) Probe(ctx context.Context) (backend string, err error) {
	p, err := s.place()
	if err != nil {
		return "", err
	}
	file, err := s.unseal(ctx, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.try(ctx)
	case err != nil:
		return "", err
	}
	return file.backend, nil
}

// try returns the name of the first keyring that keeps a key, as newKey would find it.
func (s *Store) try(ctx context.Context) (backend string, err error) {
	if err := s.keys.enter(ctx); err != nil {
		return "", err
	}
	defer s.keys.leave()
	var absent []error
	for _, backend := range s.allowed() {
		keyStore, err := s.keyStore(backend)
		if err == nil {
			err = s.lend(ctx, keyStore, backend)
		}
		if err == nil || !errors.Is(err, ErrAbsent) {
			return backend, err
		}
		absent = append(absent, err)
	}
	return "", nowhere(absent)
}

// lend gives the keeper a key and takes it away, whatever comes in between.
func (s *Store) lend(ctx context.Context, keyStore KeyStore, backend string) (err error) {
	remover, ok := keyStore.(KeyDeleter)
	if !ok || backend == EncryptedFile || backend == Pass && s.NonInteractive {
		return nil
	}
	random := make([]byte, 8+keySize)
	_, _ = rand.Read(random) // never fails
	name := "probe-" + hex.EncodeToString(random[:8])
	defer func() {
		tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.answerTimeout())
		defer cancel()
		if failed := remover.Remove(tidy, name); err == nil {
			err = failed
		}
	}()
	return probe(ctx, keyStore, backend, name, random[8:])
}
