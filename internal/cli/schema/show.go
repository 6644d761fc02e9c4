package schema

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/services/catalog"
)

func showCommand(a *cmdutil.App) *cobra.Command {
	var flags schemaFlags
	cmd := &cobra.Command{
		Use:   "show [SERVICE] OPERATION",
		Short: "Show an operation with its arguments, result and command line",
		Long: `Show the arguments, result and default selection of an operation, and a command line that calls it,
with placeholders for the required arguments. It says how an operation pages, and of which arguments
the scalar type is not certain. If several services have an operation with the name,
write SERVICE.OPERATION.`,
		Example: `  taegis schema show createClient
  taegis schema show events eventQuery --kind subscription`,
		Args:              dotted("OPERATION"),
		ValidArgsFunction: completeAnyOperation,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := describe(a, cmd, args, flags)
			if err != nil {
				return err
			}
			if flags.out.Chosen() {
				return flags.out.Value(cmd.Context(), d)
			}
			return a.PrintPage(page(d))
		},
	}
	flags.kind.Register(cmd, "query, mutation or subscription, if the name is ambiguous")
	flags.registerLive(cmd)
	flags.registerOutput(a, cmd)
	return cmd
}

// describe finds the operation that the arguments name.
func describe(a *cmdutil.App, cmd *cobra.Command, args []string, flags schemaFlags) (*catalog.Description, error) {
	service, name := split(args)
	known, err := catalog.Operation(strings.Join(args, "."), flags.kind.Kinds()...)
	switch {
	case err == nil:
		service = known.Service
	case !flags.live || service == "":
		return nil, notAnOperation(cmd, args[0], err)
	}
	var s *catalog.Schema
	if !flags.live {
		s, err = catalog.SchemaFor(service)
	} else if known != nil {
		s, err = liveService(a, cmd, service)
	} else { // only the gateway may have the operation
		s, err = liveService(a, cmd, service, name)
	}
	if err != nil {
		return nil, err
	}
	op, err := s.Operation(name, flags.kind.Kinds()...)
	if err != nil {
		return nil, operation.LookupError(cmd, err)
	}
	return s.Describe(op)
}

// notAnOperation returns an error that suggests the command for a name of a service or type.
func notAnOperation(cmd *cobra.Command, name string, err error) error {
	if _, ok := errors.AsType[*catalog.UnknownOperationError](err); ok {
		if _, noService := catalog.Operations(name); noService == nil {
			return cmdutil.UsageErrorf(cmd, "%s is a service: `taegis schema operations %s` lists its operations", name, name)
		}
		_, noType := catalog.TypeOf("", name)
		if _, unknown := errors.AsType[*catalog.UnknownTypeError](noType); !unknown {
			return cmdutil.UsageErrorf(cmd, "%s is a type: `taegis schema type %s` shows it", name, name)
		}
	}
	return operation.LookupError(cmd, err)
}

// page returns an operation as text.
func page(d *catalog.Description) string {
	var b strings.Builder
	title := string(d.Kind) + " " + d.Name
	if d.Service != "" {
		title += " of " + d.Service
	}
	section(&b, title+", at "+placeOf(d.Gateway, d.Host, d.Platform))
	if d.Deprecated != "" {
		wrap(&b, "", "deprecated: "+d.Deprecated)
	}
	wrap(&b, "", d.Description)
	if len(d.Arguments) > 0 {
		section(&b, "Arguments")
		table(&b, "  ", fieldRows(d.Arguments))
	}
	for _, input := range d.Inputs {
		section(&b, input.Kind+" "+input.Name)
		table(&b, "  ", typeRows(input))
	}
	if d.Paging != "" {
		section(&b, "Pages")
		wrap(&b, "  ", d.Paging+"; --all of taegis call prints the rows of all")
	}
	section(&b, "Result "+d.Result)
	if d.ResultType != nil {
		table(&b, "  ", typeRows(d.ResultType))
	}
	if d.Selection != "" {
		section(&b, "Default selection")
		wrap(&b, "  ", d.Selection)
	}
	section(&b, "Call")
	b.WriteString("  " + text.Lines(d.CommandLine) + "\n")
	return b.String()
}
