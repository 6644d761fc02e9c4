package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
)

func (a *app) callCommand() *cobra.Command {
	var given, required []string
	var selection string
	var kind kindFlag
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
		Args:              exactly("SERVICE", "OPERATION"),
		ValidArgsFunction: completeOperation,
		RunE: func(cmd *cobra.Command, args []string) error {
			op, err := catalog.Operation(args[0]+"."+args[1], kind.kinds()...)
			if err != nil {
				return lookup(cmd, err)
			}
			req := &core.Request{Operation: op}
			if req.Args, err = a.operationArguments(cmd.Context(), op, given); err != nil {
				return usagef(cmd, "%w", err)
			}
			if req.Selection, err = parseSelection(op, selection); err != nil {
				return usagef(cmd, "--select: %w", err)
			}
			req.Required = required
			if err := drift.CheckRequired(req); err != nil {
				return usagef(cmd, "--require: %w", err)
			}
			return a.send(cmd, req)
		},
	}
	cmd.Flags().StringArrayVar(&given, "arg", nil, "argument: name=value, name:=JSON or name=@FILE; repeatable")
	cmd.Flags().StringVar(&selection, "select", "", "fields of the result, such as 'id name', in place of all of them")
	cmd.Flags().StringArrayVar(&required, "require", nil, "field of the result without which the call fails, such as enabled or list.severity; repeatable")
	kind.register(cmd, "query, mutation or subscription, for a name that is several")
	complete(cmd, "arg", completeArgument)
	return cmd
}

// operationArguments reads the arguments of an operation from the command line.
func (a *app) operationArguments(ctx context.Context, op *core.Operation, given []string) (map[string]json.RawMessage, error) {
	r := &argumentReader{what: "argument", owner: op.Service + " " + op.Name, stdin: a.in, kind: kindsOf(op.Service)}
	for _, argument := range op.Arguments {
		r.declared = append(r.declared, parameter{name: argument.Name, typ: argument.Type, required: isRequired(argument.Type)})
	}
	for _, text := range given {
		if err := r.read(ctx, "--arg", text); err != nil {
			return nil, err
		}
	}
	a.warnOfArgv(r.inArgv)
	return r.complete()
}

// warnOfArgv warns of secrets that were given as arguments of the command line.
func (a *app) warnOfArgv(names []string) {
	for _, name := range names {
		a.warn("%s holds a secret, which the list of processes and the shell's history show: give it as @FILE, or as @- on stdin", name)
	}
}

// send carries a request that was found right and prints what comes back.
func (a *app) send(cmd *cobra.Command, req *core.Request) (err error) {
	client, err := a.client(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if req.Operation.Kind == core.Subscription {
		return a.stream(cmd, client, req)
	}
	var value json.RawMessage
	err = client.Execute(cmd.Context(), req, &value)
	if err != nil && isNull(value) {
		return err
	}
	return join(err, a.printData(value))
}

// stream prints each message on a line. One that has errors beside its data does not end it, but
// decides the exit code. A null beside errors is not printed, as in a call.
func (a *app) stream(cmd *cobra.Command, client *taegis.Client, req *core.Request) error {
	ctx, code := cmd.Context(), exitDone
	for message, err := range client.Subscribe(ctx, req) {
		if err != nil && message == nil {
			return err // it has ended
		}
		if err == nil || !isNull(message) {
			if err := a.printLine(message); err != nil {
				return err
			}
		}
		if err != nil {
			a.complain(err)
			if code = max(code, exitFailed); notSignedIn(err) {
				code = exitNoSignIn
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case code != exitDone:
		return &exitError{code}
	}
	return nil
}

// printLine prints a document without the line breaks that it may have.
func (a *app) printLine(document json.RawMessage) error {
	var line bytes.Buffer
	if err := json.Compact(&line, document); err != nil {
		return err
	}
	return a.printData(line.Bytes())
}

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || bytes.Equal(value, []byte("null"))
}

// join keeps a lone error as it is.
func join(err, more error) error {
	if more == nil {
		return err
	}
	return errors.Join(err, more)
}
