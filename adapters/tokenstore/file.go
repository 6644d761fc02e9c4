package tokenstore

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/inifile"
)

// File keeps tokens, beside settings, in the INI file that the Python SDK uses too. It reads
// all that Python writes, writes what Python reads, and keeps comments, order and the keys of
// others. Its zero value is ready to use; it is safe for concurrent use, by many processes too.
//
// A token in the file is marked with the host that minted it and the credential it was obtained
// by. Of a token that Python wrote, its claims say whose it is. A token has a place there only
// if it says itself when it expires: an opaque one is not stored.
//
// Whatever is wrong with the file comes back as a [*core.FileError].
//
// It is a [ports.TokenStore], a [ports.TokenLister] and a [CompareDeleter].
type File struct {
	// Path is where the file is; empty means [DefaultPath]. Beside it lie the lock that is
	// shared with Python, "config.lock" for "config" and for "config.ini", and PATH.logins, a
	// folder with the locks of those who are signing in: there, because all who share the file
	// must share its locks. Where Path is a symbolic link, that folder lies beside the file that it
	// leads to, because others may know it by another name.
	Path string
	// FS is the file system; nil means the operating system's. On any other there are no locks
	// between processes, but only those of this File.
	FS afero.Fs
	// Logger gets warnings; nil means [slog.Default].
	Logger *slog.Logger
	// Now tells the time; nil means [time.Now].
	Now func() time.Time

	logins, rewrites keyed    // the locks on a file system of somebody else's
	warned           sync.Map // the warnings that were given already
}

// DefaultPath returns the place of the file that the Python SDK uses: ~/.taegis_sdk_python/config.
func DefaultPath() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", &core.FileError{
			Path:   filepath.Join("~", ".taegis_sdk_python", "config"),
			Reason: "the home directory is not known",
			Remedy: "set HOME, or name the file with TAEGIS_CONFIG_FILE",
			Err:    err,
		}
	}
	return filepath.Join(home, ".taegis_sdk_python", "config"), nil
}

// Load returns the token of key; see [ports.TokenStore]. It waits for a lock only where there
// seems to be no token, because the Python SDK writes the file in place.
func (f *File) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	path, err := f.path()
	if err != nil {
		return core.Token{}, err
	}
	var token core.Token
	err = f.look(ctx, func(content *inifile.File) bool {
		var section string
		token, section = find(content, key, now(f.Now))
		token.Origin = path + " [" + section + "]"
		return !token.IsZero()
	})
	switch {
	case err != nil:
		return core.Token{}, err
	case token.IsZero():
		return core.Token{}, core.ErrNoToken
	}
	return token, nil
}

// Update renews the token of key; see [ports.TokenStore]. Of the processes that share the file,
// one at a time renews the token of a key; that is a lock of this SDK's own, because a person
// may take minutes. A token that is not worth storing is returned all the same.
func (f *File) Update(ctx context.Context, key core.TokenKey, renew func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	path, err := f.path()
	if err != nil {
		return core.Token{}, err
	}
	if _, err := f.read(path); err != nil {
		return core.Token{}, err // before anything is made beside it, and before somebody signs in
	}
	unlock, err := f.lockLogin(ctx, path, key)
	if err != nil {
		return core.Token{}, err
	}
	defer unlock()
	stored, err := f.Load(ctx, key)
	if err != nil && !errors.Is(err, core.ErrNoToken) {
		return core.Token{}, err
	}
	token, err := renew(ctx, stored)
	if err != nil {
		return core.Token{}, err
	}
	access, now := token.AccessToken.Reveal(), now(f.Now)
	if token.AccessToken.Equal(stored.AccessToken) || !core.NewToken(access, now).Valid(now) {
		return token, nil
	}
	// Who gives up now has the token nevertheless, so that the next one need not sign in again.
	err = f.edit(context.WithoutCancel(ctx), func(content *inifile.File) error {
		return put(content, key, owner(key, token), access, now)
	})
	if err != nil {
		return token, &core.SaveError{Where: path, Err: err}
	}
	return token, nil
}

// Delete clears the token of key, or every token of the environment under any of its names; see
// [ports.TokenStore].
func (f *File) Delete(ctx context.Context, key core.TokenKey) error {
	err := f.edit(ctx, func(content *inifile.File) error { return clearTokens(content, key) })
	if err != nil {
		return err
	}
	return f.sweep() // the token that is to go may be in there alone
}

// CompareAndDelete clears the token of key if it is still old; see [CompareDeleter].
func (f *File) CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (deleted bool, err error) {
	err = f.edit(ctx, func(content *inifile.File) (err error) {
		deleted, err = clearToken(content, key, old.AccessToken.Reveal(), now(f.Now))
		return err
	})
	if err != nil {
		return false, err
	}
	return deleted, f.sweep()
}

// List yields the keys of all tokens in the file; see [ports.TokenLister]. Where the token does
// not say so by a valid mark, Host and Credential are empty.
func (f *File) List(ctx context.Context) iter.Seq2[core.TokenKey, error] {
	return func(yield func(core.TokenKey, error) bool) {
		snapshot, err := f.Snapshot(ctx)
		if err != nil {
			yield(core.TokenKey{}, err)
			return
		}
		for _, key := range keysIn(snapshot.file) {
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (f *File) path() (string, error) {
	if f.Path != "" {
		return f.Path, nil
	}
	return DefaultPath()
}

func (f *File) logger() *slog.Logger {
	if f.Logger == nil {
		return slog.Default()
	}
	return f.Logger
}

// warn gives a warning once.
func (f *File) warn(message string, args ...any) {
	if _, given := f.warned.LoadOrStore(message, true); !given {
		f.logger().Warn(message, args...)
	}
}
