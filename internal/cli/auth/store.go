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
	"github.com/taegis-go/taegis/profile"
)

func storeCommand(a *cmdutil.App) *cobra.Command {
	kinds := profile.Backends()
	return &cobra.Command{
		Use:   "store [" + strings.Join(kinds, "|") + "]",
		Short: "Show where tokens rest, or move them and remember it",
		Long: `Show where tokens rest and who decided it. With an argument, move every token there, so that none is
left behind, and remember the place in the profile in use:
  auto            sealed with whatever keyring there is; never plain text
  keyring         sealed with a key from the operating system's keyring
  encrypted-file  sealed with a key that a passphrase opens
  file            the file that is shared with the Python SDK, mode 0600`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return showStore(cmd.Context(), a)
			}
			if args[0] == keyring.Memory {
				return cmdutil.UsageErrorf(cmd, "memory lasts as long as one command: choose it with --token-store")
			}
			return moveTokens(cmd.Context(), a, args[0])
		},
	}
}

func showStore(ctx context.Context, a *cmdutil.App) error {
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return err
	}
	kept := chosen.Value("token-store")
	return a.Printf("%s (%s)\n", cmp.Or(kept.Text, profile.DefaultBackend), kept.From)
}

// moveTokens moves all tokens to another place, and remembers it.
func moveTokens(ctx context.Context, a *cmdutil.App, kind string) error {
	chosen, err := a.Resolve(ctx)
	if err != nil {
		return err
	}
	from, err := a.TokenStore(ctx)
	if err != nil {
		return err
	}
	there := *a
	there.Global.TokenStore = kind
	to, err := there.TokenStore(ctx)
	if err != nil {
		return err
	}
	before := cmp.Or(chosen.Value("token-store").Text, profile.DefaultBackend)
	moved := 0
	if !samePlace(from, to) {
		if moved, err = tokenstore.Move(ctx, from, to); err != nil {
			return fmt.Errorf("moved %d %s from %s to %s, but not all: %w", moved, cmdutil.Plural(moved, "token", "tokens"), before, kind, err)
		}
	}
	if err := chosen.File.SetTokenStore(chosen.Profile, kind); err != nil {
		return fmt.Errorf("the tokens are in %s now, which could not be remembered: use --token-store %s: %w", kind, kind, err)
	}
	a.Infof("Moved %d %s from %s to %s.", moved, cmdutil.Plural(moved, "token", "tokens"), before, kind)
	a.WarnIfOverridden(profile.BackendVariable, kind)
	return nil
}

// samePlace reports whether two stores keep their tokens in one file: auto and keyring do.
func samePlace(a, b any) bool {
	one, ok := a.(cmdutil.LockedStore)
	other, too := b.(cmdutil.LockedStore)
	if !ok || !too {
		return false
	}
	file, _, err := one.Locks()
	same, _, otherErr := other.Locks()
	return err == nil && otherErr == nil && file == same
}
