package cmdutil

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

// CompleteFlag sets the completion of a flag.
func CompleteFlag(cmd *cobra.Command, flag string, with cobra.CompletionFunc) {
	_ = cmd.RegisterFlagCompletionFunc(flag, with) // it fails only for an unknown flag
}

// completeEnvironment completes the name of an environment.
func completeEnvironment(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return FilterCompletions(EnvironmentNames(), begun), cobra.ShellCompDirectiveNoFileComp
}

// EnvironmentNames returns the names and aliases of all environments.
func EnvironmentNames() []string {
	var names []string
	for _, env := range core.Environments() {
		names = append(names, env.Names()...)
	}
	return names
}

// Distinct returns the names in order without duplicates. It changes its argument.
func Distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// FilterCompletions returns the names that begin with begun, without names that a shell cannot show
// unescaped.
func FilterCompletions(names []cobra.Completion, begun string) []cobra.Completion {
	var matching []cobra.Completion
	for _, name := range names {
		word, _, _ := strings.Cut(name, "\t") // before its description
		if strings.HasPrefix(name, begun) && text.Escape(word) == word {
			matching = append(matching, name)
		}
	}
	return matching
}

// CompleteProfile completes the name of a profile.
func CompleteProfile(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	file, err := OpenProfiles(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return FilterCompletions(slices.Sorted(maps.Keys(file.Profiles)), begun), cobra.ShellCompDirectiveNoFileComp
}
