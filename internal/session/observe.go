package session

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Watch returns a watcher that notifies an observer of [core.LoginEvent]s. Tenant is part of each.
func Watch(observe core.Observe, tenant string) *Watcher {
	o := &observation{observe, tenant}
	return &Watcher{obtain: o.obtain, cleared: o.cleared}
}

type observation struct {
	observer core.Observe
	tenant   string
}

// notify passes an event to the observer, with what all events of a session have in common.
func (o *observation) notify(ctx context.Context, s *Session, e *core.LoginEvent) error {
	env := s.login.Environment
	e.Environment, e.AuthHost, e.Tenant = env.Name, env.AuthHost(), o.tenant
	return o.observer(context.WithoutCancel(ctx), e)
}

// report notifies of an event that has happened already, so that an error can only be logged.
func (o *observation) report(ctx context.Context, s *Session, e *core.LoginEvent) {
	if err := o.notify(ctx, s, e); err != nil {
		s.logger.Warn("an event was not observed", "event", string(e.Kind), "environment", e.Environment, "error", err)
	}
}

func (o *observation) cleared(ctx context.Context, s *Session, err error) {
	o.report(ctx, s, &core.LoginEvent{Kind: core.EventLogout, Time: time.Now(), Err: err})
}

func (o *observation) obtain(ctx context.Context, s *Session, req core.LoginRequest, n need, replaced *cachedToken) (core.Token, error) {
	if replaced != nil {
		o.report(ctx, s, &core.LoginEvent{
			Kind: core.EventTokenRejected, Time: time.Now(), Account: replaced.token.Account, Expiry: replaced.token.Expiry, Err: core.ErrUnauthorized,
		})
	}
	w := &observedWalk{observation: o, session: s}
	n.walk = &walk{login: w.login, skip: w.skip}
	token, err := s.obtain(core.ContextWithObserve(ctx, w.observe), req, n)
	if err != nil {
		w.flush(ctx)
	}
	return token, err
}

// observedWalk is one walk through the chain. The authenticators that it skips are reported before
// the next login, or when the chain fails: if a stored token ends the chain, there was no login.
type observedWalk struct {
	*observation
	session *Session

	mu      sync.Mutex
	skipped []*core.LoginEvent
}

func (w *observedWalk) observe(ctx context.Context, e *core.LoginEvent) error {
	w.flush(ctx)
	return w.notify(ctx, w.session, e)
}

// event is the event of an authenticator that began before.
func (w *observedWalk) event(authenticator ports.Authenticator, kind core.LoginEventKind, begin time.Time, account core.Account) *core.LoginEvent {
	e := &core.LoginEvent{
		Kind: kind, Time: begin, Duration: time.Since(begin), Account: account, Authenticator: AuthenticatorName(authenticator),
	}
	if reporter, ok := authenticator.(ports.ProgramReporter); ok {
		e.Program = reporter.Program()
	}
	return e
}

// login logs in. An authenticator that turns out to be unavailable is reported as skipped instead,
// unless a failure is the reason.
func (w *observedWalk) login(ctx context.Context, c *candidate, n need) (core.Token, error) {
	kind, begin := core.EventLogin, time.Now()
	if n.requirement != newToken && w.session.cached.Load() != nil {
		kind = core.EventRefresh // there is a token to replace
	}
	token, err := w.session.authenticate(ctx, c, n)
	e := w.event(c.Authenticator, kind, begin, c.account)
	if e.Err = failureOf(err); errors.Is(e.Err, core.ErrUnavailable) {
		return token, err
	}
	w.flush(ctx)
	if err != nil {
		w.report(ctx, w.session, e)
		return token, err
	}
	e.Account, e.Expiry = token.Account, token.Expiry
	if claims, unread := token.Claims(); unread == nil {
		e.Username = claims.Username
	}
	if err := w.notify(ctx, w.session, e); err != nil {
		return core.Token{}, &core.LoginError{
			Authenticator: e.Authenticator, Reason: "the login succeeded, but could not be recorded: " + strings.TrimSuffix(err.Error(), ": "+core.Hint(err)),
			HintText: core.Hint(err), Err: err,
		}
	}
	return token, nil
}

// failureOf returns the failure for which an authenticator was skipped, or else err.
func failureOf(err error) error {
	if skipped, ok := errors.AsType[*core.UnavailableError](err); ok && skipped.Err != nil && !errors.Is(skipped.Err, core.ErrUnavailable) {
		return skipped.Err
	}
	return err
}

func (w *observedWalk) skip(c *candidate, err error) {
	e := w.event(c.Authenticator, core.EventSkipped, time.Now(), c.account)
	e.Err = failureOf(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.skipped = append(w.skipped, e)
}

// flush reports the skipped authenticators.
func (w *observedWalk) flush(ctx context.Context) {
	w.mu.Lock()
	skipped := w.skipped
	w.skipped = nil
	w.mu.Unlock()
	for _, e := range skipped {
		w.report(ctx, w.session, e)
	}
}
