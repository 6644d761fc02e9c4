// Package call is the command that calls an operation of a service.
package call

import (
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/services/catalog"
)

// long is the long help.
const long = `Call one operation of a service and print its result as JSON: indented at a terminal, as the server
sent it in a pipe. A subscription prints each message, one a line in a pipe, until it completes.

The forms of an argument are:
  name=value    value is converted to the argument's type; repeat it for a list
  name:=JSON    JSON
  name=@FILE    the text of a file, or JSON if the type is an object
  name:=@FILE   JSON from a file
The file - is stdin.

--all prints the rows of all pages of an operation that pages, one a line in a pipe. An argument for the
size is the size of a page. "taegis schema show" says which operations page.
` + across.Help + ` Without --all, a result that is not an object is printed as the field result.
A mutation is executed in each of the tenants.

If the server's schema lacks a selected field, the field is left out and a warning names it.
--require FIELD makes that an error. FIELD is a name, which matches every field with that name, or
a path of names.`

// NewCommand returns the command call.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var given, required []string
	var selection string
	var kind operation.KindFlag
	var pages allPages
	var many across.Flags
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "call SERVICE OPERATION",
		Short: "Call an operation of a service",
		Long:  long,
		Example: `  taegis call rules rules --arg count=500 --all --fields id,name
  taegis call clients clientsSearch --arg filters:='{"name":"my_awesome_app"}' --select 'results { id name }'
  taegis call rules rulesCount --tenants all
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
			if many.Given() {
				return callMany(cmd, a, &many, &pages, out, req)
			}
			if pages.all {
				return pages.print(cmd, a, out, req)
			}
			return operation.Send(a, cmd, out, req)
		},
	}
	out = a.NewOutput(cmd)
	cmd.Flags().StringArrayVar(&given, "arg", nil, "argument: name=value, name:=JSON or name=@FILE; repeatable")
	cmd.Flags().StringVar(&selection, "select", "", "selection: fields of the result, for example 'id name', in place of the default selection")
	cmd.Flags().StringArrayVar(&required, "require", nil, "fail if the server lacks this field of the result, for example enabled or list.severity; repeatable")
	pages.register(cmd)
	many.Register(cmd)
	kind.Register(cmd, "query, mutation or subscription, if the name is ambiguous")
	cmdutil.CompleteFlag(cmd, "arg", operation.CompleteArgument)
	return cmd
}
