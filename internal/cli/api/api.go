// Package api is the command that sends a GraphQL document.
package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
)

// apiFlags are the flags of the command api.
type apiFlags struct {
	vars      []string
	variables string
	gateway   string
	operation string
}

// NewCommand returns the command api.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var flags apiFlags
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "api QUERY|@FILE|-",
		Short: "Send a GraphQL document",
		Long: `Send a GraphQL document and print its data as JSON: indented at a terminal, as the server sent it in a
pipe. A subscription prints each message, one a line in a pipe, until it completes. The document is the
argument, a file or stdin.

Variables have the same forms as the arguments of "taegis call" and are converted to the types that
the document declares.`,
		Example: `  taegis api '{ currentSubject { id } }'
  taegis api 'query ($id: String!) { client(id: $id) { name } }' --var id=c0ffee --jq .client.name
  taegis api @report.graphql --variables @variables.json`,
		Args: cmdutil.ExactArgs("QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req, err := apiRequest(cmd.Context(), a, args[0], flags)
			if err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			return operation.Send(a, cmd, out, req)
		},
	}
	out = a.NewOutput(cmd)
	cmd.Flags().StringArrayVar(&flags.vars, "var", nil, "variable: name=value, name:=JSON or name=@FILE; repeatable")
	cmd.Flags().StringVar(&flags.variables, "variables", "", "variables as one JSON object, or @FILE; --var overrides it")
	cmd.Flags().StringVar(&flags.gateway, "gateway", core.DefaultGateway, "path of the gateway below the base URL")
	cmd.Flags().StringVar(&flags.operation, "operation", "", "name of the operation, if the document has several")
	return cmd
}

// apiRequest returns the request that the command line describes.
func apiRequest(ctx context.Context, a *cmdutil.App, source string, flags apiFlags) (*core.Request, error) {
	if !strings.HasPrefix(flags.gateway, "/") {
		return nil, fmt.Errorf("--gateway %q: give a path, for example %s", flags.gateway, core.DefaultGateway)
	}
	text, err := cmdutil.ReadSource(ctx, a, source)
	if err != nil {
		return nil, err
	}
	doc, err := parser.ParseQuery(&ast.Source{Name: "document", Input: text})
	if err != nil {
		return nil, err
	}
	op, err := chooseOperation(doc, flags.operation)
	if err != nil {
		return nil, err
	}
	given := operation.Variables{Values: flags.vars, Object: flags.variables, StdinRead: cmdutil.FromStdin(source)}
	if source == text {
		given.Document = text
	}
	args, err := operation.DocumentVariables(ctx, a, op, given)
	if err != nil {
		return nil, err
	}
	return &core.Request{
		Operation: &core.Operation{Name: op.Name, Kind: core.OperationKind(op.Operation), Gateway: flags.gateway},
		Document:  text,
		Args:      args,
	}, nil
}

// chooseOperation returns the operation with a name, or the only one if name is empty.
func chooseOperation(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, error) {
	var names []string
	for _, op := range doc.Operations {
		if op.Name == name && name != "" {
			return op, nil
		}
		names = append(names, op.Name)
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("the document has no operation")
	case name != "":
		return nil, fmt.Errorf("the document has no operation %q: use one of %s", name, strings.Join(names, ", "))
	case len(names) > 1:
		return nil, fmt.Errorf("the document has several operations: choose one of %s with --operation", strings.Join(names, ", "))
	}
	return doc.Operations[0], nil
}
