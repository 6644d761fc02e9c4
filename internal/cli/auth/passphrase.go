package auth

import (
	"context"
	"errors"
	"os"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// newPassphraseVariable may hold the passphrase that replaces the one of
// [keyring.PassphraseVariable], for machines without a user.
const newPassphraseVariable = "TAEGIS_KEYRING_NEW_PASSPHRASE"

// changePassphrase seals the tokens that a passphrase protects with another one.
func changePassphrase(ctx context.Context, a *cmdutil.App) error {
	stores, err := protectedStores(ctx, a)
	if err != nil {
		return err
	}
	for _, store := range stores {
		if err := store.Prepare(ctx); err != nil { // before the user types another passphrase
			return err
		}
	}
	passphrase, err := askNewPassphrase(ctx, a, stores[0].NonInteractive)
	if err != nil {
		return err
	}
	for _, store := range stores {
		if err := store.ChangePassphrase(ctx, passphrase); err != nil {
			return err
		}
	}
	a.Infof("The tokens are sealed with the new passphrase.")
	if os.Getenv(keyring.PassphraseVariable) != "" {
		a.Infof("%s is set: change it where it is set.", keyring.PassphraseVariable)
	}
	return nil
}

// protectedStores returns the stores with a sealed file that a passphrase protects: that of the
// backend encrypted-file, and that of auto, which seals with a passphrase if the variable holds one.
func protectedStores(ctx context.Context, a *cmdutil.App) ([]*keyring.Store, error) {
	var found []*keyring.Store
	var failures []error
	for _, backend := range []string{keyring.EncryptedFile, keyring.Auto} {
		target := *a
		target.Global.TokenStore = backend
		opened, err := target.TokenStore(ctx)
		if err != nil {
			return nil, err
		}
		store, ok := opened.(*keyring.Store)
		if !ok {
			continue
		}
		sealed, err := store.Sealed()
		switch {
		case err == nil && sealed == keyring.EncryptedFile:
			found = append(found, store)
		case err != nil && (backend == keyring.EncryptedFile || !errors.Is(err, core.ErrNoToken)):
			failures = append(failures, err)
		}
	}
	if len(found) == 0 {
		return nil, errors.Join(failures...)
	}
	return found, nil
}

// askNewPassphrase returns the new passphrase of the variable, or else asks for it twice unless prompts
// are disabled.
func askNewPassphrase(ctx context.Context, a *cmdutil.App, silent bool) (core.Secret, error) {
	if value := os.Getenv(newPassphraseVariable); value != "" {
		return core.NewSecret(value), nil
	}
	prompt := a.Prompt()
	if prompt.AskSecret == nil || silent {
		return core.Secret{}, &core.StoreError{
			Store: "keyring " + keyring.EncryptedFile, Reason: "cannot prompt for a new passphrase",
			HintText: "set " + newPassphraseVariable + ", or run it at a terminal", Err: keyring.ErrLocked,
		}
	}
	passphrase, err := prompt.AskSecret(ctx, "New passphrase for the tokens: ")
	if err != nil {
		return core.Secret{}, err
	}
	repeated, err := prompt.AskSecret(ctx, "The new passphrase again: ")
	if err != nil {
		return core.Secret{}, err
	}
	if !repeated.Equal(passphrase) {
		return core.Secret{}, &core.StoreError{
			Store: "keyring " + keyring.EncryptedFile, Reason: "the two new passphrases differ",
			HintText: "try again; the old one still applies", Err: core.ErrCancelled,
		}
	}
	return passphrase, nil
}
