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

// Probe checks whether tokens can be stored, and changes nothing. It reads the key of the sealed
// file. If there is no such file, Probe stores a key in a keyring, reads it and deletes it. It
// returns the name of the keyring. Its errors are those of [Store.Prepare], and like that it may
// prompt the user.
//
// For a new file, the backend [EncryptedFile] counts as working, and so does a KeyStore that is not
// a [KeyDeleter]. If NonInteractive is set, so does [Pass], because GnuPG does not report
// beforehand whether it would prompt.
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
