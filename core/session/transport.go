package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"

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
	err = a.send(ctx, req, token, out)
	if !errors.Is(err, core.ErrUnauthorized) {
		return err
	}
	if token, err = a.session.replaced(ctx, err); err != nil {
		return err
	}
	return a.send(ctx, req, token, out)
}

// send makes one try, and tells the session what the server thinks of the token.
func (a *authorized) send(ctx context.Context, req *core.Request, token core.Token, out any) error {
	err := a.next.Execute(ctx, withToken(req, token), out)
	a.session.learn(token.AccessToken, err)
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
		rejection := a.forward(ctx, req, token, yield)
		if rejection == nil {
			return
		}
		if token, err = a.session.replaced(ctx, rejection); err != nil {
			yield(nil, err)
			return
		}
		if again := a.forward(ctx, req, token, yield); again != nil {
			yield(nil, again)
		}
	}
}

// forward is send for a subscription: it yields what the stream yields, but returns a rejection that
// comes before any message.
func (a *authorized) forward(ctx context.Context, req *core.Request, token core.Token, yield func(json.RawMessage, error) bool) (rejection error) {
	begun := false
	for message, err := range a.next.Subscribe(ctx, withToken(req, token)) {
		if !begun {
			a.session.learn(token.AccessToken, err)
			if errors.Is(err, core.ErrUnauthorized) {
				return err
			}
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

// replaced returns the token in place of one that the server rejected. Its error holds the rejection too.
func (s *Session) replaced(ctx context.Context, rejection error) (core.Token, error) {
	renewed, err := s.Token(ctx)
	if err != nil {
		return core.Token{}, fmt.Errorf("%w\nafter: %w", err, rejection)
	}
	return renewed, nil
}

// learn notes what err, the outcome of a call, says of the token that the call carried.
func (s *Session) learn(token core.Secret, err error) {
	switch {
	case errors.Is(err, core.ErrUnauthorized):
		s.reject(token, err)
	case s.rejections.Load() > 0 && (err == nil || answered(err)):
		s.accept(token)
	}
}

// answered reports whether a failed call was refused for another reason than its token.
func answered(err error) bool {
	response, ok := errors.AsType[*core.ResponseError](err)
	return ok && response.Status == http.StatusOK
}

// accept ends the row of rejections, if it is the token in use that the server accepted.
func (s *Session) accept(token core.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held.Load(); h != nil && h.token.AccessToken.Equal(token) {
		s.rejections.Store(0)
	}
}

// rejectedKept is how many rejected tokens are known again. A store that cannot be written, or a neighbour, may bring
// up an older one than the last.
const rejectedKept = 16

// reject forgets a token that the server rejected: it is not handed out again, wherever it is
// stored. Many callers learn of one rejection; only the first tells something new. Where no token has
// worked since the rejection before, it counts as a failure of the chain, and the pauses grow though
// the chain gives tokens: such a server is not asked for them at the rate of the calls.
func (s *Session) reject(token core.Secret, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held.Load()
	if h == nil || !h.token.AccessToken.Equal(token) {
		return
	}
	s.held.Store(nil)
	s.rejected = append(s.rejected, token)
	s.rejected = s.rejected[max(0, len(s.rejected)-rejectedKept):]
	if before := s.rejections.Add(1) - 1; before > 0 {
		s.setback.count = int(before) - 1
		s.setback.note(&core.ChainError{
			Environment: s.login.Environment.Name,
			Attempts:    []core.Attempt{{Link: h.token.Origin, Err: err}},
		}, s.now())
	}
}
