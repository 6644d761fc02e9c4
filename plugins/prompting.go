package plugins

import (
	"context"
	"errors"
	"fmt"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// dialPromptServer returns a prompt that asks the user at the host. The dialling goes on in the
// background; hangUp ends it.
func dialPromptServer(broker *goplugin.GRPCBroker, asking *contract.Asking) (p core.Prompt, hangUp func(), err error) {
	if asking.GetPrompt() == 0 {
		return core.Prompt{}, func() {}, nil
	}
	// At once, since the broker forgets the host's address after 5 s.
	conn, err := broker.DialWithOptions(asking.GetPrompt(), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return core.Prompt{}, nil, fmt.Errorf("the host cannot be reached to ask the user: %w", err)
	}
	return remotePrompt(contract.NewPromptClient(conn), asking), func() { _ = conn.Close() }, nil
}

// remotePrompt can do what the host can.
func remotePrompt(user contract.PromptClient, asking *contract.Asking) core.Prompt {
	var p core.Prompt
	if asking.GetShowVerification() {
		p.ShowVerification = func(ctx context.Context, verification core.Verification) error {
			m := &contract.ShowVerificationRequest{Url: verification.URI, Code: verification.UserCode}
			if !verification.ExpiresAt.IsZero() {
				m.Expires = timestamppb.New(verification.ExpiresAt)
			}
			_, err := user.ShowVerification(ctx, m)
			return unasked(ctx, err)
		}
	}
	if asking.GetAskText() {
		p.AskText = func(ctx context.Context, label string) (string, error) {
			m, err := user.AskText(ctx, &contract.AskRequest{Label: label})
			return m.GetAnswer(), unasked(ctx, err)
		}
	}
	if asking.GetAskSecret() {
		p.AskSecret = func(ctx context.Context, label string) (core.Secret, error) {
			m, err := user.AskSecret(ctx, &contract.AskRequest{Label: label})
			return core.NewSecret(m.GetAnswer()), unasked(ctx, err)
		}
	}
	if asking.GetNotify() {
		p.Notify = func(ctx context.Context, message string) {
			_, _ = user.Notify(ctx, &contract.NotifyRequest{Message: message}) // nothing waits for it
		}
	}
	if asking.GetCountdown() {
		p.Countdown = func(ctx context.Context, left time.Duration) {
			_, _ = user.Countdown(ctx, &contract.CountdownRequest{Left: durationpb.New(left)}) // nothing waits for it
		}
	}
	return p
}

var errNotAsked = errors.New("the host could not ask the user")

// unasked is the error of a question, as the contract of [core.Prompt] has it.
func unasked(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	switch status.Code(err) {
	case codes.Aborted:
		return fmt.Errorf("at the prompt of the host: %w", core.ErrCancelled)
	case codes.Canceled:
		return context.Canceled
	case codes.InvalidArgument:
		return fmt.Errorf("%w: %s", errNotAsked, status.Convert(err).Message())
	}
	return errNotAsked
}
