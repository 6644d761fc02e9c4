package operation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// Send sends a request and prints its result, for a subscription each message as a record. If the
// result is partial, Send prints it and returns its errors.
func Send(a *cmdutil.App, cmd *cobra.Command, out *cmdutil.Output, req *core.Request) (err error) {
	client, err := a.Client(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if req.Operation.Kind == core.KindSubscription {
		return stream(a, cmd, out, client, req)
	}
	var value json.RawMessage
	err = client.Execute(cmd.Context(), req, &value)
	if err != nil && isNull(value) {
		return err
	}
	return cmdutil.JoinErrors(err, out.Response(cmd.Context(), value))
}

// stream prints each message as a record. A message with data and errors does not end the stream,
// but determines the exit code. A null with errors is not printed, as in a call.
func stream(a *cmdutil.App, cmd *cobra.Command, out *cmdutil.Output, client *taegis.Client, req *core.Request) error {
	ctx, code := cmd.Context(), cmdutil.ExitOK
	err := out.List(ctx, func(yield func(json.RawMessage, error) bool) {
		for message, err := range client.Subscribe(ctx, req) {
			if err != nil && message == nil {
				yield(nil, err) // the stream has ended
				return
			}
			if (err == nil || !isNull(message)) && !yield(message, nil) {
				return
			}
			if err != nil {
				a.PrintError(err)
				if code = max(code, cmdutil.ExitFailed); cmdutil.NotLoggedIn(err) {
					code = cmdutil.ExitNotLoggedIn
				}
			}
		}
	})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case code != cmdutil.ExitOK:
		return &cmdutil.ExitError{Code: code}
	}
	return nil
}

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || bytes.Equal(value, []byte("null"))
}
