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

// Send sends a request and prints its result, for a subscription one document per line. If the result
// is partial, Send prints it and returns its errors.
func Send(a *cmdutil.App, cmd *cobra.Command, req *core.Request) (err error) {
	client, err := a.Client(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if req.Operation.Kind == core.KindSubscription {
		return stream(a, cmd, client, req)
	}
	var value json.RawMessage
	err = client.Execute(cmd.Context(), req, &value)
	if err != nil && isNull(value) {
		return err
	}
	return cmdutil.JoinErrors(err, a.PrintData(value))
}

// stream prints each message on a line. A message with data and errors does not end the stream, but
// determines the exit code. A null with errors is not printed, as in a call.
func stream(a *cmdutil.App, cmd *cobra.Command, client *taegis.Client, req *core.Request) error {
	ctx, code := cmd.Context(), cmdutil.ExitOK
	for message, err := range client.Subscribe(ctx, req) {
		if err != nil && message == nil {
			return err // the stream has ended
		}
		if err == nil || !isNull(message) {
			if err := printLine(a, message); err != nil {
				return err
			}
		}
		if err != nil {
			a.PrintError(err)
			if code = max(code, cmdutil.ExitFailed); cmdutil.NotLoggedIn(err) {
				code = cmdutil.ExitNotLoggedIn
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case code != cmdutil.ExitOK:
		return &cmdutil.ExitError{Code: code}
	}
	return nil
}

// printLine prints a document without line breaks.
func printLine(a *cmdutil.App, document json.RawMessage) error {
	var line bytes.Buffer
	if err := json.Compact(&line, document); err != nil {
		return err
	}
	return a.PrintData(line.Bytes())
}

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || bytes.Equal(value, []byte("null"))
}
