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

// probedStore is a store that can be tried out.
type probedStore interface {
	Probe(ctx context.Context) (backend string, err error)
}

// store is where tokens rest. Nobody is asked for what opens it.
func (e *examination) store() ports.TokenStore {
	if e.chosen.Store != nil {
		return e.chosen.Store
	}
	file, err := e.file()
	if err != nil {
		return &tokenstore.Memory{} // the check of the configuration has said why
	}
	return file
}

// tokenStore checks that tokens can be read and kept.
func (e *examination) tokenStore(ctx context.Context) finding {
	kind := cmp.Or(e.chosen.Value("token-store").Text, profile.DefaultBackend)
	switch store := e.store().(type) {
	case *tokenstore.File:
		return e.fileStore(ctx, store)
	case probedStore:
		if e.offline {
			return skip("%s: --offline was given", kind)
		}
		backend, err := store.Probe(ctx)
		if err != nil {
			return e.unsealed(kind, err)
		}
		if backend == keyring.EncryptedFile {
			return ok("%s: tokens are sealed with a passphrase", kind)
		}
		return ok("%s: tokens are sealed with a key that %s keeps", kind, backend)
	}
	return ok("%s: tokens last as long as the command", kind)
}

// unsealed says why a keyring does not do.
func (e *examination) unsealed(kind string, err error) finding {
	switch {
	case errors.Is(err, keyring.ErrLocked) && kind == keyring.EncryptedFile:
		return skip("%s: its passphrase is not asked for, and not in %s", kind, keyring.PassphraseVariable)
	case errors.Is(err, keyring.ErrLocked):
		return doubtful("taegis auth status", "%s: %v", kind, err)
	case errors.Is(err, core.ErrNoToken):
		return doubtful(e.app.LoginCommandLine(), "%s: %v", kind, err)
	case errors.Is(err, keyring.ErrAbsent):
		return bad(cmdutil.ExportLine(profile.BackendVariable, keyring.EncryptedFile), "%s: %v", kind, err)
	}
	return wrong(err, "taegis auth status")
}

func (e *examination) fileStore(ctx context.Context, store *tokenstore.File) finding {
	switch {
	case e.homeErr != nil:
		return doubtful(cmdutil.ExportLine("HOME", "FOLDER"), "file: tokens last as long as the command")
	case isNullDevice(e.sharedPath):
		return ok("file: %s keeps no tokens", e.sharedPath)
	}
	tokens := 0
	for _, err := range store.List(ctx) {
		if err != nil {
			return wrong(err, opening(e.sharedPath, err))
		}
		tokens++
	}
	for _, path := range []string{e.sharedPath, filepath.Dir(e.sharedPath)} {
		if where, err := closed(path); err != nil {
			return doubtful(opening(path, err), "file: %s cannot be written (%v), so tokens are not kept", where, cmdutil.Cause(err))
		}
	}
	return ok("file: %d %s in %s, which can be written", tokens, cmdutil.Plural(tokens, "token", "tokens"), e.sharedPath)
}

// closed returns an error where this user cannot write path or, as long as there is nothing, the
// folder that it would be made in, and which of them that is.
func closed(path string) (where string, err error) {
	for {
		err := writable(path)
		parent := filepath.Dir(path)
		if !errors.Is(err, fs.ErrNotExist) || parent == path {
			return path, err
		}
		path = parent
	}
}
