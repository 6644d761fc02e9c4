package plugin

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"aead.dev/minisign"
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// passphraseVariable is the variable that may hold the passphrase of a signing key.
const passphraseVariable = "TAEGIS_SIGNING_PASSPHRASE"

func keygenCommand(a *cmdutil.App) *cobra.Command {
	var output string
	var plain bool
	cmd := &cobra.Command{
		Use:   "keygen",
		Short: "Create a key that signs plugins",
		Long: `Create a secret key and its public key, in the format of minisign. The secret key is written to FILE
and the public one to FILE.pub and to stdout. A passphrase protects the secret key: the command prompts
for it, or takes it from the variable ` + passphraseVariable + `.`,
		Example: `  taegis plugin keygen --output acme.key`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output == "" {
				return cmdutil.UsageErrorf(cmd, "name the file of the key with --output")
			}
			public, private, err := minisign.GenerateKey(nil)
			if err != nil {
				return err
			}
			text, err := private.MarshalText()
			if !plain {
				text, err = sealed(cmd.Context(), a, private)
			}
			if err != nil {
				return err
			}
			publicText, err := public.MarshalText()
			if err != nil {
				return err
			}
			if err := writeNew(output, append(text, '\n'), fileperm.FileMode); err != nil {
				return err
			}
			if err := writeNew(output+".pub", append(publicText, '\n'), 0o644); err != nil {
				return errors.Join(err, os.Remove(output))
			}
			a.Infof("Wrote the secret key to %s. Keep it where releases are signed, and nowhere else.", output)
			return a.Printf("%s\n", public)
		},
	}
	a.Global.PathFlag(cmd.Flags(), &output, "output", "o", "file for the secret key")
	cmd.Flags().BoolVar(&plain, "no-passphrase", false, "write the secret key without a passphrase")
	return cmd
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, text []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return &core.FileError{Path: path, Reason: "already exists", HintText: "name another file", Err: err}
	}
	if err != nil {
		return unwritable(path, err)
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(unwritable(path, err), os.Remove(path))
	}
	return nil
}

// sealed returns the text of a secret key with a passphrase.
func sealed(ctx context.Context, a *cmdutil.App, key minisign.PrivateKey) ([]byte, error) {
	passphrase, err := askPassphrase(ctx, a, "Passphrase for the new key: ")
	if err != nil {
		return nil, err
	}
	if os.Getenv(passphraseVariable) == "" {
		again, err := askPassphrase(ctx, a, "The same passphrase again: ")
		if err != nil {
			return nil, err
		}
		if !again.Equal(passphrase) {
			return nil, errors.New("the two passphrases differ: try again")
		}
	}
	return minisign.EncryptKey(passphrase.Reveal(), key)
}

// askPassphrase returns the passphrase of the variable, else that of the user.
func askPassphrase(ctx context.Context, a *cmdutil.App, label string) (core.Secret, error) {
	if value := os.Getenv(passphraseVariable); value != "" {
		return core.NewSecret(value), nil
	}
	ask := a.Prompt().AskSecret
	if ask == nil {
		return core.Secret{}, errors.New("a passphrase is needed and no prompt is possible: set " + passphraseVariable)
	}
	passphrase, err := ask(ctx, label)
	if err == nil && passphrase.IsZero() {
		err = errors.New("the passphrase is empty: give one, or create the key with --no-passphrase")
	}
	return passphrase, err
}

// readKey reads a secret key, and asks for its passphrase if it has one.
func readKey(ctx context.Context, a *cmdutil.App, path string) (minisign.PrivateKey, error) {
	var key minisign.PrivateKey
	text, err := cmdutil.ReadFile(ctx, path)
	if err != nil {
		return key, err
	}
	if minisign.IsEncrypted(text) {
		passphrase, err := askPassphrase(ctx, a, "Passphrase of "+path+": ")
		if err != nil {
			return key, err
		}
		key, err = minisign.DecryptKey(passphrase.Reveal(), text)
		if err != nil {
			return key, &core.FileError{Path: path, Reason: "the passphrase does not open it", HintText: "try again", Err: err}
		}
		return key, nil
	}
	if err := key.UnmarshalText(text); err != nil {
		return key, &core.FileError{Path: path, Reason: "it is not the secret key of minisign", HintText: "create one with `taegis plugin keygen`", Err: err}
	}
	return key, nil
}
