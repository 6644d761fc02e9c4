package tokenstore

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/homedir"
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
// Whatever is wrong with the file comes back as a [*core.FileError]. If Path is empty and the user
// has no home folder, tokens are kept in memory, with one warning. [os.DevNull] as Path is an empty
// file that keeps nothing.
//
// It is a [ports.TokenStore], a [ports.TokenLister] and a [CompareDeleter].
type File struct {
	// Path is where the file is; empty means [DefaultPath]. Beside it lie the lock that is
	// shared with Python, "config.lock" for "config" and for "config.ini", and PATH.logins, a
	// folder with the locks of those who are logging in: there, because all who share the file
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
	homeless         struct { // where tokens are kept if there is no home folder
		once   sync.Once
		memory Memory
	}
	stuck atomic.Bool // the shared lock was waited for in vain
}

// DefaultPath returns the place of the file that the Python SDK uses: ~/.taegis_sdk_python/config.
// If HOME is not set, the user database says where the home folder is.
func DefaultPath() (string, error) {
	home, err := homedir.Dir()
	if err != nil {
		return "", &core.FileError{
			Path:     filepath.Join("~", ".taegis_sdk_python", "config"),
			Reason:   "the home directory is not known",
			HintText: "set HOME, or name the file with TAEGIS_CONFIG_FILE",
			Err:      err,
		}
	}
	return filepath.Join(home, ".taegis_sdk_python", "config"), nil
}

// Load returns the token of key; see [ports.TokenStore]. It waits for a lock only where there
// seems to be no token, because the Python SDK writes the file in place.
func (f *File) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	path, err := f.path()
	if err != nil {
		return f.memory(err).Load(ctx, key)
	}
	var found entry
	err = f.look(ctx, func(content *inifile.File) bool {
		found = find(content, key, now(f.Now))
		return found.access != ""
	})
	switch {
	case err != nil:
		return core.Token{}, err
	case found.access == "":
		return core.Token{}, core.ErrNoToken
	case found.isDoubtful(key.Host):
		f.warn("a token that does not say who minted it goes to this machine in place of its environment",
			"environment", key.Section, "host", key.Host)
	}
	token := found.token()
	token.Origin = path + " [" + found.section + "]"
	return token, nil
}

// Update refreshes the token of key; see [ports.TokenStore]. Of the processes that share the file,
// one at a time refreshes the token of a key; that is a lock of this SDK's own, because a user
// may take minutes. A token that is not worth storing is returned all the same.
func (f *File) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	path, err := f.path()
	if err != nil {
		return f.memory(err).Update(ctx, key, refresh)
	}
	if _, err := f.read(path); err != nil {
		return core.Token{}, err // before anything is made beside it, and before anyone logs in
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
	token, err := refresh(ctx, stored)
	if err != nil {
		return core.Token{}, err
	}
	access, now := token.AccessToken.Reveal(), now(f.Now)
	if token.AccessToken.Equal(stored.AccessToken) || !core.NewToken(access, now).Valid(now) {
		return token, nil
	}
	// Who gives up now has the token nevertheless, so that the next one need not log in again.
	err = f.edit(context.WithoutCancel(ctx), func(content *inifile.File) error {
		return put(content, key, owner(key, token), access, now)
	})
	if err != nil {
		return token, &core.SaveError{Store: path, Err: err}
	}
	return token, nil
}

// Delete clears the token of key, or every token of the environment under any of its names; see
// [ports.TokenStore].
func (f *File) Delete(ctx context.Context, key core.TokenKey) error {
	if _, err := f.path(); err != nil {
		return f.memory(err).Delete(ctx, key)
	}
	err := f.clear(ctx, func(content *inifile.File) error { return clearTokens(content, key) })
	if err != nil {
		return err
	}
	return f.sweep() // the token that is to go may be in there alone
}

// CompareAndDelete clears the token of key if it is still old; see [CompareDeleter].
func (f *File) CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (deleted bool, err error) {
	if _, err := f.path(); err != nil {
		return f.memory(err).CompareAndDelete(ctx, key, old)
	}
	err = f.clear(ctx, func(content *inifile.File) (err error) {
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
	if _, err := f.path(); err != nil {
		return f.memory(err).List(ctx)
	}
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

// memory is where tokens are kept if there is no place for the file.
func (f *File) memory(reason error) *Memory {
	f.homeless.once.Do(func() {
		f.homeless.memory.Now = f.Now
		toldHomeless.Do(func() {
			f.logger().Warn("tokens are kept in memory, and no configuration file is read", "error", reason)
		})
	})
	return &f.homeless.memory
}

// toldHomeless is done once that was warned of: a program may open several files, and there is but
// one user.
var toldHomeless sync.Once

// isNull reports whether the file at path is the null device, under whatever name: an empty file
// that keeps nothing.
func (f *File) isNull(path string) bool {
	if path == os.DevNull {
		return true
	}
	if !f.onDisk() {
		return false
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
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
