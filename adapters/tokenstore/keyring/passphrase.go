package keyring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/taegis-go/taegis/core"
)

// Sealed returns the name of the keyring that holds the key of the sealed file, or an error that
// wraps [core.ErrNoToken] if there is no file or it cannot be opened any more. It asks no keyring.
func (s *Store) Sealed() (backend string, err error) {
	p, err := s.place()
	if err != nil {
		return "", err
	}
	data, err := p.read()
	if errors.Is(err, fs.ErrNotExist) {
		return "", noTokens(p)
	}
	if err != nil {
		return "", err
	}
	h, _, _, err := split(data)
	if err != nil {
		return "", lost(p.file, withCause(ErrDamaged, err), err.Error())
	}
	return h.backend, nil
}

// ChangePassphrase protects the tokens of the backend [EncryptedFile] with another passphrase. It
// asks for the present one as Load does, and changes nothing if that is wrong ([ErrDenied]) or
// cannot be asked for ([ErrLocked]).
//
// The tokens are sealed with a new key, so that the old passphrase does not open them even with a
// copy of the old key. At any moment either passphrase opens the file with all its tokens, also if
// this process is killed. Other processes that have the old passphrase get [ErrDenied] from then
// on, and store nothing until they have the new one.
//
// If there is no file, the error wraps [core.ErrNoToken]. If another keyring holds its key, it is a
// [*core.StoreError].
func (s *Store) ChangePassphrase(ctx context.Context, passphrase core.Secret) error {
	p, err := s.place()
	if err != nil {
		return err
	}
	if passphrase.IsZero() {
		return trouble(ErrDenied, EncryptedFile, "the new passphrase is empty", "choose another one", nil)
	}
	if _, err := s.protected(ctx, p); err != nil { // may prompt, so not under the lock
		return err
	}
	unlock, err := s.lockFile(ctx, p)
	if err != nil {
		return err
	}
	defer unlock()
	b, err := s.protected(ctx, p)
	if err != nil {
		return err
	}
	old := b.header
	if b.header, b.secret, err = s.newProtectedKey(ctx, passphrase); err != nil {
		return err
	}
	if err := b.replace(p); err != nil {
		p.dropKeys()
		return err
	}
	_ = s.dropKey(ctx, old) // it opens nothing any more, and dropKeys tries again
	p.dropKeys()
	return nil
}

// protected opens the sealed file if a passphrase protects its key.
func (s *Store) protected(ctx context.Context, p place) (*sealedFile, error) {
	b, err := s.unseal(ctx, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, noTokens(p)
	case err != nil:
		return nil, err
	case b.backend != EncryptedFile:
		return nil, &core.StoreError{
			Store: p.file, Reason: fmt.Sprintf("its key is in the keyring %s, which has no passphrase of this program", b.backend),
			HintText: "change the passphrase of that keyring",
		}
	}
	return b, nil
}

func noTokens(p place) error {
	return &core.StoreError{Store: p.file, Reason: "there are no sealed tokens", HintText: "log in first; that asks for a passphrase", Err: core.ErrNoToken}
}

// newProtectedKey makes a key that a passphrase protects. It reads the key back before it is used.
func (s *Store) newProtectedKey(ctx context.Context, passphrase core.Secret) (h header, key []byte, err error) {
	if err := s.keys.enter(ctx); err != nil {
		return header{}, nil, err
	}
	defer s.keys.leave()
	keyStore, err := s.newLibrary(EncryptedFile)
	if err != nil {
		return header{}, nil, err
	}
	keyStore.passphrase = func(context.Context, string) (core.Secret, error) { return passphrase, nil }
	random := make([]byte, 8+keySize)
	_, _ = rand.Read(random) // never fails
	id, key := hex.EncodeToString(random[:8]), random[8:]
	if err := probe(ctx, keyStore, EncryptedFile, id, key); err != nil {
		return header{}, nil, err
	}
	s.keys.known[id] = core.NewSecret(string(key))
	return header{EncryptedFile, id}, key, nil
}
