package keyring

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// KeyStore stores keys under names, as a keyring does. Both methods return when ctx ends. Their
// errors wrap [ErrAbsent], [ErrLocked] or [ErrDenied].
type KeyStore interface {
	// Get returns a key. Its error wraps [ErrNoKey] if the keeper works and has none of that name.
	Get(ctx context.Context, name string) (key []byte, err error)
	// Set keeps a key under a name that is new.
	Set(ctx context.Context, name string, key []byte) error
}

// custom stands in a sealed file for a custom KeyStore.
const custom = "custom"

// keys caches what a store has read from keyrings.
type keys struct {
	once      sync.Once
	asking    chan struct{}          // one slot, held while a keyring is asked
	known     map[string]core.Secret // hidden: a store may be printed
	keyStores map[string]KeyStore
	failed    failure // the latest one
}

// failure is the result of a failed request for a key.
type failure struct {
	of  header
	at  time.Time
	err error
}

// enter waits until no other caller asks a keyring, or ctx ends.
func (k *keys) enter(ctx context.Context) error {
	k.once.Do(func() {
		k.asking, k.known, k.keyStores = make(chan struct{}, 1), map[string]core.Secret{}, map[string]KeyStore{}
	})
	select {
	case k.asking <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (k *keys) leave() { <-k.asking }

// key returns the key of a sealed file. One caller at a time asks a keyring. Callers that wait for
// the same key share its answer, so that the user sees a single prompt.
func (s *Store) key(ctx context.Context, h header) ([]byte, error) {
	began := time.Now()
	if err := s.keys.enter(ctx); err != nil {
		return nil, err
	}
	defer s.keys.leave()
	if key, ok := s.keys.known[h.key]; ok {
		return []byte(key.Reveal()), nil
	}
	if latest := s.keys.failed; latest.of == h && latest.at.After(began) {
		return nil, latest.err
	}
	keyStore, err := s.keyStore(h.backend)
	if err != nil {
		return nil, err
	}
	key, err := keyStore.Get(ctx, h.key)
	if ctx.Err() != nil && err != nil {
		return nil, err // the failure of this caller alone
	}
	if err == nil && len(key) != keySize {
		err = trouble(ErrNoKey, h.backend, fmt.Sprintf("what it holds as %s is no key", h.key), "", nil)
	}
	if err != nil {
		s.keys.failed = failure{h, time.Now(), err}
		return nil, err
	}
	s.keys.known[h.key] = core.NewSecret(string(key))
	return key, nil
}

// newKey makes a key and gives it to the first keyring that keeps it. Its name is new, so that
// no key is ever overwritten, and the write and the read of it prove that the keyring works.
// A keyring that is there, but locked or unwilling, is not passed over.
func (s *Store) newKey(ctx context.Context) (h header, key []byte, err error) {
	if err := s.keys.enter(ctx); err != nil {
		return header{}, nil, err
	}
	defer s.keys.leave()
	random := make([]byte, 8+keySize)
	_, _ = rand.Read(random) // never fails
	id, key := hex.EncodeToString(random[:8]), random[8:]
	var absent []error
	for _, backend := range s.allowed() {
		keyStore, err := s.keyStore(backend)
		if err == nil {
			err = probe(ctx, keyStore, backend, id, key)
		}
		if err == nil {
			s.keys.known[id] = core.NewSecret(string(key))
			return header{backend, id}, key, nil
		}
		if !errors.Is(err, ErrAbsent) {
			return header{}, nil, err
		}
		absent = append(absent, err)
	}
	return header{}, nil, nowhere(absent)
}

// probe gives the keeper a key and looks whether it has it. There are keyrings that accept what
// they do not return.
func probe(ctx context.Context, keyStore KeyStore, backend, id string, key []byte) error {
	if err := keyStore.Set(ctx, id, key); err != nil {
		return err
	}
	got, err := keyStore.Get(ctx, id)
	if errors.Is(err, ErrNoKey) || err == nil && !bytes.Equal(got, key) {
		return trouble(ErrAbsent, backend, "it does not return what it was given", "see whether it works for other programs", err)
	}
	return err
}

// keyStore returns the keyring of that name. The caller has entered.
func (s *Store) keyStore(backend string) (KeyStore, error) {
	if !slices.Contains(s.allowed(), backend) {
		return nil, trouble(ErrDenied, backend, "the tokens are sealed with a key that is in it, and it is not among those that may be used: "+strings.Join(s.allowed(), ", "),
			fmt.Sprintf("allow %q, or move the file of tokens away and log in again", backend), nil)
	}
	if s.KeyStore != nil {
		return s.KeyStore, nil
	}
	keyStore, ok := s.keys.keyStores[backend]
	if !ok {
		var err error
		if keyStore, err = s.newKeyStore(backend); err != nil {
			return nil, err
		}
		s.keys.keyStores[backend] = keyStore
	}
	return keyStore, nil
}

// allowed returns the names of the keyrings that may be used.
func (s *Store) allowed() []string {
	switch {
	case s.KeyStore != nil:
		return []string{custom}
	case s.Keyrings != nil:
		return s.Keyrings
	}
	return DefaultKeyrings()
}
