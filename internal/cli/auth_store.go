package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/profile"
)

func (a *app) storeCommand() *cobra.Command {
	kinds := profile.Stores()
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
				return a.showStore(cmd.Context())
			}
			if args[0] == keyring.Memory {
				return usagef(cmd, "memory lasts as long as one command: choose it with --token-store")
			}
			return a.moveTokens(cmd.Context(), args[0])
		},
	}
}

func (a *app) showStore(ctx context.Context) error {
	chosen, err := a.resolve(ctx)
	if err != nil {
		return err
	}
	kept := chosen.Setting("token-store")
	return a.printf("%s (%s)\n", cmp.Or(kept.Value, profile.StoreFile), kept.From)
}

// moveTokens moves all tokens to another place, and remembers it.
func (a *app) moveTokens(ctx context.Context, kind string) error {
	chosen, err := a.resolve(ctx)
	if err != nil {
		return err
	}
	from, err := a.store(ctx)
	if err != nil {
		return err
	}
	there := *a
	there.global.tokenStore = kind
	to, err := there.store(ctx)
	if err != nil {
		return err
	}
	before := cmp.Or(chosen.Setting("token-store").Value, profile.StoreFile)
	moved := 0
	if !samePlace(from, to) {
		if moved, err = tokenstore.Move(ctx, from, to); err != nil {
			return fmt.Errorf("moved %d %s from %s to %s, but not all: %w", moved, plural(moved, "token", "tokens"), before, kind, err)
		}
	}
	if err := chosen.File.SetTokenStore(chosen.Profile, kind); err != nil {
		return fmt.Errorf("the tokens are in %s now, which could not be remembered: use --token-store %s: %w", kind, kind, err)
	}
	a.say("Moved %d %s from %s to %s.", moved, plural(moved, "token", "tokens"), before, kind)
	a.warnOfVariable(profile.StoreVariable, kind)
	return nil
}

// warnOfVariable warns where a variable overrules what the file of profiles says from now on.
func (a *app) warnOfVariable(name, value string) {
	if set := variables.Text(name); set != "" && set != value {
		a.warn("%s is set to %s, which comes before the file of profiles; unset it", name, set)
	}
}

// samePlace reports whether two stores keep their tokens in one file: auto and keyring do.
func samePlace(a, b any) bool {
	one, ok := a.(lockedStore)
	other, too := b.(lockedStore)
	if !ok || !too {
		return false
	}
	file, _, err := one.Locks()
	same, _, otherErr := other.Locks()
	return err == nil && otherErr == nil && file == same
}
