package session

import (
	"context"
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Step is the result of [Session.Explain] for one authenticator of the chain.
type Step struct {
	// Authenticator is the authenticator's name, for example "client-credentials".
	Authenticator string
	// Account is the account that it would log in to; empty if that is not known in advance.
	Account core.Account
	// Stored is the stored token that would be used instead of a login; zero if there is none.
	Stored core.Token
	// Err is the reason if the authenticator would not be tried: an error that wraps
	// [core.ErrUnavailable], or a failure that would end the chain. Nil means that it would be.
	Err error
	// Settings are the settings that the authenticator looked up, set or not, in that order.
	Settings []Looked
	// Reached reports whether the chain would come to this authenticator.
	Reached bool
}

// Looked is a setting that an authenticator looked up.
type Looked struct {
	Name string
	core.Setting
	Set bool
}

// EndsChain reports whether the chain would end here: with a stored token, a login or a failure.
func (p Step) EndsChain() bool {
	return !p.Stored.IsZero() || EndsChain(p.Err)
}

// Explain returns what [Session.Token] would do. It only reads settings and stored tokens, and asks a
// [ports.AccountResolver] for its account if tokens of several of its accounts may be stored. If no
// authenticator returns an account, a last step without a name stands for the environment's stored
// token. It returns the error of the store.
func (s *Session) Explain(ctx context.Context) ([]Step, error) {
	var steps []Step
	reached, named := true, false
	for _, authenticator := range s.authenticators {
		step := Step{Authenticator: AuthenticatorName(authenticator), Reached: reached}
		req := s.login
		req.Lookup = recordLookups(req.Lookup, &step.Settings)
		step.Account, step.Err = authenticator.Account(ctx, req)
		if step.Account != "" {
			named = true
			if err := s.loadInto(ctx, &step); err != nil {
				return steps, err
			}
			if err := s.resolveInto(ctx, authenticator, req, &step); err != nil {
				return steps, err
			}
		}
		reached = reached && !step.EndsChain()
		steps = append(steps, step)
	}
	if !named {
		last := Step{Reached: reached, Err: core.ErrUnavailable}
		if err := s.loadInto(ctx, &last); err != nil {
			return steps, err
		}
		steps = append(steps, last)
	}
	return steps, nil
}

// resolveInto completes the step of an authenticator that tells accounts apart, if there are tokens of
// such accounts.
func (s *Session) resolveInto(ctx context.Context, authenticator ports.Authenticator, req core.LoginRequest, step *Step) error {
	resolver, ok := authenticator.(ports.AccountResolver)
	if !ok || len(s.accountsOf(ctx, step.Account)) == 1 {
		return nil
	}
	step.Stored = core.Token{}
	account, err := resolver.ResolveAccount(ctx, req)
	if step.Err == nil {
		step.Err = err
	}
	if account == "" {
		return nil
	}
	step.Account = account
	return s.loadInto(ctx, step)
}

func (s *Session) loadInto(ctx context.Context, step *Step) error {
	token, err := s.stored(ctx, s.key(s.login, step.Account), usableToken)
	if errors.Is(err, core.ErrNoToken) {
		return nil
	}
	step.Stored = token
	return err
}

func recordLookups(lookup func(string) (core.Setting, bool), into *[]Looked) func(string) (core.Setting, bool) {
	return func(name string) (core.Setting, bool) {
		if lookup == nil {
			return core.Setting{Variable: name}, false
		}
		setting, ok := lookup(name)
		*into = append(*into, Looked{Name: name, Setting: setting, Set: ok && !setting.Value.IsZero()})
		return setting, ok
	}
}
