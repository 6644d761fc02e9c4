package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// demand says which stored token will do in place of a new one.
type demand int

const (
	usable demand = iota // one that is good at this moment
	fresh                // one that is not stale: a renewal ahead of time is to bring more life
	anew                 // none
)

// obtain walks the chain until a link gives a token. A stored token of the link's credential
// that meets the demand comes before the link itself, even where the link cannot try. It returns
// a [*core.ChainError] where no link gave one.
func (s *Session) obtain(ctx context.Context, req core.LoginRequest, d demand) (core.Token, error) {
	failure := &core.ChainError{Environment: req.Environment.Name}
	named := false
	for _, link := range s.links {
		credential, err := link.Credential(ctx, req)
		named = named || credential != ""
		token, err := s.try(ctx, link, req, credential, err, d)
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		failure.Attempts = append(failure.Attempts, core.Attempt{Link: LinkName(link), Err: err})
		if !errors.Is(err, core.ErrNotApplicable) {
			return core.Token{}, failure
		}
	}
	if !named {
		token, err := s.stored(ctx, s.key(req, ""), d)
		if err == nil {
			return token, nil
		}
		if !errors.Is(err, core.ErrNoToken) {
			return core.Token{}, err
		}
	}
	return core.Token{}, failure
}

// try gets a token of one link, whose answer to Credential it is given.
func (s *Session) try(ctx context.Context, link ports.Authenticator, req core.LoginRequest, credential core.Credential, credentialErr error, d demand) (core.Token, error) {
	if credential == "" {
		if credentialErr != nil {
			return core.Token{}, credentialErr
		}
		return s.authenticate(ctx, link, req)
	}
	key := s.key(req, credential)
	token, err := s.stored(ctx, key, d)
	if !errors.Is(err, core.ErrNoToken) {
		return token, err
	}
	if credentialErr != nil {
		return core.Token{}, credentialErr
	}
	token, err = s.store.Update(ctx, key, func(ctx context.Context, stored core.Token) (core.Token, error) {
		if s.meets(stored, d) {
			return stored, nil // another process was faster
		}
		return s.authenticate(ctx, link, req)
	})
	var unsaved *core.SaveError
	if errors.As(err, &unsaved) && !token.IsZero() {
		s.logger.Warn("the token works but was not saved; the next process signs in again", "store", unsaved.Where, "error", unsaved.Err)
		return token, nil
	}
	return token, err
}

// stored loads a token that meets the demand, or fails with [core.ErrNoToken] or what is wrong
// with the store.
func (s *Session) stored(ctx context.Context, key core.TokenKey, d demand) (core.Token, error) {
	if d == anew {
		return core.Token{}, core.ErrNoToken
	}
	token, err := s.store.Load(ctx, key)
	if err == nil && !s.meets(token, d) {
		return core.Token{}, core.ErrNoToken
	}
	return token, err
}

// meets reports whether a stored token, which may be the zero one, will do.
func (s *Session) meets(token core.Token, d demand) bool {
	switch {
	case d == anew || token.IsZero() || s.wasRejected(token):
		return false
	case d == fresh:
		now, h := s.now(), s.held.Load()
		if h != nil && h.token.AccessToken.Equal(token.AccessToken) {
			return false // the one that is to be replaced
		}
		return now.Before(token.Expiry.Add(-staleWindow(token, now)))
	}
	return true
}

// authenticate asks the link for a new token. One that the server has rejected before, as from
// a link that always gives the same, is a failure.
func (s *Session) authenticate(ctx context.Context, link ports.Authenticator, req core.LoginRequest) (core.Token, error) {
	token, err := link.Authenticate(ctx, req)
	switch {
	case err != nil:
		return core.Token{}, err
	case token.IsZero():
		return core.Token{}, &core.LoginError{Link: LinkName(link), Reason: "it returned neither a token nor an error", Remedy: "this is a defect of the authenticator: tell its author"}
	case s.wasRejected(token):
		return core.Token{}, &core.LoginError{
			Link: LinkName(link), Reason: "the server rejected the token and the link has no other", Refused: true,
			Remedy: "give it a new token, or unset it and run `taegis auth login`", Err: core.ErrUnauthorized,
		}
	}
	return token, nil
}

func (s *Session) wasRejected(token core.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.rejected, token.AccessToken.Equal)
}

func (s *Session) key(req core.LoginRequest, credential core.Credential) core.TokenKey {
	return core.TokenKey{Section: req.Environment.Section(), Host: req.Environment.AuthHost(), Credential: credential}
}

// LinkName is the link's name in the vocabulary of [ports.Named], else its Go type.
func LinkName(link ports.Authenticator) string {
	if named, ok := link.(ports.Named); ok {
		return named.Link()
	}
	return fmt.Sprintf("%T", link)
}
