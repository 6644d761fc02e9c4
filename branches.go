package taegis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/policy"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// branch is the part of a client for one environment: the session with its token, and the transport
// for requests with that token.
type branch struct {
	environment core.Environment
	session     *session.Session
	wire        ports.Transport
}

// branches are the branches of a client: one for its own environment, and one for each environment
// that a call chooses, created by the first such call. As a transport they send each request with
// the token of its environment only.
type branches struct {
	home *branch
	wire ports.Transport // without a token
	open func(core.Environment) *branch
	// policy decides which environments are allowed.
	policy *policy.Policy
	// belongs returns an error if the context's access token is not for the environment.
	belongs func(*callSettings, core.Environment) error

	mu     sync.Mutex
	others map[branchKey]*branch
	closed bool
}

// branchKey identifies an environment. Two names of one region are two environments, because the
// configuration file may have different settings for each.
type branchKey struct {
	name, api, auth, tenants string
	universal                bool
	platform                 core.Platform
}

func keyOf(e core.Environment) branchKey {
	return branchKey{e.Name, e.APIURL, e.AuthURL, e.TenantsURL, e.Universal, e.Platform}
}

// at returns the branch of an environment. It returns a [*core.BaseURLError] if a base URL cannot
// be used, a [*core.PolicyError] if the environment is not allowed, and [core.ErrClosed] after
// close.
func (b *branches) at(environment core.Environment) (*branch, error) {
	key := keyOf(environment)
	if key == keyOf(b.home.environment) {
		return b.home, nil // without a lock; its session returns ErrClosed itself
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, core.ErrClosed
	}
	if known, ok := b.others[key]; ok {
		return known, nil
	}
	if err := environment.Validate(); err != nil {
		return nil, err
	}
	if err := b.policy.Environment(environment); err != nil {
		return nil, err
	}
	if b.others == nil {
		b.others = map[branchKey]*branch{}
	}
	b.others[key] = b.open(environment)
	return b.others[key], nil
}

// sharing returns the other branches with the same stored tokens as one: those of the same region
// under another name, and those with universal authentication.
func (b *branches) sharing(one *branch) (others []*branch) {
	key := core.TokenKey{Section: one.environment.Section()}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, other := range append(slices.Collect(maps.Values(b.others)), b.home) {
		if other != one && key.InSection(other.environment.Section()) {
			others = append(others, other)
		}
	}
	return others
}

// close closes every session. Later calls do not create any.
func (b *branches) close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock() // others does not change any more
	err := b.home.session.Close()
	for _, other := range b.others {
		err = errors.Join(err, other.session.Close())
	}
	return err
}

// Execute sends a query or mutation.
func (b *branches) Execute(ctx context.Context, req *core.Request, out any) error {
	if err := req.CheckPlatform(); err != nil {
		return err // before a login
	}
	given, err := b.given(ctx, req)
	if err != nil {
		return err
	}
	branch, err := b.at(req.Environment)
	switch {
	case err != nil:
		return err
	case given != nil:
		if err = branch.session.Complete(ctx, given); err == nil {
			err = b.wire.Execute(ctx, given, out)
		}
		return notRefreshed(err)
	}
	return branch.wire.Execute(ctx, req, out)
}

// Subscribe starts a subscription.
func (b *branches) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	if err := req.CheckPlatform(); err != nil {
		return failing(err)
	}
	given, err := b.given(ctx, req)
	switch {
	case err != nil:
		return failing(err)
	case given != nil:
		return func(yield func(json.RawMessage, error) bool) {
			for message, err := range b.wire.Subscribe(ctx, given) {
				if !yield(message, notRefreshed(err)) {
					return
				}
			}
		}
	}
	branch, err := b.at(req.Environment)
	if err != nil {
		return failing(err)
	}
	return branch.wire.Subscribe(ctx, req)
}

// given returns a copy of req with the context's access token, nil if there is none. The token is
// added below the middleware, which never gets a token but may change the environment.
func (b *branches) given(ctx context.Context, req *core.Request) (*core.Request, error) {
	s := settingsOf(ctx)
	if s.token.IsZero() || !req.Token.IsZero() {
		return nil, nil
	}
	if err := b.belongs(s, req.Environment); err != nil {
		return nil, err
	}
	r := *req
	r.Token = s.token
	return &r, nil
}

// notRefreshed adds a hint to the server's answer if it rejected the context's access token.
func notRefreshed(err error) error {
	if !errors.Is(err, core.ErrUnauthorized) {
		return err
	}
	return fmt.Errorf("%w\n%w", err, &core.LoginError{
		Authenticator: contextAuthenticator, Reason: "the access token of the context is not refreshed",
		HintText: "pass a new one to ContextWithAccessToken, or leave it out so that the client logs in",
	})
}

// failing returns a sequence of one error.
func failing(err error) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, err) }
}
