package operation

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// KindFlag is a flag for the kind of an operation. It is empty for any kind.
type KindFlag core.OperationKind

// kindNames are the kinds of operations.
var kindNames = []string{string(core.KindQuery), string(core.KindMutation), string(core.KindSubscription)}

// Register adds the flag --kind to a command, with its completion.
func (k *KindFlag) Register(cmd *cobra.Command, usage string) {
	cmd.Flags().Var(k, "kind", usage)
	cmdutil.CompleteFlag(cmd, "kind", func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return cmdutil.FilterCompletions(kindNames, begun), cobra.ShellCompDirectiveNoFileComp
	})
}

// Set checks and stores the flag's value.
func (k *KindFlag) Set(text string) error {
	if !slices.Contains(kindNames, text) {
		return errors.New("use query, mutation or subscription")
	}
	*k = KindFlag(text)
	return nil
}

// String returns the value that the help shows.
func (k *KindFlag) String() string { return string(*k) }

// Type returns the type that the help shows.
func (k *KindFlag) Type() string { return "kind" }

// Kinds returns the kinds to search, or nil for all.
func (k *KindFlag) Kinds() []core.OperationKind {
	if *k == "" {
		return nil
	}
	return []core.OperationKind{core.OperationKind(*k)}
}
