package session

import (
	"context"
	"errors"

	"github.com/taegis-go/taegis/core"
)

// Step is what [Session.Explain] says of one link of the chain.
type Step struct {
	// Authenticator is the link's name, such as "client-credentials".
	Authenticator string
	// Account names whose token the link would obtain; empty where it cannot tell.
	Account core.Account
	// Stored is the stored token that would be used in the link's place; zero for none.
	Stored core.Token
	// Err says why the link would not be tried: [core.ErrUnavailable], or a failure that
	// would end the chain. Nil means that it would be.
	Err error
	// Settings are those that the link looked up, set or not, in that order.
	Settings []Looked
	// Reached reports whether the chain would come to this link at all; the links behind the
	// first that answers are shadowed by it.
	Reached bool
}

// Looked is a setting that a link looked up.
type Looked struct {
	Name string
	core.Setting
	Set bool
}

// Answers reports whether the chain would end here: with a stored token, with an attempt to
// log in, or with a failure.
func (p Step) Answers() bool {
	return !p.Stored.IsZero() || !errors.Is(p.Err, core.ErrUnavailable)
}

// Explain says what [Session.Token] would do without doing it: it reads settings and stored
// tokens only. A last step without a Link stands for the environment's stored token where no
// link names a credential. Its error is that of the store.
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
		}
		reached = reached && !step.Answers()
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
