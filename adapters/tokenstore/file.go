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

// File stores tokens and settings in the INI file that the Python SDK uses too. It reads everything
// that the Python SDK writes, writes what the Python SDK can read, and keeps comments, order and
// unknown keys. The zero value is ready to use. A File is safe for concurrent use, also by several
// processes.
//
// A stored token is marked with the host that issued it and the account that obtained it. If a
// token has no mark because the Python SDK wrote it, its claims name the account. File does not
// store an opaque token, because its expiry is unknown.
//
// If the file cannot be used, the error is a [*core.FileError]. If Path is empty and the user has
// no home folder, tokens are kept in memory, with one warning. If Path is [os.DevNull], the file is
// empty and stores nothing.
//
// File implements [ports.TokenStore], [ports.TokenLister] and [CompareDeleter].
type File struct {
	// Path is the path of the file; empty means [DefaultPath]. The same folder holds the lock that
	// is shared with Python ("config.lock" for "config" and "config.ini") and PATH.logins, a folder
	// with the locks of processes that log in. All processes that share the file share these locks.
	// If Path is a symbolic link, PATH.logins is in the folder of its target, because other
	// processes may use another name.
	Path string
	// FS is the file system; nil means the operating system's. A new file must be able to replace
	// an old one by Rename.
	//
	// On any other file system there are no locks between processes, only between the Files of this
	// process: Files that reach the same file in any way keep each other's tokens, and those with
	// the same FS and Path log in one at a time. That covers MemMapFs, BasePathFs, CopyOnWriteFs and
	// CacheOnReadFs of afero; tokens on a ReadOnlyFs are only read. Two CacheOnReadFs with different
	// layers each see a file as it was when they first read it, so they cannot share one.
	FS afero.Fs
	// Logger logs warnings; nil means [slog.Default].
	Logger *slog.Logger
	// Now returns the current time; nil means [time.Now].
	Now func() time.Time

	warned   sync.Map // the warnings that were given already
	homeless struct { // stores tokens if there is no home folder
		once   sync.Once
		memory Memory
	}
	stuck atomic.Bool // waiting for the shared lock timed out
}

// DefaultPath returns the path of the file that the Python SDK uses: ~/.taegis_sdk_python/config.
// If HOME is not set, the home folder comes from the user database. If the database has none,
// DefaultPath returns a [*core.FileError].
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

// Load returns the token of key; see [ports.TokenStore]. It waits for a lock only if it finds no
// token, because the Python SDK writes the file in place.
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
		f.warn("a token without a known issuer is sent to this machine instead of its environment",
			"environment", key.Section, "host", key.Host)
	}
	token := found.token()
	token.Origin = path + " [" + found.section + "]"
	return token, nil
}

// Update refreshes the token of key; see [ports.TokenStore]. Of the processes that share the file,
// one at a time refreshes the token of a key. The lock for that is this SDK's own, because an
// interactive login may take minutes. Update returns an opaque or expired token without storing it.
func (f *File) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	path, err := f.path()
	if err != nil {
		return f.memory(err).Update(ctx, key, refresh)
	}
	if _, err := f.read(path); err != nil {
		return core.Token{}, err // before Update creates locks or logs in
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
	now := now(f.Now)
	change := func(content *inifile.File) error { return put(content, key, owner(key, token), token, now) }
	isSame := token.AccessToken.Equal(stored.AccessToken)
	if _, opaque := token.Claims(); opaque != nil && !isSame && token.Valid(now) {
		f.warn("the token is no JSON Web Token, and this file cannot hold its expiry, so it is not stored and each program logs in: "+
			"choose another token store, for example with TAEGIS_TOKEN_STORE=auto", "environment", key.Section, "file", path)
	}
	if isSame {
		change = func(content *inifile.File) error { return identify(content, key, token, now) }
	}
	if isSame && token.Identity == stored.Identity || !core.NewToken(token.AccessToken.Reveal(), now).Valid(now) {
		return token, nil
	}
	// The token is stored even if ctx has ended, so that the next caller does not log in again.
	err = f.edit(context.WithoutCancel(ctx), change)
	if err != nil {
		return token, &core.SaveError{Store: path, Err: err}
	}
	return token, nil
}

// Delete deletes the token of key. If key has no account, it deletes every token of the
// environment, under all of its names; see [ports.TokenStore].
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

// CompareAndDelete deletes the token of key if it is still old; see [CompareDeleter].
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

// List yields the keys of all tokens in the file; see [ports.TokenLister]. If a token has no valid
// mark, Host and Account of its key are empty.
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

// memory returns the store that is used if the file has no path.
func (f *File) memory(reason error) *Memory {
	f.homeless.once.Do(func() {
		f.homeless.memory.Now = f.Now
		toldHomeless.Do(func() {
			f.logger().Warn("tokens are kept in memory, and no configuration file is read", "error", reason)
		})
	})
	return &f.homeless.memory
}

// toldHomeless limits that warning to one per process, which may open several files.
var toldHomeless sync.Once

// isNull reports whether the file at path is the null device, under any name.
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

// warn logs a warning once.
func (f *File) warn(message string, args ...any) {
	if _, given := f.warned.LoadOrStore(message, true); !given {
		f.logger().Warn(message, args...)
	}
}
