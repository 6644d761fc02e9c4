package schema

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/services/catalog"
)

// completeAnyOperation completes OPERATION, SERVICE.OPERATION or SERVICE OPERATION.
func completeAnyOperation(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 1 { // SERVICE OPERATION
		return operation.CompleteOperation(cmd, args, begun)
	}
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return dottedNames(begun, func(service string) []string {
		operations, _ := catalog.Operations(service) // an unknown service has none
		return namesOf(operations)
	})
}

// completeType completes TYPE or SERVICE.TYPE. If --service is given, it completes the types of that
// service.
func completeType(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if service := cmd.Flag("service").Value.String(); service != "" {
		return cmdutil.FilterCompletions(typesOf(service), begun), cobra.ShellCompDirectiveNoFileComp
	}
	return dottedNames(begun, typesOf)
}

// dottedNames completes NAME from all services, and SERVICE.NAME.
func dottedNames(begun string, of func(service string) []string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if service, _, found := strings.Cut(begun, "."); found {
		for _, name := range of(service) {
			names = append(names, service+"."+name)
		}
		return cmdutil.FilterCompletions(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
	for _, service := range catalog.Services() {
		names = append(names, of(service)...)
	}
	return cmdutil.Distinct(cmdutil.FilterCompletions(names, begun)), cobra.ShellCompDirectiveNoFileComp
}

// namesOf returns the names of the operations that are not deprecated.
func namesOf(operations []*core.Operation) []string {
	var names []string
	for _, op := range operations {
		if op.Deprecated == "" {
			names = append(names, op.Name)
		}
	}
	return names
}

func typesOf(service string) []string {
	s, err := catalog.SchemaFor(service)
	if err != nil {
		return nil
	}
	return s.Types()
}
