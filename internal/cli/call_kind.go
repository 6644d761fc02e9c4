package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
)

// kindFlag is a flag's kind of operations; empty for any.
type kindFlag core.Kind

// kindNames are the kinds of operations.
var kindNames = []string{string(core.Query), string(core.Mutation), string(core.Subscription)}

func (k *kindFlag) register(cmd *cobra.Command, usage string) {
	cmd.Flags().Var(k, "kind", usage)
	complete(cmd, "kind", func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return startingWith(kindNames, begun), cobra.ShellCompDirectiveNoFileComp
	})
}

// Set takes the flag's value.
func (k *kindFlag) Set(text string) error {
	if !slices.Contains(kindNames, text) {
		return errors.New("use query, mutation or subscription")
	}
	*k = kindFlag(text)
	return nil
}

// String is the value as the help shows it.
func (k *kindFlag) String() string { return string(*k) }

// Type is the value's kind as the help shows it.
func (k *kindFlag) Type() string { return "kind" }

// kinds are the kinds to look among.
func (k *kindFlag) kinds() []core.Kind {
	if *k == "" {
		return nil
	}
	return []core.Kind{core.Kind(*k)}
}
