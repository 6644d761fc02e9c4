package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
)

// complete says how the value of a flag is completed.
func complete(cmd *cobra.Command, flag string, with cobra.CompletionFunc) {
	_ = cmd.RegisterFlagCompletionFunc(flag, with) // fails only for a flag that does not exist
}

// completeEnvironment completes the names of environments.
func completeEnvironment(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return startingWith(environmentNames(), begun), cobra.ShellCompDirectiveNoFileComp
}

// environmentNames are the names and aliases of all environments.
func environmentNames() []string {
	var names []string
	for _, env := range core.Environments() {
		names = append(names, env.Names()...)
	}
	return names
}

// distinct returns the names in order, each once.
func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
