package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Authorize returns a transport that sends requests through next with the session's token. A
// call whose token is rejected is repeated once with a renewed one. A request that brings a
// token of its own is left alone. Errors are those of [Session.Token] and of next.
func (s *Session) Authorize(next ports.Transport) ports.Transport {
	return &authorized{session: s, next: next}
}

type authorized struct {
	session *Session
	next    ports.Transport
}

func (a *authorized) Execute(ctx context.Context, req *core.Request, out any) error {
	if !req.Token.IsZero() {
		return a.next.Execute(ctx, req, out)
	}
	token, err := a.session.Token(ctx)
	if err != nil {
		return err
	}
	err = a.next.Execute(ctx, withToken(req, token), out)
	if !errors.Is(err, core.ErrUnauthorized) {
		return err
	}
	if token, err = a.session.replace(ctx, token, err); err != nil {
		return err
	}
	err = a.next.Execute(ctx, withToken(req, token), out)
	if errors.Is(err, core.ErrUnauthorized) {
		a.session.rejectedAnew(token, err)
	}
	return err
}

func (a *authorized) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	if !req.Token.IsZero() {
		return a.next.Subscribe(ctx, req)
	}
	return func(yield func(json.RawMessage, error) bool) {
		token, err := a.session.Token(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		rejection := forward(a.next.Subscribe(ctx, withToken(req, token)), yield)
		if rejection == nil {
			return
		}
		if token, err = a.session.replace(ctx, token, rejection); err != nil {
			yield(nil, err)
			return
		}
		if again := forward(a.next.Subscribe(ctx, withToken(req, token)), yield); again != nil {
			a.session.rejectedAnew(token, again)
			yield(nil, again)
		}
	}
}

// forward yields what the stream yields, but returns a rejection that comes before any message.
func forward(stream iter.Seq2[json.RawMessage, error], yield func(json.RawMessage, error) bool) (rejection error) {
	begun := false
	for message, err := range stream {
		if !begun && errors.Is(err, core.ErrUnauthorized) {
			return err
		}
		begun = true
		if !yield(message, err) {
			return nil
		}
	}
	return nil
}

// withToken returns a copy of the request that carries the token: middleware above the session
// never sees it.
func withToken(req *core.Request, token core.Token) *core.Request {
	r := *req
	r.Token = token.AccessToken
	return &r
}

// replace renews a token that the server rejected. Its error holds the rejection too.
func (s *Session) replace(ctx context.Context, token core.Token, rejection error) (core.Token, error) {
	s.Reject(token)
	renewed, err := s.Token(ctx)
	if err != nil {
		return core.Token{}, fmt.Errorf("%w\nafter: %w", err, rejection)
	}
	return renewed, nil
}

// rejectedAnew notes that a token that was renewed for this very call was rejected as well:
// such a server is not asked for tokens at the rate of the calls.
func (s *Session) rejectedAnew(token core.Token, err error) {
	s.Reject(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setback.note(&core.ChainError{
		Environment: s.login.Environment.Name,
		Attempts:    []core.Attempt{{Link: token.Origin, Err: err}},
	}, s.now())
}
