package taegis

import (
	"context"
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
)

// ChainStep is what [Client.Explain] reports about one authenticator of the chain.
type ChainStep struct {
	// Authenticator is the authenticator's name, for example "client-credentials". It is empty in
	// a last step that stands for the environment's stored token of any account.
	Authenticator string
	// Account is the account that the authenticator would log in to; empty if it is not known in
	// advance.
	Account core.Account
	// Stored is the stored token that would be used instead of a login; zero if there is none.
	Stored core.Token
	// Err is the reason for which the authenticator would not be tried, nil if it would be. If it
	// wraps [core.ErrUnavailable], the chain tries the next authenticator; any other error ends the
	// chain. If the policy of this machine excludes the authenticator, it is a [*core.PolicyError].
	Err error
	// Settings are the settings that the authenticator looked up, set or not, in the order of the
	// look-ups.
	Settings []ChainSetting
	// Reached reports whether the chain would reach this authenticator. It is false for all
	// authenticators after the first that ends the chain.
	Reached bool
}

// EndsChain reports whether this authenticator would end the chain once reached: with a stored
// token, a login or a failure.
func (s ChainStep) EndsChain() bool {
	return !s.Stored.IsZero() || session.EndsChain(s.Err)
}

// ChainSetting is a setting that an authenticator looked up.
type ChainSetting struct {
	// Name is the name that the authenticator looked up.
	Name string
	core.Setting
	// Set reports whether the setting has a value.
	Set bool
}

// Explain returns what the chain would do, one step for each authenticator in order, without
// network, prompt or change. An authenticator that tells accounts apart, for example a plugin that
// looks at a badge, is asked for its account if there are tokens of such accounts. A last step without
// a name stands for the environment's stored token if no authenticator names an account. The error is
// that of the token store.
func (c *Client) Explain(ctx context.Context) ([]ChainStep, error) {
	branch, err := c.branch(ctx)
	if err != nil {
		return nil, err
	}
	explained, err := branch.session.Explain(ctx)
	if err != nil {
		return nil, err
	}
	steps := make([]ChainStep, len(explained))
	for i, step := range explained {
		steps[i] = chainStep(step)
	}
	return steps, nil
}

func chainStep(step session.Step) ChainStep {
	settings := make([]ChainSetting, len(step.Settings))
	for i, looked := range step.Settings {
		settings[i] = ChainSetting(looked)
	}
	account := step.Account
	if _, ok := errors.AsType[*core.PolicyError](step.Err); ok {
		account = "" // that of an authenticator without one
	}
	return ChainStep{
		Authenticator: step.Authenticator,
		Account:       account,
		Stored:        step.Stored,
		Err:           step.Err,
		Settings:      settings,
		Reached:       step.Reached,
	}
}
