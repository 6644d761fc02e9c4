package authn

import (
	"cmp"
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

// maxTries limits the empty lines, wrong codes and expired device codes of a login.
const maxTries = 3

// canPrompt returns a [*core.UnavailableError] if the platform has no login for users, or the
// request's prompt lacks one of the functions that are needed.
func canPrompt(req core.LoginRequest, verification, text, secret bool) error {
	if err := noUsers(req); err != nil {
		return err
	}
	if err := req.CanPrompt(); err != nil {
		return err
	}
	p, cannot := req.Prompt, ""
	switch {
	case verification && p.ShowVerification == nil:
		cannot = "show a page to log in at"
	case text && p.AskText == nil:
		cannot = "ask for a user name"
	case secret && p.AskSecret == nil:
		cannot = "ask for a password"
	default:
		return nil
	}
	return &core.UnavailableError{
		Reason:   "the program cannot " + cannot,
		HintText: "log in from a terminal, or set CLIENT_ID and CLIENT_SECRET",
	}
}

// noUsers returns a [*core.UnavailableError] if the platform of the request has no login for users.
func noUsers(req core.LoginRequest) error {
	if req.Environment.Platform != core.PlatformFusion {
		return nil
	}
	idName, secretName := req.Environment.Platform.ClientSettings()
	id, _ := req.Setting(idName)
	secret, _ := req.Setting(secretName)
	return &core.UnavailableError{
		Reason: "fusion has no login for users: neither single sign-on nor a password",
		HintText: "set " + cmp.Or(id.Variable, idName) + " and " + cmp.Or(secret.Variable, secretName) +
			" to log in as an OAuth client",
	}
}

// announce tells the user what the questions that follow are for.
func (w loginWire) announce(ctx context.Context) {
	w.Notify(ctx, "Logging in to "+w.Environment.Name+" at "+w.Environment.AuthHost()+".")
}

// usernameOf returns an authenticator's own user name, or that of the request.
func usernameOf(own string, req core.LoginRequest) string {
	return cmp.Or(setting.Text(own), setting.Text(req.Username))
}

// username returns the configured user name, or asks for it.
func (w loginWire) username(ctx context.Context, set string) (string, error) {
	if set != "" {
		return set, nil
	}
	return w.ask(ctx, func(ctx context.Context) (string, error) {
		name, err := w.Prompt.AskText(ctx, labelUsername)
		return setting.Text(name), err
	})
}

// password asks for the password and does not trim it.
func (w loginWire) password(ctx context.Context) (string, error) {
	return w.ask(ctx, func(ctx context.Context) (string, error) {
		secret, err := w.Prompt.AskSecret(ctx, labelPassword)
		return secret.Reveal(), err
	})
}

// code asks for the MFA code without echo, because it is a secret while it is valid. White space
// between its digits is removed.
func (w loginWire) code(ctx context.Context) (string, error) {
	return w.ask(ctx, func(ctx context.Context) (string, error) {
		secret, err := w.Prompt.AskSecret(ctx, labelCode)
		return strings.Join(strings.Fields(setting.Text(secret.Reveal())), ""), err
	})
}

// ask repeats a question until the answer is not empty, at most three times.
func (w loginWire) ask(ctx context.Context, question func(context.Context) (string, error)) (string, error) {
	for range maxTries {
		value, err := question(ctx)
		if err != nil {
			return "", w.promptError(err)
		}
		if value != "" {
			return value, nil
		}
	}
	return "", &core.LoginError{
		Authenticator: w.name, Reason: "only empty lines were entered",
		HintText: "log in again", Err: core.ErrCancelled,
	}
}

// promptError returns the error of a prompt that failed.
func (w loginWire) promptError(err error) error {
	reason := "the prompt failed: " + err.Error()
	if errors.Is(err, core.ErrCancelled) {
		reason = "cancelled at the prompt"
	}
	return &core.LoginError{Authenticator: w.name, Reason: reason, HintText: "log in again", Err: err}
}
