package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/taegis-go/taegis/core"
)

// flight is one run of the chain, shared by all that wait for it.
type flight struct {
	silent  bool // nobody may be asked
	cancel  context.CancelCauseFunc
	done    chan struct{} // closed when token and err are set
	token   core.Token
	err     error
	waiting int // callers that wait; guarded by Session.mu
}

// renew waits for the renewal under way, or starts one. The renewal outlives a caller that
// gives up as long as another one waits.
func (s *Session) renew(ctx context.Context) (core.Token, error) {
	for {
		s.mu.Lock()
		if token, settled, err := s.settled(); settled {
			s.mu.Unlock()
			return token, err
		}
		f := s.flight
		if f == nil {
			f = s.start(ctx, false)
		}
		f.waiting++
		s.mu.Unlock()

		select {
		case <-f.done:
			if f.err != nil && f.silent {
				continue // that renewal could ask nobody; ours may
			}
			return f.token, f.err
		case <-ctx.Done():
			s.leave(f)
			return core.Token{}, context.Cause(ctx)
		}
	}
}

// settled reports what is known without a renewal: the session is closed, another caller has
// just renewed, or the chain has just failed. The caller holds s.mu.
func (s *Session) settled() (token core.Token, settled bool, err error) {
	now := s.now()
	switch h := s.held.Load(); {
	case s.closed:
		return core.Token{}, true, core.ErrClosed
	case h != nil && now.Before(h.deadAt):
		return h.token, true, nil
	case s.flight == nil && now.Before(s.setback.until):
		return core.Token{}, true, s.setback.err
	}
	return core.Token{}, false, nil
}

// renewInBackground renews a stale token unless that is under way or has just failed. It asks
// nobody, and nobody waits for it.
func (s *Session) renewInBackground(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.closed || s.flight != nil || now.Before(s.setback.until) || now.Before(s.restUntil) {
		return
	}
	s.start(ctx, true).waiting++ // for itself: it is never left
}

// start begins a run of the chain that keeps the values of ctx but not its end. The caller
// holds s.mu.
func (s *Session) start(ctx context.Context, silent bool) *flight {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f := &flight{silent: silent, cancel: cancel, done: make(chan struct{})}
	s.flight = f
	req, d := s.login, usable
	if silent {
		d = fresh
		req.NoInput = "the token is being renewed in the background"
	}
	s.running.Go(func() {
		defer cancel(nil)
		token, err := s.obtain(ctx, req, d)
		s.mu.Lock()
		defer s.mu.Unlock()
		f.token, f.err = token, err
		switch {
		case err == nil:
			s.hold(token)
		case s.flight == f: // else it was abandoned, which is no failure
			s.noteFailure(err, silent)
		}
		if s.flight == f {
			s.flight = nil
		}
		close(f.done)
	})
	return f
}

// noteFailure delays the next attempt after a failure. A stale token that only a person can
// renew is left alone in the background for a while. The caller holds s.mu.
func (s *Session) noteFailure(err error, silent bool) {
	now := s.now()
	s.setback.note(err, now)
	if silent {
		s.restUntil = now.Add(30 * time.Second)
	}
}

// leave takes a caller that gave up off the flight, and ends the flight with its last one.
func (s *Session) leave(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel(errAbandoned)
		if s.flight == f {
			s.flight = nil // who comes next starts anew instead of joining one that is ending
		}
	}
}

var errAbandoned = errors.New("nobody waits for the token any more")

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // nobody gains by guessing when a renewal starts
}
