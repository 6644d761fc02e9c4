package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Authorize returns a transport that sends requests through next with the session's token. If the
// token is rejected, the call is repeated once with another token, if there is one; if the
// operation is denied, the server's own error is returned. A request that has a token of its own is
// passed on as it is. Errors are those of [Session.Token] and of next.
func (s *Session) Authorize(next ports.Transport) ports.Transport {
	return &authorized{session: s, next: next}
}

type authorized struct {
	session *Session
	next    ports.Transport
}

// attempt is one try of a call with the session's token.
type attempt struct {
	op    operation
	token *cachedToken
	n     int64 // the number of the call, counted by token
}

func (a *authorized) Execute(ctx context.Context, req *core.Request, out any) error {
	if !req.Token.IsZero() {
		return a.next.Execute(ctx, req, out)
	}
	token, err := a.session.current(ctx)
	if err != nil {
		return err
	}
	first, err := a.send(ctx, req, token, out)
	if !errors.Is(err, core.ErrUnauthorized) {
		return err
	}
	token, err = a.session.replaced(ctx, first, err)
	if token == nil || !repeatable(req, err) {
		return err
	}
	second, err := a.send(ctx, req, token, out)
	a.session.conclude(first, second, err)
	return err
}

// send makes one try.
func (a *authorized) send(ctx context.Context, req *core.Request, token *cachedToken, out any) (attempt, error) {
	signed, err := a.session.signed(ctx, req, token)
	try := attempt{op: operationOf(req), token: token, n: token.sent.Add(1)}
	if err == nil {
		err = a.next.Execute(ctx, signed, out)
	}
	a.session.learn(try, err)
	return try, err
}

func (a *authorized) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	if !req.Token.IsZero() {
		return a.next.Subscribe(ctx, req)
	}
	return func(yield func(json.RawMessage, error) bool) {
		token, err := a.session.current(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		first, rejection := a.forward(ctx, req, token, yield)
		if rejection == nil {
			return
		}
		token, rejection = a.session.replaced(ctx, first, rejection)
		if token == nil || !repeatable(req, rejection) {
			yield(nil, rejection)
			return
		}
		second, rejection := a.forward(ctx, req, token, yield)
		a.session.conclude(first, second, rejection)
		if rejection != nil {
			yield(nil, rejection)
		}
	}
}

// forward is send for a subscription: it yields what the stream yields, but returns a rejection
// that comes before any message.
func (a *authorized) forward(ctx context.Context, req *core.Request, token *cachedToken, yield func(json.RawMessage, error) bool) (try attempt, rejection error) {
	try = attempt{op: operationOf(req), token: token, n: token.sent.Add(1)}
	begun, signed := false, *req
	signed.Token = token.token.AccessToken
	for message, err := range a.next.Subscribe(ctx, &signed) {
		if !begun {
			a.session.learn(try, err)
			if errors.Is(err, core.ErrUnauthorized) {
				return try, err
			}
		}
		begun = true
		if !yield(message, err) {
			return try, nil
		}
	}
	return try, nil
}

// repeatable reports whether a rejected call may be repeated. An answer can contain the
// rejection of a service and still prove that the operation was executed, or end before that part.
func repeatable(req *core.Request, rejection error) bool {
	answer, ok := errors.AsType[*core.ResponseError](rejection)
	return !ok || req.Operation.Idempotent() || answer.Evidence != core.EvidenceExecuted && answer.Evidence != core.EvidenceUnread
}

// learn records that the server accepted a token, if the outcome of a call shows it.
func (s *Session) learn(try attempt, err error) {
	if !accepted(err) {
		return
	}
	try.token.accept(try.n)
	s.rejections.accept(try.op, s.cached.Load() == try.token)
	if s.asking.Load() {
		s.endNeedlessPrompt(try.token)
	}
}

// accepted reports whether the outcome of a call shows that the server accepted its token.
func accepted(err error) bool {
	if err == nil {
		return true
	}
	answer, ok := errors.AsType[*core.ResponseError](err)
	return ok && (answer.Partial || answer.Evidence == core.EvidenceExecuted) && !errors.Is(err, core.ErrUnauthorized)
}

// replaced returns the token with which to repeat a rejected call, nil for none, and the rejection,
// with the reason if the token was to be refreshed and could not be.
func (s *Session) replaced(ctx context.Context, try attempt, rejection error) (*cachedToken, error) {
	for {
		s.mu.Lock()
		now, c := s.now(), s.cached.Load()
		switch {
		case s.closed:
			s.mu.Unlock()
			return nil, withReason(rejection, core.ErrClosed)
		case c == nil || !now.Before(c.expiresAt): // it was cleared, or has expired
			s.mu.Unlock()
			got, err := s.await(ctx)
			return got, withReason(rejection, err)
		case c != try.token: // another caller has refreshed it
			s.mu.Unlock()
			return c, rejection
		}
		r := s.refresh
		if r == nil {
			p, reason := s.planFor(try, now)
			if p == nil {
				s.mu.Unlock()
				return nil, withReason(rejection, reason)
			}
			r = s.start(ctx, *p)
		}
		got, err := s.join(ctx, r)
		switch {
		case err == nil && got != c:
			return got, rejection
		case err != nil && ctx.Err() == nil && (r.silent == inBackground || r.cleared):
			continue // this one may prompt
		}
		s.rejections.failed(try.op, c.accepted.Load() > 0, s.now())
		if r.silent == notAgain || errors.Is(err, errNeedless) {
			err = nil // only the server's answer is returned
		}
		return nil, withReason(rejection, err)
	}
}

// planFor returns the refresh that the rejection of a call with the token in use leads to, nil for
// none, with what the latest one failed with if that was just now. The caller holds s.mu.
func (s *Session) planFor(try attempt, now time.Time) (*plan, error) {
	if now.Before(s.backoff.until) {
		return nil, s.backoff.err
	}
	p := plan{replaces: try.token, rejected: try.n}
	switch s.rejections.decide(try.token, try.n, try.op, now) {
	case denied:
		return nil, nil
	case refreshSilent:
		p.silent = notAgain
	case refreshAny:
	}
	return &p, nil
}

// conclude notes whether another token made a call work that was rejected.
func (s *Session) conclude(first, second attempt, err error) {
	switch {
	case errors.Is(err, core.ErrUnauthorized):
		s.rejections.failed(first.op, first.token.accepted.Load() > 0, s.now())
	case accepted(err):
		s.rejections.helped(second.op)
	}
}

// unrefreshed is the rejection of a call after which the token could not be refreshed.
type unrefreshed struct {
	rejection error
	reason    error
}

func (e *unrefreshed) Error() string {
	return fmt.Sprintf("%v\nthe token could not be refreshed: %v", e.rejection, e.reason)
}

// Unwrap returns the server's answer and the reason.
func (e *unrefreshed) Unwrap() []error { return []error{e.rejection, e.reason} }

func withReason(rejection, reason error) error {
	if reason == nil {
		return rejection
	}
	return &unrefreshed{rejection, reason}
}
