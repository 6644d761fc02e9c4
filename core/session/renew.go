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
	silent bool // nobody may be asked
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when token and err are set
	token  core.Token
	err    error
	stays  time.Time // until then it outlives its last waiter

	// Guarded by Session.mu until done is closed.
	cleared bool        // what it brings is forgotten
	waiting int         // callers that wait
	asks    bool        // a person is being asked
	ending  *time.Timer // ends it at stays if nobody waits then; nil until nobody does
}

// renew waits for the renewal under way, or starts one. The renewal outlives a caller that
// gives up as long as another one waits, and for a while the last one, too.
func (s *Session) renew(ctx context.Context) (core.Token, error) {
	if ctx.Err() != nil {
		return core.Token{}, context.Cause(ctx)
	}
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
			if f.err != nil && (f.silent || f.cleared) {
				continue // that renewal could ask nobody, or was to bring nothing; ours may
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
	if h := s.held.Load(); h == nil || now.Before(h.staleAt) {
		return // the caller looked just before another one had renewed it
	}
	s.start(ctx, true).waiting++ // for itself: it is never left
}

// start begins a run of the chain that keeps the values of ctx but not its end. The caller
// holds s.mu.
func (s *Session) start(ctx context.Context, silent bool) *flight {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f := &flight{silent: silent, cancel: cancel, done: make(chan struct{}), stays: time.Now().Add(pause(time.Second, s.abandoned))}
	s.enter(f)
	req, d := s.login, usable
	req.Prompt = s.watched(f, req.Prompt)
	if silent {
		d = fresh
		req.NoInput = "the token is being renewed in the background"
	}
	go func() {
		defer cancel(nil)
		token, err := s.obtain(ctx, req, d)
		s.mu.Lock()
		defer s.mu.Unlock()
		f.token, f.err = token, err
		switch {
		case f.cleared:
			f.token, f.err = core.Token{}, errCleared
		case err == nil:
			s.hold(token)
			s.restIfStale(silent)
		case s.flight == f: // else it was abandoned, which is no failure
			s.noteFailure(err, silent)
		}
		s.end(f)
	}()
	return f
}

// enter makes a flight the one under way. The caller holds s.mu.
func (s *Session) enter(f *flight) {
	if s.flights == nil {
		s.flights = map[*flight]bool{}
	}
	s.flight, s.flights[f] = f, true
}

// end lets those go on who wait for a flight. The caller holds s.mu.
func (s *Session) end(f *flight) {
	if s.flight == f {
		s.flight = nil
	}
	delete(s.flights, f)
	if f.ending != nil {
		f.ending.Stop()
	}
	close(f.done)
}

// standStill forgets the token and begins a flight that renews nothing, so that no renewal begins before
// [Session.goOn]. It ends those before it and returns them.
func (s *Session) standStill() (clearing *flight, before []*flight) {
	clearing = &flight{cleared: true, cancel: func(error) {}, done: make(chan struct{}), err: errCleared}
	clearing.waiting++ // for itself: it is never left
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.flights {
		f.cleared = true
		f.cancel(errCleared)
		before = append(before, f)
	}
	s.held.Store(nil)
	s.enter(clearing)
	return clearing, before
}

func (s *Session) goOn(clearing *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(clearing)
}

var errCleared = errors.New("the tokens are being cleared")

// restIfStale delays the next renewal in the background where this one brought a stale token: a link that keeps its
// token until that expires, as some programs do, has no better one yet. The caller holds s.mu.
func (s *Session) restIfStale(silent bool) {
	now := s.now()
	if h := s.held.Load(); silent && h != nil && !now.Before(h.staleAt) {
		s.restUntil = now.Add(backgroundRest)
	}
}

// backgroundRest is the pause between renewals in the background that bring nothing.
const backgroundRest = 30 * time.Second

// noteFailure delays the next attempt after a failure. A stale token that only a person can
// renew is left alone in the background for a while. The caller holds s.mu.
func (s *Session) noteFailure(err error, silent bool) {
	now := s.now()
	s.setback.note(err, now)
	if silent {
		s.restUntil = now.Add(backgroundRest)
	}
}

// leave takes a caller that gave up off the flight. With its last one the flight ends too, but not
// before its time: callers with less patience than signing in takes would else each begin it anew,
// and never get a token. A question is taken off the screen at once.
func (s *Session) leave(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiting--
	if left := time.Until(f.stays); left <= 0 || f.asks {
		s.endIfLeft(f)
	} else if f.waiting == 0 && f.ending == nil {
		f.ending = time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.endIfLeft(f)
		})
	}
}

// endIfLeft ends a flight that nobody waits for. The next one stays longer. The caller holds s.mu.
func (s *Session) endIfLeft(f *flight) {
	if f.waiting > 0 {
		return
	}
	f.cancel(errAbandoned)
	if s.flight == f {
		s.flight = nil // who comes next starts anew instead of joining one that is ending
		s.abandoned++
	}
}

// watched returns the prompt for a flight, which then knows when a person is asked. Nobody is asked
// what nobody waits for.
func (s *Session) watched(f *flight, p core.Prompt) core.Prompt {
	asks := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.asks = true
		s.endIfLeft(f)
	}
	if show := p.ShowLink; show != nil {
		p.ShowLink = func(ctx context.Context, link core.Link) error { asks(); return show(ctx, link) }
	}
	if ask := p.AskText; ask != nil {
		p.AskText = func(ctx context.Context, label string) (string, error) { asks(); return ask(ctx, label) }
	}
	if ask := p.AskSecret; ask != nil {
		p.AskSecret = func(ctx context.Context, label string) (core.Secret, error) { asks(); return ask(ctx, label) }
	}
	return p
}

var errAbandoned = errors.New("nobody waits for the token any more")

// pause returns first, doubled so many times, and at most half a minute.
func pause(first time.Duration, doublings int) time.Duration {
	return min(30*time.Second, first<<min(doublings, 10))
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // nobody gains by guessing when a renewal starts
}
