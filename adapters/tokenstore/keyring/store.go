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

// Store keeps tokens in a file that is sealed with a key from a keyring. Its zero value is ready to
// use. A Store is safe for concurrent use, also by several processes. It uses the keyring only when
// a token is read or written, and then once in its lifetime.
//
// Errors name the keyring's failure: [ErrAbsent], [ErrLocked] or [ErrDenied]. A file that is
// damaged ([ErrDamaged]) or has lost its key ([ErrNoKey]) counts as having no tokens: the next
// login renames it and writes a new one.
//
// Store implements [ports.TokenStore], [ports.TokenLister], [ports.StateStore] and
// [tokenstore.CompareDeleter].
type Store struct {
	// Service names the file and its key, for example "acme-soc". Programs with the same Service
	// share tokens. Empty means "taegis".
	Service string
	// Keyrings are the keyrings that may hold the key, in the order in which they are tried for a
	// new one; nil means [DefaultKeyrings]. A sealed file names its keyring, and no other keyring
	// is asked for that file's key.
	Keyrings []string
	// KeyStore is a custom keyring, for example a TPM. If it is set, Keyrings is not used.
	KeyStore KeyStore
	// Dir is the folder of the sealed file and its locks; empty means [DefaultDir]. It is created
	// if it is missing. The user must own it, and no other user may have access to it.
	Dir string
	// Passphrase prompts the user for the passphrase of the backend [EncryptedFile], if the
	// variable TAEGIS_KEYRING_PASSPHRASE is not set; [core.Prompt] has such a function.
	Passphrase func(ctx context.Context, label string) (core.Secret, error)
	// NonInteractive disables prompts: a locked keyring is an error at once, if the keyring reports
	// that it is locked.
	NonInteractive bool
	// AnswerTimeout limits what a keyring does without a prompt; 0 means 3 s.
	AnswerTimeout time.Duration
	// UnlockTimeout limits the wait for the user; 0 means a minute.
	UnlockTimeout time.Duration
	// Logger logs warnings; nil means [slog.Default].
	Logger *slog.Logger
	// Now returns the current time; nil means [time.Now].
	Now func() time.Time

	isAuto bool // an absent keyring leaves its user the choice
	keys   keys
	warned sync.Map // the warnings that were given already
}

// Load returns the token of key; see [ports.TokenStore]. If there is no sealed file, it does not
// use the keyring.
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
		return core.Token{}, withCause(core.ErrNoToken, err) // the next login reports it
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

// Update refreshes the token of key; see [ports.TokenStore]. It checks the keyring before it calls
// refresh, so that no login is wasted on a token that cannot be stored. If only the folder is not
// writable, Update returns the token together with a [*core.SaveError].
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
	change := func(c *contents) { c.put(key, token, s.now()) }
	isSame := token.AccessToken.Equal(stored.AccessToken)
	if isSame {
		change = func(c *contents) { c.identify(key, token) }
	}
	if isSame && token.Identity == stored.Identity || !token.Valid(s.now()) {
		return token, nil
	}
	// The token is stored even if ctx has ended, so that the next caller does not log in again.
	err = s.edit(context.WithoutCancel(ctx), p, change)
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

// clear changes the contents. If there is no file, it creates none.
func (s *Store) clear(ctx context.Context, change func(*contents)) error {
	p, err := s.place()
	if errors.Is(err, errHomeless) {
		return nil // there is no file
	}
	if err != nil {
		return err
	}
	if _, err := s.unseal(ctx, p); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.change(ctx, p, change, true)
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

// Prepare makes sure that tokens can be stored: it reads the key of the sealed file. If there is no
// file that can be opened, it makes a key and an empty file, and reads the key back from the
// keyring. The keyring may prompt the user to unlock it. Update calls Prepare itself.
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
