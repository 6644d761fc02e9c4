// Package session is the life of a token: the ordered chain that obtains it, the zones in
// which it is used, renewed and replaced, and the one repetition of a call whose token was
// rejected.
//
// In memory a token is fresh, stale or expired. Fresh: it is handed out without a lock, an
// allocation or a system call. Stale: it is handed out while one goroutine renews it without
// asking anybody. Expired: one caller's need renews it, the others wait, and each may give up
// by its own context.
package session

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Config is what a session is made of.
type Config struct {
	// Links are the chain, in the order in which they are tried.
	Links []ports.Authenticator
	// Store keeps tokens between processes.
	Store ports.TokenStore
	// Login is what the links are told; its Environment is the session's.
	Login core.LoginRequest
	// Logger gets warnings; nil means [slog.Default].
	Logger *slog.Logger
}

// Session gives out the token of one environment. It is safe for concurrent use.
type Session struct {
	links  []ports.Authenticator
	store  ports.TokenStore
	login  core.LoginRequest
	now    func() time.Time
	logger *slog.Logger

	held       atomic.Pointer[held] // the token in use, nil for none
	rejections atomic.Int64         // tokens that were rejected since one was last accepted

	mu        sync.Mutex
	flight    *flight          // the renewal under way, which new callers join; nil for none
	flights   map[*flight]bool // all that have not ended, those that were abandoned too
	abandoned int              // renewals in a row that ended because nobody waited any more
	rejected  []core.Secret    // the latest access tokens that the server rejected
	setback   setback          // the latest failures
	restUntil time.Time        // no renewal in the background before
	closed    bool
}

// New returns a session. It obtains nothing before it is asked to.
func New(c Config) *Session {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	now := c.Login.Now
	if now == nil {
		now = time.Now
	}
	return &Session{links: c.Links, store: c.Store, login: c.Login, now: now, logger: c.Logger}
}

// Environment is where the session signs in.
func (s *Session) Environment() core.Environment { return s.login.Environment }

// Token returns a token that is good at this moment, obtaining one where need be. Where the
// chain gives none it returns a [*core.ChainError]; after [Session.Close], [core.ErrClosed]; and
// where ctx ends first, its cause.
func (s *Session) Token(ctx context.Context) (core.Token, error) {
	if token := s.Fresh(); token != nil {
		return *token, nil
	}
	if h := s.held.Load(); h != nil && s.now().Before(h.deadAt) {
		s.renewInBackground(ctx)
		return h.token, nil
	}
	return s.renew(ctx)
}

// Fresh returns the token in memory, which is not to be changed, or nil where there is no fresh one.
func (s *Session) Fresh() *core.Token {
	if h := s.held.Load(); h != nil && s.now().Before(h.staleAt) {
		return &h.token
	}
	return nil
}

// Login obtains a new token whatever is stored, and stores it. Its errors are those of Token.
func (s *Session) Login(ctx context.Context) (core.Token, error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return core.Token{}, core.ErrClosed
	}
	token, err := s.obtain(ctx, s.login, anew)
	if err != nil {
		return core.Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold(token)
	return token, nil
}

// Clear forgets the token and deletes every stored token of the environment, that of a renewal under way too: who
// waits for that begins anew once all is cleared. Its error is that of the store, or the cause of ctx.
func (s *Session) Clear(ctx context.Context) error {
	clearing, before := s.standStill()
	defer s.goOn(clearing)
	for _, f := range before {
		select {
		case <-f.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	env := s.login.Environment
	return s.store.Delete(ctx, core.TokenKey{Section: env.Section(), Host: env.AuthHost()})
}

// Close ends a renewal under way and waits for it. The session gives out no more tokens.
func (s *Session) Close() error {
	s.mu.Lock()
	s.closed = true
	s.held.Store(nil)
	ending := slices.Collect(maps.Keys(s.flights))
	for _, f := range ending {
		f.cancel(core.ErrClosed)
	}
	s.mu.Unlock()
	for _, f := range ending {
		<-f.done
	}
	return nil
}

// hold puts token into memory and ends the counting of failures. The caller holds s.mu.
func (s *Session) hold(token core.Token) {
	s.setback, s.restUntil, s.abandoned = setback{}, time.Time{}, 0
	if s.closed {
		return
	}
	h := newHeld(token, s.now())
	if h.skewed {
		s.logger.Warn("a token that was just issued is past its expiry by this machine's clock; it is used until the server rejects it: set the clock",
			"environment", s.login.Environment.Name, "expiry", token.Expiry)
	}
	s.held.Store(h)
}

// held is a token in memory with the times at which it changes zone.
type held struct {
	token           core.Token
	staleAt, deadAt time.Time
	skewed          bool
}

// far stands for "not before the server says so".
var far = time.Unix(1<<40, 0)

// newHeld works out the zones of a token that was obtained at now. A token is stale within
// min(5 min, 10 % of its life) of its expiry, less some jitter so that many processes do not
// renew at once, and dead a little before its expiry so that it survives the way to the server.
func newHeld(token core.Token, now time.Time) *held {
	h := &held{token: token, staleAt: far, deadAt: far}
	if token.Expiry.IsZero() {
		return h
	}
	if !now.Before(token.Expiry) {
		h.skewed = true
		return h
	}
	window := staleWindow(token, now)
	h.staleAt = token.Expiry.Add(-window + jitter(window/5))
	h.deadAt = token.Expiry.Add(-min(core.ExpiryMargin, window/2))
	if !now.Before(h.deadAt) {
		h.deadAt = token.Expiry // who was asked at the last moment and gave this one has no other
	}
	return h
}

// staleWindow is how long before its expiry a token is stale.
func staleWindow(token core.Token, now time.Time) time.Duration {
	issued := token.IssuedAt
	if issued.IsZero() || issued.After(now) {
		issued = now
	}
	return min(5*time.Minute, token.Expiry.Sub(issued)/10)
}

// setback counts the failures in a row, so that an outage meets a few attempts and not one
// for every call.
type setback struct {
	count int
	until time.Time
	err   error
}

// note records a failure of a configured link; what a person or a context ended, and a chain
// in which nothing was configured, do not count. The first pause is half a second, each
// further one twice the one before, up to half a minute.
func (b *setback) note(err error, now time.Time) {
	var chain *core.ChainError
	if !errors.As(err, &chain) || chain.Failed() == nil || errors.Is(err, core.ErrCancelled) ||
		errors.Is(err, context.Canceled) || errors.Is(err, core.ErrClosed) {
		return
	}
	b.err = err
	b.until = now.Add(pause(500*time.Millisecond, b.count))
	b.count++
}
