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
	// a last step that stands for the environment's stored token, whichever account it is of.
	Authenticator string
	// Account is the account that the authenticator would log in to; empty if that is not known in
	// advance.
	Account core.Account
	// Stored is the stored token that would be used instead of a login; zero if there is none.
	Stored core.Token
	// Err is the reason if the authenticator would not be tried: an error that wraps
	// [core.ErrUnavailable], after which the chain tries the next one, or a failure that ends the
	// chain. It is nil if the authenticator would be tried.
	Err error
	// Settings are the settings that the authenticator looked up, set or not, in that order.
	Settings []ChainSetting
	// Reached reports whether the chain would come to this authenticator. It is false for all
	// those after the first that ends the chain.
	Reached bool
}

// EndsChain reports whether the chain would end with this authenticator if it came to it: with a
// stored token, a login or a failure.
func (s ChainStep) EndsChain() bool {
	return !s.Stored.IsZero() || !errors.Is(s.Err, core.ErrUnavailable)
}

// ChainSetting is a setting that an authenticator looked up.
type ChainSetting struct {
	// Name is the name that the authenticator asked for.
	Name string
	core.Setting
	// Set reports whether the setting has a value.
	Set bool
}

// Explain returns what the chain would do, one step for each authenticator in order, without
// network, prompt or change. A last step without a name stands for the environment's stored token
// if no authenticator names an account. The error is that of the token store.
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
	return ChainStep{
		Authenticator: step.Authenticator,
		Account:       step.Account,
		Stored:        step.Stored,
		Err:           step.Err,
		Settings:      settings,
		Reached:       step.Reached,
	}
}
