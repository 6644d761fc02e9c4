package session

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/taegis-go/taegis/core"
)

// plan is the purpose of a refresh.
type plan struct {
	requirement requirement
	silent      string       // why the user is not prompted, "" if prompting is allowed
	replaces    *cachedToken // the rejected token that it is to replace, nil for none
	rejected    int64        // the number of the rejected call with that token
}

// refresh is one run of the chain, shared by all callers that wait for it.
type refresh struct {
	plan
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when got and err are set
	got    *cachedToken
	err    error
	stays  time.Time // until then it outlives its last waiter

	// Guarded by Session.mu until done is closed.
	cleared bool        // its token is forgotten
	waiting int         // callers that wait
	asks    bool        // the user is being prompted
	ending  *time.Timer // ends it at stays if no caller waits then; nil while one does
}

// Reasons why the user is not prompted.
const (
	inBackground = "the token is being refreshed in the background"
	notAgain     = "the server rejected a call, and another login is unlikely to change that"
)

// await waits for the refresh under way, or starts one. The refresh outlives a caller that gives up
// as long as another one waits, and for a while the last one, too.
func (s *Session) await(ctx context.Context) (*cachedToken, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for {
		s.mu.Lock()
		if c, settled, err := s.settled(); settled {
			s.mu.Unlock()
			return c, err
		}
		r := s.refresh
		if r == nil {
			r = s.start(ctx, plan{})
		}
		got, err := s.join(ctx, r)
		if err != nil && ctx.Err() == nil && (r.silent != "" || r.cleared) {
			continue // it could not prompt, or its token was cleared; the next one may succeed
		}
		return got, err
	}
}

// join waits for a refresh. The caller holds s.mu, which join unlocks.
func (s *Session) join(ctx context.Context, r *refresh) (*cachedToken, error) {
	r.waiting++
	s.mu.Unlock()
	select {
	case <-r.done:
		return r.got, r.err
	case <-ctx.Done():
		s.leave(r, context.Cause(ctx))
		return nil, context.Cause(ctx)
	}
}

// settled reports what is known without a refresh: the session is closed, another caller has just
// refreshed, or the chain has just failed. The caller holds s.mu.
func (s *Session) settled() (cached *cachedToken, settled bool, err error) {
	now := s.now()
	switch c := s.cached.Load(); {
	case s.closed:
		return nil, true, core.ErrClosed
	case c != nil && now.Before(c.expiresAt):
		return c, true, nil
	case s.refresh == nil && now.Before(s.backoff.until):
		return nil, true, s.backoff.err
	}
	return nil, false, nil
}

// refreshInBackground refreshes a stale token unless that is under way or has just failed. It does
// not prompt, and no caller waits for it.
func (s *Session) refreshInBackground(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.closed || s.refresh != nil || now.Before(s.backoff.until) || now.Before(s.restUntil) {
		return
	}
	if c := s.cached.Load(); c == nil || now.Before(c.refreshAfter) {
		return // another caller has refreshed it since
	}
	s.start(ctx, plan{requirement: freshToken, silent: inBackground}).waiting++ // for itself: it is never left
}

// start begins a run of the chain that keeps the values of ctx but not its end. The caller holds
// s.mu.
func (s *Session) start(ctx context.Context, p plan) *refresh {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	r := &refresh{plan: p, cancel: cancel, done: make(chan struct{}), stays: time.Now().Add(pause(time.Second, 30*time.Second, s.abandoned))}
	s.enter(r)
	req, n := s.login, need{requirement: p.requirement}
	if p.replaces != nil {
		s.rejections.distrust(p.replaces.token.AccessToken)
		p.replaces.prompted = p.replaces.prompted || p.silent == ""
		n.rejected = &p.replaces.token
	}
	req.Prompt = s.watched(r, req.Prompt)
	if p.silent != "" {
		req.NonInteractive = p.silent
		if c := s.cached.Load(); c != nil {
			n.same = &c.token
		}
	}
	go func() {
		defer cancel(nil)
		var token core.Token
		err := errors.New("an authenticator, a token store or a prompt ended its goroutine with runtime.Goexit")
		defer func() {
			if v := recover(); v != nil {
				err = &core.PanicError{Value: v, Stack: debug.Stack()}
			}
			s.finish(r, token, err)
		}()
		if s.watcher != nil {
			token, err = s.watcher.obtain(ctx, s, req, n, p.replaces)
			return
		}
		token, err = s.obtain(ctx, req, n)
	}()
	return r
}

// finish ends a refresh with its outcome.
func (s *Session) finish(r *refresh, token core.Token, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.cleared:
		r.err = errCleared
	case err != nil:
		r.err = err
		if s.refresh == r { // otherwise it was abandoned, which is no failure
			s.noteFailure(r)
		}
	default:
		before := s.cached.Load()
		r.got = s.keep(token)
		r.got.replacement = r.got.replacement || r.replaces != nil && r.got != before
		s.restIfStale(r.silent != "")
	}
	switch {
	case r.replaces != nil:
		s.rejections.refreshed(s.now())
	case r.err == nil && r.requirement == newToken:
		s.rejections.forgive()
	case r.err == nil:
		s.rejections.accepted() // nothing speaks against the new token
	}
	s.end(r)
}

// enter adds a refresh to those under way. The first is the one that callers join. The caller holds
// s.mu.
func (s *Session) enter(r *refresh) {
	if s.refreshes == nil {
		s.refreshes = map[*refresh]bool{}
	}
	s.refreshes[r] = true
	if s.refresh == nil {
		s.refresh = r
	}
}

// end lets the callers go on that wait for a refresh. The caller holds s.mu.
func (s *Session) end(r *refresh) {
	if s.refresh == r {
		s.refresh = nil
	}
	delete(s.refreshes, r)
	if r.ending != nil {
		r.ending.Stop()
	}
	close(r.done)
}

// pauseRefresh forgets the token and begins a refresh that obtains nothing, so that no other begins
// before [Session.resumeRefresh]. It ends those before it and returns them.
func (s *Session) pauseRefresh() (clearing *refresh, before []*refresh) {
	clearing = &refresh{cleared: true, cancel: func(error) {}, done: make(chan struct{}), err: errCleared}
	clearing.waiting++ // for itself: it is never left
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.refreshes {
		r.cleared = true
		r.cancel(errCleared)
		before = append(before, r)
	}
	s.cached.Store(nil)
	s.rejections.forgive()
	s.refresh = nil
	s.enter(clearing)
	return clearing, before
}

func (s *Session) resumeRefresh(clearing *refresh) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(clearing)
}

var errCleared = fmt.Errorf("%w: the tokens were cleared meanwhile", core.ErrCancelled)

// restIfStale delays the next refresh in the background if this one brought a stale token: an
// authenticator that keeps its token until that expires, as some programs do, has no better one
// yet. The caller holds s.mu.
func (s *Session) restIfStale(silent bool) {
	now := s.now()
	if c := s.cached.Load(); silent && c != nil && !now.Before(c.refreshAfter) {
		s.restUntil = now.Add(backgroundRest)
	}
}

// backgroundRest is the pause between refreshes in the background that bring nothing.
const backgroundRest = 30 * time.Second

// noteFailure delays the next attempt after a failure. A stale token that only a prompt can refresh
// is left alone in the background for a while. The caller holds s.mu.
func (s *Session) noteFailure(r *refresh) {
	now := s.now()
	s.backoff.note(r.err, now)
	if r.silent != "" {
		s.restUntil = now.Add(backgroundRest)
	}
}

// leave removes a caller that gave up from the refresh. With its last one the refresh ends too, but
// not before its time: otherwise callers with time limits shorter than a login would each start it
// again, and never get a token. A prompt is removed from the screen at once, and an explicit login
// ends with its caller, after it has cleaned up.
func (s *Session) leave(r *refresh, cause error) {
	s.mu.Lock()
	r.waiting--
	if r.requirement == newToken && r.waiting == 0 {
		r.cancel(cause)
		s.mu.Unlock()
		<-r.done
		return
	}
	defer s.mu.Unlock()
	if left := time.Until(r.stays); left <= 0 || r.asks {
		s.endIfLeft(r)
	} else if r.waiting == 0 && r.ending == nil {
		r.ending = time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.endIfLeft(r)
		})
	}
}

// endIfLeft ends a refresh that no caller waits for. The next one stays longer. The caller holds
// s.mu.
func (s *Session) endIfLeft(r *refresh) {
	if r.waiting > 0 {
		return
	}
	r.cancel(errAbandoned)
	if s.refresh == r {
		s.refresh = nil // the next caller starts another one instead of joining one that is ending
		s.abandoned++
	}
}

// watched returns the prompt for a refresh, which records that the user is prompted. A prompt that
// no caller waits for ends.
func (s *Session) watched(r *refresh, p core.Prompt) core.Prompt {
	asks := func(ctx context.Context) error {
		s.mu.Lock()
		hesitates := r.replaces != nil && !r.asks
		r.asks = true
		s.endIfLeft(r)
		s.asking.Store(s.asking.Load() || hesitates)
		s.mu.Unlock()
		if hesitates {
			return wait(ctx, hesitation)
		}
		return nil
	}
	if show := p.ShowVerification; show != nil {
		p.ShowVerification = func(ctx context.Context, verification core.Verification) error {
			if err := asks(ctx); err != nil {
				return err
			}
			return show(ctx, verification)
		}
	}
	if ask := p.AskText; ask != nil {
		p.AskText = func(ctx context.Context, label string) (string, error) {
			if err := asks(ctx); err != nil {
				return "", err
			}
			return ask(ctx, label)
		}
	}
	if ask := p.AskSecret; ask != nil {
		p.AskSecret = func(ctx context.Context, label string) (core.Secret, error) {
			if err := asks(ctx); err != nil {
				return core.Secret{}, err
			}
			return ask(ctx, label)
		}
	}
	return p
}

// hesitation is how long the first prompt because of a rejection waits: if another call with the
// token is accepted meanwhile, the user need not be asked at all.
const hesitation = time.Second

// wait waits, or returns the cause of ctx.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// endNeedlessPrompt ends a refresh that prompts the user because of a rejected call, now that a
// call that was sent after it has been accepted with the same token.
func (s *Session) endNeedlessPrompt(c *cachedToken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asking := false
	for r := range s.refreshes {
		switch {
		case !r.asks || r.replaces == nil:
		case r.replaces == c && c.accepted.Load() > r.rejected:
			r.cancel(errNeedless)
		default:
			asking = true
		}
	}
	s.asking.Store(asking)
}

// errNeedless ends a login that turned out to be of no use.
var errNeedless = fmt.Errorf("%w: the token is valid", core.ErrCancelled)

var errAbandoned = errors.New("no caller waits for the token any more")
