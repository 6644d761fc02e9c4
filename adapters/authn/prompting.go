package authn

import (
	"context"
	"errors"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// The labels of the prompts.
const (
	labelUsername = "Username: "
	labelPassword = "Password: "
	labelCode     = "MFA code: "
)

// maxTries is how many empty lines, wrong codes or expired links a user is allowed.
const maxTries = 3

// canPrompt returns why nobody can be asked in all the ways that are needed, as an error that wraps
// [core.ErrUnavailable], else nil.
func canPrompt(req core.LoginRequest, link, text, secret bool) error {
	if err := req.CanPrompt(); err != nil {
		return err
	}
	p, cannot := req.Prompt, ""
	switch {
	case link && p.ShowVerification == nil:
		cannot = "show a link"
	case text && p.AskText == nil:
		cannot = "ask for a user name"
	case secret && p.AskSecret == nil:
		cannot = "ask for a password"
	default:
		return nil
	}
	return &core.UnavailableError{
		Reason:   "the program has no way to " + cannot,
		HintText: "run `taegis auth login` in a terminal, or set CLIENT_ID and CLIENT_SECRET",
	}
}

// username returns the user name that is set, or asks for it.
func (w loginWire) username(ctx context.Context, set string) (string, error) {
	if name := setting.Text(set); name != "" {
		return name, nil
	}
	return w.ask(ctx, func(ctx context.Context) (string, error) {
		name, err := w.Prompt.AskText(ctx, labelUsername)
		return setting.Text(name), err
	})
}

// password asks for the password, of which nothing is trimmed.
func (w loginWire) password(ctx context.Context) (string, error) {
	return w.ask(ctx, func(ctx context.Context) (string, error) {
		secret, err := w.Prompt.AskSecret(ctx, labelPassword)
		return secret.Reveal(), err
	})
}

// code asks for the code of a second factor. It is not shown, being a secret for as long as it
// works; users may type it in groups.
func (w loginWire) code(ctx context.Context) (string, error) {
	return w.ask(ctx, func(ctx context.Context) (string, error) {
		secret, err := w.Prompt.AskSecret(ctx, labelCode)
		return strings.Join(strings.Fields(setting.Text(secret.Reveal())), ""), err
	})
}

// ask repeats a question until the answer is not empty.
func (w loginWire) ask(ctx context.Context, question func(context.Context) (string, error)) (string, error) {
	for range maxTries {
		value, err := question(ctx)
		if err != nil {
			return "", w.unasked(err)
		}
		if value != "" {
			return value, nil
		}
	}
	return "", &core.LoginError{
		Authenticator: w.name, Reason: "only empty lines were entered",
		HintText: "run `taegis auth login` again", Err: core.ErrCancelled,
	}
}

// unasked is the failure of a question, or of a link that could not be shown.
func (w loginWire) unasked(err error) error {
	reason := "asking failed: " + err.Error()
	if errors.Is(err, core.ErrCancelled) {
		reason = "cancelled at the prompt"
	}
	return &core.LoginError{Authenticator: w.name, Reason: reason, HintText: "run `taegis auth login` to try again", Err: err}
}
