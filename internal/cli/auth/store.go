package auth

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/policy"
	"github.com/taegis-go/taegis/profile"
)

func storeCommand(a *cmdutil.App) *cobra.Command {
	backends := profile.Backends()
	newPassphrase := false
	cmd := &cobra.Command{
		Use:   "store [" + strings.Join(backends, "|") + "]",
		Short: "Show or change the token store",
		Long: `Show the backend of the token store and the source of that setting. With an argument, move all tokens
to that backend and write it to the active profile:
  auto            encrypted with a key from an available keyring; never plain text
  keyring         encrypted with a key from the operating system's keyring
  encrypted-file  encrypted with a key that a passphrase protects
  file            the file that is shared with the Python SDK, mode 0600

With --new-passphrase, seal the tokens of encrypted-file with another passphrase and move nothing. It
comes from ` + newPassphraseVariable + ` or else from a prompt, the present one from
` + keyring.PassphraseVariable + ` or else from a prompt. Programs that run with the old passphrase
need the new one afterwards.`,
		Example: `  taegis auth store
  taegis auth store keyring
  taegis auth store encrypted-file --new-passphrase`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(backends, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if newPassphrase {
				if len(args) == 0 || args[0] != keyring.EncryptedFile {
					return cmdutil.UsageErrorf(cmd, "--new-passphrase needs the backend %s: only that has a passphrase", keyring.EncryptedFile)
				}
				return changePassphrase(cmd.Context(), a)
			}
			if len(args) == 0 {
				return showStore(cmd.Context(), a)
			}
			if args[0] == keyring.Memory {
				return cmdutil.UsageErrorf(cmd, "memory lasts for one command: choose it with --token-store")
			}
			return moveTokens(cmd.Context(), a, args[0])
		},
	}
	cmd.Flags().BoolVar(&newPassphrase, "new-passphrase", false, "change the passphrase of encrypted-file")
	return cmd
}

func showStore(ctx context.Context, a *cmdutil.App) error {
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return err
	}
	store := chosen.Value("token-store")
	return a.Printf("%s (%s)\n", cmp.Or(store.Text, profile.DefaultBackend), store.From)
}

// moveTokens moves all tokens to another backend and writes it to the profile.
func moveTokens(ctx context.Context, a *cmdutil.App, backend string) error {
	allowed, err := policy.Load()
	if err == nil {
		err = allowed.TokenStore(backend)
	}
	if err != nil {
		return err
	}
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return err
	}
	from, err := a.TokenStore(ctx)
	if err != nil {
		return err
	}
	target := *a
	target.Global.TokenStore = backend
	to, err := target.TokenStore(ctx)
	if err != nil {
		return err
	}
	before := cmp.Or(chosen.Value("token-store").Text, profile.DefaultBackend)
	moved := 0
	if !sameFile(from, to) {
		if moved, err = tokenstore.Move(ctx, from, to); err != nil {
			return fmt.Errorf("moved %d %s from %s to %s, but not all: %w", moved, cmdutil.Plural(moved, "token", "tokens"), before, backend, err)
		}
	}
	if err := chosen.File.SetTokenStore(chosen.Profile, backend); err != nil {
		return fmt.Errorf("the tokens are in %s, but the profile could not be written: use --token-store %s: %w", backend, backend, err)
	}
	a.Infof("Moved %d %s from %s to %s.", moved, cmdutil.Plural(moved, "token", "tokens"), before, backend)
	a.WarnIfOverridden(profile.BackendVariable, backend)
	return nil
}

// sameFile reports whether two stores keep their tokens in the same file, as auto and keyring do.
func sameFile(a, b any) bool {
	one, ok := a.(cmdutil.LockedStore)
	other, too := b.(cmdutil.LockedStore)
	if !ok || !too {
		return false
	}
	file, _, err := one.Locks()
	same, _, otherErr := other.Locks()
	return err == nil && otherErr == nil && file == same
}
