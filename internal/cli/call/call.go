// Package call is the command that calls an operation of a service.
package call

import (
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/services/catalog"
)

// NewCommand returns the command call.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var given, required []string
	var selection string
	var kind operation.KindFlag
	cmd := &cobra.Command{
		Use:   "call SERVICE OPERATION",
		Short: "Call an operation of a service",
		Long: `Call one operation of a service and print its value, JSON, as the server sent it. A
subscription prints one document a line until it completes.

An argument is given as name=value, where value is read by the argument's type and a list by
repeating it; as name:=JSON; as name=@FILE, the text of a file, or JSON where the type is an
object; or as name:=@FILE, JSON in a file. The file - is stdin.

If the server's schema lacks a field that the call asks for, the field is left out and a warning
names it. --require FIELD makes that an error: FIELD is a name, which means every field of that
name, or a path of names that ends with it.`,
		Example: `  taegis call clients clientsSearch --arg filters:='{"name":"my_awesome_app"}' --select 'results { id name }'
  taegis call clients createClient --arg name=my_awesome_app --arg roles=ROLE1 --arg roles=ROLE2`,
		Args:              cmdutil.ExactArgs("SERVICE", "OPERATION"),
		ValidArgsFunction: operation.CompleteOperation,
		RunE: func(cmd *cobra.Command, args []string) error {
			op, err := catalog.Operation(args[0]+"."+args[1], kind.Kinds()...)
			if err != nil {
				return operation.LookupError(cmd, err)
			}
			req := &core.Request{Operation: op}
			if req.Args, err = operation.Arguments(cmd.Context(), a, op, given); err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			if req.Selection, err = parseSelection(op, selection); err != nil {
				return cmdutil.UsageErrorf(cmd, "--select: %w", err)
			}
			req.Required = required
			if err := drift.CheckRequired(req); err != nil {
				return cmdutil.UsageErrorf(cmd, "--require: %w", err)
			}
			return operation.Send(a, cmd, req)
		},
	}
	cmd.Flags().StringArrayVar(&given, "arg", nil, "argument: name=value, name:=JSON or name=@FILE; repeatable")
	cmd.Flags().StringVar(&selection, "select", "", "fields of the result, such as 'id name', in place of all of them")
	cmd.Flags().StringArrayVar(&required, "require", nil, "field of the result without which the call fails, such as enabled or list.severity; repeatable")
	kind.Register(cmd, "query, mutation or subscription, for a name that is several")
	cmdutil.CompleteFlag(cmd, "arg", operation.CompleteArgument)
	return cmd
}
