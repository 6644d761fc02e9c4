package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Places for tokens, for Profile.TokenStore and TAEGIS_TOKEN_STORE.
const (
	// StoreFile is the file that is shared with the Python SDK: the default.
	StoreFile = "file"
	// StoreKeyring seals tokens with a key from the operating system's keyring.
	StoreKeyring = "keyring"
	// StoreEncryptedFile seals them with a key that a passphrase opens.
	StoreEncryptedFile = "encrypted-file"
	// StoreMemory keeps them as long as the process runs.
	StoreMemory = "memory"
	// StoreAuto is the keyring where there is one. It never steps down to plain text.
	StoreAuto = "auto"
)

// Stores returns the places for tokens that there are.
func Stores() []string {
	return []string{StoreAuto, StoreKeyring, StoreEncryptedFile, StoreFile, StoreMemory}
}

// openStore returns a place for tokens; nil for the shared file, which the client opens by itself.
func openStore(name string, c Choice) (ports.TokenStore, error) {
	sealed := &keyring.Store{Passphrase: c.Prompt.AskSecret, NoInput: c.NoInput, Logger: c.Logger}
	switch name {
	case "", StoreFile:
		return nil, nil //nolint:nilnil // the client has it
	case StoreMemory:
		return &tokenstore.Memory{}, nil
	case StoreKeyring:
		return sealed, nil
	case StoreEncryptedFile:
		sealed.Service, sealed.Backends = "taegis-encrypted", []string{keyring.File}
		return sealed, nil
	case StoreAuto:
		return &automatic{sealed}, nil
	}
	return nil, &StoreError{Name: name}
}

// StoreError is returned for a place for tokens that there is not.
type StoreError struct{ Name string }

func (e *StoreError) Error() string {
	text := fmt.Sprintf("there is no token store %q: ", e.Name)
	if near := nearest(e.Name, Stores()); near != "" {
		return text + "did you mean " + near + "?"
	}
	return text + "use one of " + strings.Join(Stores(), ", ")
}

// automatic is the keyring where there is one. Where there is none it says so and stops: whether
// tokens may lie in the clear is not for a program to decide.
type automatic struct{ *keyring.Store }

// Load returns a token.
func (a *automatic) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	token, err := a.Store.Load(ctx, key)
	return token, undecided(err)
}

// Update renews a token.
func (a *automatic) Update(ctx context.Context, key core.TokenKey, renew func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	token, err := a.Store.Update(ctx, key, renew)
	return token, undecided(err)
}

// Delete clears tokens.
func (a *automatic) Delete(ctx context.Context, key core.TokenKey) error {
	return undecided(a.Store.Delete(ctx, key))
}

func undecided(err error) error {
	if !errors.Is(err, keyring.ErrAbsent) {
		return err
	}
	return &UnsealedError{Err: err}
}

// UnsealedError is returned where tokens are to be sealed and there is no keyring for it. It wraps
// [keyring.ErrAbsent].
type UnsealedError struct{ Err error }

func (e *UnsealedError) Error() string {
	return fmt.Sprintf("tokens cannot be sealed here (%v); choose where they rest: `taegis auth login --token-store encrypted-file` asks for a passphrase, `taegis auth login --token-store file` keeps them in the clear", e.Err)
}

// Unwrap returns what is the matter with the keyring.
func (e *UnsealedError) Unwrap() error { return e.Err }
