package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/catalog"
)

// completeOperation completes the name of a service, then that of an operation of it.
func completeOperation(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	switch len(args) {
	case 0:
		names = catalog.Services()
	case 1:
		operations, err := catalog.Operations(args[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for _, op := range operations {
			if op.Deprecated == "" {
				names = append(names, cobra.CompletionWithDesc(op.Name, string(op.Kind)))
			}
		}
	}
	return startingWith(names, begun), cobra.ShellCompDirectiveNoFileComp
}

// completeArgument completes the name of an argument of the operation that the line has.
func completeArgument(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) < 2 || strings.Contains(begun, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	op, err := catalog.Find(args[0], args[1])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, argument := range op.Arguments {
		names = append(names, cobra.CompletionWithDesc(argument.Name+"=", argument.Type))
	}
	return startingWith(names, begun), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

func startingWith(names []cobra.Completion, begun string) []cobra.Completion {
	var matching []cobra.Completion
	for _, name := range names {
		if strings.HasPrefix(name, begun) {
			matching = append(matching, name)
		}
	}
	return matching
}
