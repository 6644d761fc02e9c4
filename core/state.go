package core

import (
	"context"
	"errors"
)

// MaxState is the size of the largest state that can be kept, in bytes.
const MaxState = 64 << 10

// ErrNoState is returned by [State.Save] if the token store cannot keep a state without showing it:
// the file that is shared with the Python SDK holds plain text.
var ErrNoState = errors.New("the token store keeps no state")

// State is a pair of functions that keep what an authenticator needs at the next login of the same
// account, sealed by the token store. It goes with the account's tokens: a logout deletes it.
type State struct {
	// load returns what was kept, and save replaces it.
	load func(ctx context.Context) (Secret, error)
	save func(ctx context.Context, state Secret) error
}

// NewState returns a State of these functions, which are both needed.
func NewState(load func(context.Context) (Secret, error), save func(context.Context, Secret) error) State {
	return State{load, save}
}

// CanKeep reports whether the state can be kept.
func (s State) CanKeep() bool { return s.load != nil && s.save != nil }

// Load returns what the latest Save has kept; the zero Secret if that is nothing, or if no state can
// be kept. Its errors are those of the token store.
func (s State) Load(ctx context.Context) (Secret, error) {
	if !s.CanKeep() {
		return Secret{}, nil
	}
	return s.load(ctx)
}

// Save keeps state, of any bytes, in place of what was kept before; the zero Secret deletes it. It
// takes effect at once, whatever the outcome of the login. It returns [ErrNoState] if no state can be
// kept, an [*ArgumentError] if state is larger than [MaxState], or an error of the token store.
func (s State) Save(ctx context.Context, state Secret) error {
	switch {
	case !s.CanKeep():
		return ErrNoState
	case len(state.Reveal()) > MaxState:
		return &ArgumentError{Argument: "state", Reason: "it is larger than 64 KiB"}
	}
	return s.save(ctx, state)
}
