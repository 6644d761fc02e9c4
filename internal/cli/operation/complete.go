package operation

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/services/catalog"
)

// CompleteOperation completes the name of a service, then the name of one of its operations.
func CompleteOperation(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return CompleteService(cmd, args, begun)
	case 1:
		operations, _ := catalog.Operations(args[0]) // an unknown service has none
		var names []cobra.Completion
		for _, op := range operations {
			if op.Deprecated == "" {
				names = append(names, cobra.CompletionWithDesc(op.Name, string(op.Kind)))
			}
		}
		return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// CompleteService completes the name of a service, or of its Go package if that matches.
func CompleteService(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	services := cmdutil.FilterCompletions(catalog.Services(), begun)
	for _, name := range catalog.Services() {
		if plain := strings.ReplaceAll(name, "_", ""); strings.HasPrefix(plain, begun) && !strings.HasPrefix(name, begun) {
			services = append(services, plain)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(catalog.OtherNames())) {
		if begun != "" && strings.HasPrefix(name, begun) {
			services = append(services, name)
		}
	}
	return services, cobra.ShellCompDirectiveNoFileComp
}

// CompleteArgument completes the name of an argument of the operation, or its value if the type has
// a fixed set of values.
func CompleteArgument(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) < 2 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	kind := KindFlag(cmd.Flag("kind").Value.String())
	op, err := catalog.Operation(args[0]+"."+args[1], kind.Kinds()...)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if name, value, isValue := strings.Cut(begun, "="); isValue {
		return completeValue(op, name, value)
	}
	kindOf := kindsOf(op.Service)
	given, _ := cmd.Flags().GetStringArray("arg")
	var names []cobra.Completion
	for _, argument := range op.Arguments {
		if isList(argument.Type) || !isGiven(given, argument.Name) {
			names = append(names, completionOf(argument, kindOf))
		}
	}
	return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completionOf returns an argument with "=", or with ":=" if its type has only the JSON form.
func completionOf(argument core.Argument, kindOf func(string) kind) cobra.Completion {
	sign := "="
	if strings.HasPrefix(argument.Type, "[[") || kindOf(typeName(argument.Type)) == objectKind {
		sign = ":="
	}
	what := argument.Type
	if isRequired(argument.Type) {
		what += ", required"
	}
	return cobra.CompletionWithDesc(argument.Name+sign, what)
}

func isGiven(given []string, name string) bool {
	for _, text := range given {
		left, _, _ := strings.Cut(text, "=")
		if strings.TrimSuffix(left, ":") == name {
			return true
		}
	}
	return false
}

// completeValue completes the value of an enum or a Boolean, and file names after @.
func completeValue(op *core.Operation, name, value string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.HasPrefix(value, "@") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var values []cobra.Completion
	for _, argument := range op.Arguments {
		if argument.Name != name {
			continue
		}
		switch kind := kindsOf(op.Service)(typeName(argument.Type)); kind.name {
		case "boolean":
			values = []cobra.Completion{name + "=true", name + "=false"}
		case "enum":
			for v := range strings.SplitSeq(kind.values, ", ") {
				values = append(values, name+"="+v)
			}
		}
	}
	return cmdutil.FilterCompletions(values, name+"="+value), cobra.ShellCompDirectiveNoFileComp
}
