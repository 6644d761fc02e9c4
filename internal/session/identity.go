package session

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// Identity returns what the account of the session's token belongs to: from memory, from the token
// store or from the identity service. If the service rejects the token, it is refreshed once. On
// Taegis, which has no such service, it returns a [*core.ArgumentError]. Its other errors are those
// of [Session.Token] and of the service.
func (s *Session) Identity(ctx context.Context) (core.Identity, error) {
	token, err := s.current(ctx)
	if err != nil {
		return core.Identity{}, err
	}
	identity, err := s.identityOf(ctx, token)
	if !errors.Is(err, core.ErrUnauthorized) {
		return identity, err
	}
	op := operation{name: "whoami"}
	token, err = s.replaced(ctx, attempt{op: op, token: token, n: token.sent.Add(1)}, err)
	if token == nil {
		return core.Identity{}, err
	}
	return s.identityOf(ctx, token)
}

// IdentityOf is Identity for a token that is not the session's. It is neither stored nor refreshed.
func (s *Session) IdentityOf(ctx context.Context, token core.Secret) (core.Identity, error) {
	identity, _, err := s.identities.of(ctx, token)
	return identity, err
}

// Complete fills in the tenant of a request that carries a token of its own, if the platform needs
// one: the tenant of the token's account. If the account has several, it returns a
// [*core.TenantRequiredError].
func (s *Session) Complete(ctx context.Context, req *core.Request) error {
	if !s.lacksTenant(req) {
		return nil
	}
	identity, err := s.IdentityOf(ctx, req.Token)
	return complete(req, identity, err)
}

// lacksTenant reports whether the platform needs the tenant that the request does not name.
func (s *Session) lacksTenant(req *core.Request) bool {
	return req.Tenant == "" && req.Operation.Kind != core.KindGet && s.login.Environment.Platform == core.PlatformFusion
}

// complete sets the tenant of a request to that of an identity.
func complete(req *core.Request, identity core.Identity, err error) error {
	if err == nil && identity.Type != core.IdentityTenant {
		err = &core.TenantRequiredError{Identity: identity}
	}
	if err == nil {
		req.Tenant = identity.ID
	}
	return err
}

// signed returns a copy of the request that carries the token and is complete: middleware above the
// session never sees the token.
func (s *Session) signed(ctx context.Context, req *core.Request, token *cachedToken) (*core.Request, error) {
	r := *req
	r.Token = token.token.AccessToken
	if !s.lacksTenant(&r) {
		return &r, nil
	}
	identity, err := s.identityOf(ctx, token)
	return &r, complete(&r, identity, err)
}

// identityOf returns the identity of one of the session's tokens. If the identity service was
// asked, it stores the answer with the token.
func (s *Session) identityOf(ctx context.Context, token *cachedToken) (core.Identity, error) {
	if !token.token.Identity.IsZero() {
		return token.token.Identity, nil
	}
	identity, asked, err := s.identities.of(ctx, token.token.AccessToken)
	if err == nil && asked {
		s.storeIdentity(ctx, token.token, identity)
	}
	return identity, err
}

// storeIdentity stores the identity with its token, if the token is stored at all. An error only
// costs the next process one more request.
func (s *Session) storeIdentity(ctx context.Context, token core.Token, identity core.Identity) {
	if token.Account == "" {
		return
	}
	_, err := s.store.Update(ctx, s.key(s.login, token.Account), func(_ context.Context, stored core.Token) (core.Token, error) {
		if stored.AccessToken.Equal(token.AccessToken) {
			stored.Identity = identity
		}
		return stored, nil
	})
	if err != nil {
		s.logger.LogAttrs(ctx, slog.LevelDebug, "the identity of the token was not stored",
			slog.String("environment", s.login.Environment.Name), slog.Any("error", err))
	}
}

// identities asks the identity service once for each token. Callers that ask for one token at the
// same time share one request.
type identities struct {
	ask func(context.Context, core.Secret) (core.Identity, error) // nil on Taegis

	mu    sync.Mutex
	known map[core.Secret]*inquiry
}

// inquiry is one request for an identity.
type inquiry struct {
	done     chan struct{} // closed when the fields below are set
	identity core.Identity
	err      error
	left     bool // the caller that asked gave up, which is no answer for the others
}

// mostKnown limits the identities in memory. A program that passes more tokens in contexts asks
// again.
const mostKnown = 1000

// of returns the identity of a token, and whether the identity service was asked for it.
func (i *identities) of(ctx context.Context, token core.Secret) (identity core.Identity, asked bool, err error) {
	if i.ask == nil {
		return core.Identity{}, false, &core.ArgumentError{Reason: "only fusion has an identity service"}
	}
	for {
		q, mine := i.enter(token)
		if mine {
			i.answer(ctx, token, q)
			return q.identity, true, q.err
		}
		select {
		case <-q.done:
		case <-ctx.Done():
			return core.Identity{}, false, context.Cause(ctx)
		}
		if !q.left {
			return q.identity, false, q.err
		}
	}
}

// enter returns the inquiry for a token, and whether the caller has to answer it.
func (i *identities) enter(token core.Secret) (q *inquiry, mine bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if q := i.known[token]; q != nil {
		return q, false
	}
	if i.known == nil || len(i.known) >= mostKnown {
		i.known = map[core.Secret]*inquiry{}
	}
	q = &inquiry{done: make(chan struct{}), err: errNoAnswer, left: true}
	i.known[token] = q
	return q, true
}

// errNoAnswer is the result of an inquiry that ended without one, for example by a panic.
var errNoAnswer = errors.New("the request for the identity did not end")

// answer asks the identity service. A failure is not kept.
func (i *identities) answer(ctx context.Context, token core.Secret, q *inquiry) {
	defer func() {
		i.mu.Lock()
		if q.err != nil && i.known[token] == q {
			delete(i.known, token)
		}
		i.mu.Unlock()
		close(q.done)
	}()
	q.identity, q.err = i.ask(ctx, token)
	q.left = q.err != nil && ctx.Err() != nil
}
