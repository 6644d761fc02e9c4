package doctor

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/profile"
)

// probedStore is a store that can be tested without a token.
type probedStore interface {
	Probe(ctx context.Context) (backend string, err error)
}

// store returns the token store. It does not prompt for a passphrase.
func (e *examination) store() ports.TokenStore {
	if e.chosen.Store != nil {
		return e.chosen.Store
	}
	file, err := e.file()
	if err != nil {
		return &tokenstore.Memory{} // the check of the configuration reports it
	}
	return file
}

// tokenStore checks that tokens can be read and stored.
func (e *examination) tokenStore(ctx context.Context) finding {
	name := cmp.Or(e.chosen.Value("token-store").Text, profile.DefaultBackend)
	switch store := e.store().(type) {
	case *tokenstore.File:
		return e.fileStore(ctx, store)
	case probedStore:
		if e.offline {
			return skip("%s: --offline was given", name)
		}
		backend, err := store.Probe(ctx)
		if err != nil {
			return e.unsealed(name, err)
		}
		if backend == keyring.EncryptedFile {
			return passed("%s: tokens are encrypted with a passphrase", name)
		}
		return passed("%s: tokens are encrypted with a key in %s", name, backend)
	}
	return passed("%s: tokens last for one command", name)
}

// unsealed returns the finding for a keyring that cannot be used.
func (e *examination) unsealed(name string, err error) finding {
	switch {
	case errors.Is(err, keyring.ErrLocked) && name == keyring.EncryptedFile:
		return skip("%s: doctor does not prompt for the passphrase, and %s is not set", name, keyring.PassphraseVariable)
	case errors.Is(err, keyring.ErrLocked):
		return doubtful("taegis auth status", "%s: %v", name, err)
	case errors.Is(err, core.ErrNoToken):
		return doubtful(e.app.LoginCommandLine(), "%s: %v", name, err)
	case errors.Is(err, keyring.ErrAbsent):
		return failed(cmdutil.ExportLine(profile.BackendVariable, keyring.EncryptedFile), "%s: %v", name, err)
	}
	return wrong(err, "taegis auth status")
}

func (e *examination) fileStore(ctx context.Context, store *tokenstore.File) finding {
	switch {
	case e.homeErr != nil:
		return doubtful(cmdutil.ExportLine("HOME", "FOLDER"), "file: tokens last for one command")
	case isNullDevice(e.sharedPath):
		return passed("file: %s stores no tokens", e.sharedPath)
	}
	tokens := 0
	for _, err := range store.List(ctx) {
		if err != nil {
			return wrong(err, opening(e.sharedPath, err))
		}
		tokens++
	}
	for _, path := range []string{e.sharedPath, filepath.Dir(e.sharedPath)} {
		if denied, err := unwritable(path); err != nil {
			return doubtful(opening(path, err), "file: %s cannot be written (%v), so tokens are not stored", denied, cmdutil.Cause(err))
		}
	}
	return passed("file: %d %s in %s, which is writable", tokens, cmdutil.Plural(tokens, "token", "tokens"), e.sharedPath)
}

// unwritable returns an error if this process cannot write path. If path does not exist, it checks the
// folder that path would be created in. It returns the path that it checked.
func unwritable(path string) (checked string, err error) {
	for {
		err := writable(path)
		parent := filepath.Dir(path)
		if !errors.Is(err, fs.ErrNotExist) || parent == path {
			return path, err
		}
		path = parent
	}
}
