package keyring

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Store keeps tokens in a file that is sealed with a key from a keyring. Its zero value is ready
// to use; it is safe for concurrent use, by many processes too. The keyring is not touched until
// there is a token to read or to write, and then once in the life of a Store.
//
// Errors say whether a keyring is absent, locked or has refused: [ErrAbsent], [ErrLocked],
// [ErrDenied]. A file whose key is gone ([ErrNoKey]) or that is damaged ([ErrDamaged]) counts as
// one without tokens: with the next login it is kept beside the new one under another name.
//
// It is a [ports.TokenStore], a [ports.TokenLister] and a [tokenstore.CompareDeleter].
type Store struct {
	// Service names the file and its key, such as "acme-soc", so that programs which are to
	// share tokens share the name. Empty means "taegis".
	Service string
	// Keyrings are the keyrings that may hold the key, in the order in which they are tried for
	// a new one; nil means [DefaultKeyrings]. A sealed file names its keyring, and no other is
	// asked for that file's key.
	Keyrings []string
	// KeyStore is a keyring of the user's own, such as a TPM. Then Backends is not used.
	KeyStore KeyStore
	// Dir is the folder of the sealed file; empty means [DefaultDir]. It is made where there is
	// none, must be the user's own and closed to others, and holds the locks too.
	Dir string
	// Passphrase asks a user for the passphrase of the backend [EncryptedFile], where the variable
	// TAEGIS_KEYRING_PASSPHRASE does not hold it; a [core.Prompt] has such a function.
	Passphrase func(ctx context.Context, label string) (core.Secret, error)
	// NonInteractive says that nobody may be asked: a locked keyring is then an error at once, as far
	// as the keyring lets that be known beforehand.
	NonInteractive bool
	// AnswerTimeout bounds what a keyring does without asking anybody; 0 means 3 s.
	AnswerTimeout time.Duration
	// UnlockTimeout bounds how long a user is waited for; 0 means a minute.
	UnlockTimeout time.Duration
	// Logger gets warnings; nil means [slog.Default].
	Logger *slog.Logger
	// Now tells the time; nil means [time.Now].
	Now func() time.Time

	isAuto bool // an absent keyring leaves its user the choice
	keys   keys
	warned sync.Map // the warnings that were given already
}

// Load returns the token of key; see [ports.TokenStore]. Where there is no sealed file it does
// not touch the keyring.
func (s *Store) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	p, err := s.place()
	if err != nil {
		return core.Token{}, withCause(core.ErrNoToken, err)
	}
	file, err := s.unseal(ctx, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return core.Token{}, core.ErrNoToken
	case isUnkept(err):
		return core.Token{}, withCause(core.ErrNoToken, err) // the next login says so
	case errors.Is(err, core.ErrNoToken):
		s.warn("stored tokens cannot be read", "error", err)
		return core.Token{}, err
	case err != nil:
		return core.Token{}, err
	}
	token := file.find(key, s.now(), p.file)
	if token.IsZero() {
		return core.Token{}, core.ErrNoToken
	}
	return token, nil
}

// Update refreshes the token of key; see [ports.TokenStore]. Whatever is wrong with the keyring is
// found before refresh is called: nobody logs in for a token that could not be kept. A folder that
// cannot be written is no such reason: then the token comes with a [*core.SaveError].
func (s *Store) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	p, err := s.place()
	if err == nil {
		err = s.Prepare(ctx)
	}
	if isUnkept(err) {
		token, failure := refresh(ctx, core.Token{})
		if failure != nil || !token.Valid(s.now()) {
			return token, failure
		}
		return token, &core.SaveError{Store: cmp.Or(p.file, "a sealed file"), Err: err}
	}
	if err != nil {
		return core.Token{}, err
	}
	unlock, err := s.lockLogin(ctx, p, key)
	if err != nil {
		return core.Token{}, err
	}
	defer unlock()
	stored, err := s.Load(ctx, key)
	if err != nil && !errors.Is(err, core.ErrNoToken) {
		return core.Token{}, err
	}
	token, err := refresh(ctx, stored)
	if err != nil {
		return core.Token{}, err
	}
	if token.AccessToken.Equal(stored.AccessToken) || !token.Valid(s.now()) {
		return token, nil
	}
	// Who gives up now has the token nevertheless, so that the next one need not log in again.
	err = s.edit(context.WithoutCancel(ctx), p, func(c *contents) { c.put(key, token, s.now()) })
	if err != nil {
		return token, &core.SaveError{Store: p.file, Err: err}
	}
	return token, nil
}

// Delete clears the token of key, or every token of the environment under any of its names; see
// [ports.TokenStore].
func (s *Store) Delete(ctx context.Context, key core.TokenKey) error {
	return s.clear(ctx, func(c *contents) { c.remove(key) })
}

// CompareAndDelete clears the token of key if it is still old; see [tokenstore.CompareDeleter].
func (s *Store) CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (deleted bool, err error) {
	err = s.clear(ctx, func(c *contents) { deleted = c.removeOne(key, old.AccessToken.Reveal(), s.now()) })
	return err == nil && deleted, err
}

// clear changes what is sealed. Where there is no file, there is nothing to clear, and none is made.
func (s *Store) clear(ctx context.Context, change func(*contents)) error {
	p, err := s.place()
	if errors.Is(err, errHomeless) {
		return nil // there is none
	}
	if err != nil {
		return err
	}
	if _, err := s.unseal(ctx, p); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.edit(ctx, p, change)
}

// List yields the keys of all tokens, with the region's own name as their section; see
// [ports.TokenLister].
func (s *Store) List(ctx context.Context) iter.Seq2[core.TokenKey, error] {
	return func(yield func(core.TokenKey, error) bool) {
		p, err := s.place()
		if err != nil {
			if !errors.Is(err, errHomeless) {
				yield(core.TokenKey{}, err)
			}
			return
		}
		file, err := s.unseal(ctx, p)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				yield(core.TokenKey{}, err)
			}
			return
		}
		for _, r := range file.Tokens {
			if !yield(r.key(), nil) {
				return
			}
		}
	}
}

// Prepare makes sure that tokens can be kept: it gets the key of the sealed file or, where
// there is none that can be opened, makes a key and an empty file. That may ask a user to unlock the
// keyring. A key counts as made once the keyring has returned it. Update does this by itself.
func (s *Store) Prepare(ctx context.Context) error {
	p, err := s.place()
	if err != nil {
		return err
	}
	_, err = s.unseal(ctx, p)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, core.ErrNoToken) {
		return s.edit(ctx, p, nil)
	}
	return err
}

func (s *Store) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Store) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.Default()
	}
	return s.Logger
}

// warn gives a warning once.
func (s *Store) warn(message string, args ...any) {
	if _, given := s.warned.LoadOrStore(message, true); !given {
		s.logger().Warn(message, args...)
	}
}
