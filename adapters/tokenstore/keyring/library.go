package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	lib "github.com/99designs/keyring"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// library is a keyring of 99designs/keyring, whose calls accept no context and may never return.
// Each call runs in a goroutine that is abandoned when the time limit passes.
type library struct {
	backend    string
	place      place
	config     lib.Config
	open       func(lib.Config) (lib.Keyring, error)
	passphrase func(ctx context.Context, label string) (core.Secret, error)
	limit      time.Duration
	// busy has one slot, which a call holds until it returns, so that of calls that never
	// return there is one at most.
	busy chan struct{}
}

// newLibrary returns a keyring of the library; the name is one of its names.
func (s *Store) newLibrary(backend string) (*library, error) {
	if err := usable(backend); err != nil {
		return nil, err
	}
	p, err := s.place()
	if err != nil {
		return nil, err
	}
	group := "taegis-sdk/" + s.name()
	l := &library{
		backend: backend, place: p, open: lib.Open, passphrase: s.askPassphrase, busy: make(chan struct{}, 1), limit: s.unlockTimeout(),
		config: lib.Config{
			AllowedBackends: []lib.BackendType{nameInLibrary(backend)},
			ServiceName:     group,
			// Or macOS asks its user at every start of the program.
			KeychainTrustApplication:       true,
			KeychainAccessibleWhenUnlocked: true,
			// What a process adds is another's to read only if it is the user's and allows that.
			KeyCtlScope:   "user",
			KeyCtlPerm:    keyctlPermissions,
			WinCredPrefix: "taegis-sdk",
			FileDir:       p.keyDir(),
		},
	}
	if backend == WinCred || backend == KeyCtl {
		l.limit = s.answerTimeout() // they never prompt
	}
	return l, nil
}

// keyctlPermissions grants all rights to the key's possessor and its user, and none to others; see
// keyctl_setperm(3).
const keyctlPermissions = 0x3f3f0000

// Get returns a key; see [KeyStore].
func (l *library) Get(ctx context.Context, name string) ([]byte, error) {
	return l.call(ctx, "Passphrase for the tokens: ", func(ring lib.Keyring) ([]byte, error) {
		item, err := ring.Get(name)
		return item.Data, err
	})
}

// Set keeps a key; see [KeyStore].
func (l *library) Set(ctx context.Context, name string, key []byte) error {
	_, err := l.call(ctx, "New passphrase for the tokens: ", func(ring lib.Keyring) ([]byte, error) {
		err := ring.Set(lib.Item{
			Key: name, Data: key,
			Label:                     "Taegis SDK: the key that seals tokens",
			KeychainNotSynchronizable: true,
		})
		if err == nil && l.backend == EncryptedFile {
			// The library leaves the key to the cache. Tokens that outlive it are lost.
			err = atomicfile.Sync(disk, filepath.Join(l.config.FileDir, name))
		}
		return nil, err
	})
	return err
}

// Remove takes a key away; see [KeyDeleter].
func (l *library) Remove(ctx context.Context, name string) error {
	_, err := l.call(ctx, "Passphrase for the tokens: ", func(ring lib.Keyring) ([]byte, error) {
		return nil, ring.Remove(name)
	})
	if errors.Is(err, ErrNoKey) {
		return nil
	}
	return err
}

// call opens the keyring and runs what within the time limit. Opening is as cheap as a lookup, and
// an open keyring would keep a wrong passphrase. A folder that other users can access is an error.
func (l *library) call(ctx context.Context, label string, what func(lib.Keyring) ([]byte, error)) ([]byte, error) {
	if l.backend == EncryptedFile {
		if err := fileperm.Folder(l.config.FileDir); errors.Is(err, fileperm.ErrUnsafe) {
			return nil, err
		}
	}
	waiting, cancel := context.WithTimeoutCause(ctx, l.limit, errNoAnswer)
	defer cancel()
	select {
	case l.busy <- struct{}{}:
	case <-waiting.Done():
		return nil, l.ended(ctx)
	}
	type answer struct {
		data []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		defer func() { <-l.busy }()
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("panic: %v", p) // a keyring must not end the program
			}
			answered <- a
		}()
		config := l.config
		config.FilePasswordFunc = func(string) (string, error) {
			secret, err := l.passphrase(waiting, label)
			return secret.Reveal(), err
		}
		ring, err := l.open(config)
		if err != nil {
			a.err = err
			return
		}
		if l.backend == Keychain {
			ring = keychain{ring}
		}
		a.data, a.err = what(ring)
	}()
	select {
	case a := <-answered:
		if waiting.Err() != nil && a.err != nil {
			return nil, l.ended(ctx) // the passphrase did not come in time
		}
		return a.data, l.trouble(a.err)
	case <-waiting.Done():
		return nil, l.ended(ctx)
	}
}

// ended returns the reason for the end of waiting: the cause of ctx, or the time limit.
func (l *library) ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return l.trouble(errNoAnswer)
}

var (
	errNoAnswer     = errors.New("it has not answered in time")
	errNoPassphrase = errors.New("cannot prompt for a passphrase")
)

// trouble converts an error of the library.
func (l *library) trouble(err error) error {
	file := &fs.PathError{}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, lib.ErrKeyNotFound):
		return trouble(ErrNoKey, l.backend, "it does not have the key", "log in again", nil)
	case errors.Is(err, errWithheld):
		return trouble(ErrDenied, l.backend, err.Error(), "unlock it and allow this program to use the key, then try again", nil)
	case errors.Is(err, lib.ErrNoAvailImpl), errors.Is(err, syscall.ENOSYS):
		return trouble(ErrAbsent, l.backend, "it cannot be opened", "see whether it works for other programs", err)
	case errors.Is(err, errNoAnswer):
		return trouble(ErrLocked, l.backend, fmt.Sprintf("it has not answered within %v", l.limit), "unlock it, then try again", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, core.ErrCancelled):
		return err
	case errors.Is(err, errNoPassphrase):
		return trouble(ErrLocked, l.backend, err.Error(), "set TAEGIS_KEYRING_PASSPHRASE, or run it at a terminal", nil)
	case l.backend == EncryptedFile && errors.As(err, &file):
		return l.place.fault(file.Path, file)
	case l.backend == EncryptedFile:
		return trouble(ErrDenied, l.backend, "the passphrase is wrong",
			"try again; if it was changed, use the new one; if it is lost, remove "+l.config.FileDir+" and log in again", err)
	}
	return trouble(ErrDenied, l.backend, err.Error(), "see whether other programs may use it", err)
}

// nameInLibrary is what the library calls a keyring: as we do, but for one, which in a list of
// storage would pass for plain text.
func nameInLibrary(backend string) lib.BackendType {
	if backend == EncryptedFile {
		return lib.FileBackend
	}
	return lib.BackendType(backend)
}

// usable returns an error if the backend is known to be missing before anything is opened.
func usable(backend string) error {
	switch {
	case backend == Keychain && !slices.Contains(lib.AvailableBackends(), lib.KeychainBackend):
		return trouble(ErrAbsent, backend, "this program was built without cgo and so lacks the macOS keychain",
			fmt.Sprintf("build it on macOS with CGO_ENABLED=1, or allow %q", Pass), nil)
	case !slices.Contains(lib.AvailableBackends(), nameInLibrary(backend)):
		return trouble(ErrAbsent, backend, "it does not exist on "+runtime.GOOS, "allow another one", nil)
	}
	return nil
}

// PassphraseVariable is the environment variable that may hold the passphrase of the backend
// [EncryptedFile]. It is for machines without a user: every process that can read this process's
// environment can read it.
const PassphraseVariable = "TAEGIS_KEYRING_PASSPHRASE"

// askPassphrase returns the passphrase from the variable, else from a user. For a new key it is
// asked twice, because the probe reads what was written.
func (s *Store) askPassphrase(ctx context.Context, label string) (core.Secret, error) {
	if value := os.Getenv(PassphraseVariable); value != "" {
		return core.NewSecret(value), nil
	}
	if s.Passphrase == nil || s.NonInteractive {
		return core.Secret{}, errNoPassphrase
	}
	secret, err := s.Passphrase(ctx, label)
	if err == nil && secret.IsZero() {
		err = fmt.Errorf("an empty passphrase: %w", core.ErrCancelled)
	}
	return secret, err
}
