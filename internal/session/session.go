// Package session manages the life of a token: the ordered chain that obtains it, the zones in
// which it is used, refreshed and replaced, and what a rejection by the server means for it.
//
// In memory a token is fresh, stale or expired. A fresh token is returned without a lock, an
// allocation or a system call. A stale token is returned while one goroutine refreshes it without
// prompting. If the token has expired, one caller refreshes it and the others wait, each until its
// own context ends.
//
// A rejected call is not a rejected token: see rejections.
package session

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Config is the configuration of a session.
type Config struct {
	// Authenticators are the authenticators of the chain, in the order in which they are tried.
	Authenticators []ports.Authenticator
	// Store keeps tokens between processes.
	Store ports.TokenStore
	// Login is passed to the authenticators; its Environment is the session's.
	Login core.LoginRequest
	// Identify asks the identity service for the identity of a token; nil on Taegis.
	Identify func(ctx context.Context, token core.Secret) (core.Identity, error)
	// Watcher is notified of what happens to tokens; nil if there is no observer. See [Watch].
	Watcher *Watcher
	// Logger logs logins, refreshes, denied and skipped authenticators; nil means [slog.Default].
	Logger *slog.Logger
}

// Session returns the token of one environment. It is safe for concurrent use.
type Session struct {
	authenticators []ports.Authenticator
	store          ports.TokenStore
	login          core.LoginRequest
	now            func() time.Time
	logger         *slog.Logger
	watcher        *Watcher

	identities identities
	cached     atomic.Pointer[cachedToken] // the token in use, nil for none
	rejections rejections
	asking     atomic.Bool // the user is being prompted because a token was rejected

	mu        sync.Mutex
	refresh   *refresh          // the one under way, which new callers join; nil for none
	refreshes map[*refresh]bool // all that have not ended, including abandoned ones
	abandoned int               // refreshes in a row that ended because no caller waited any more
	backoff   backoffState      // after failures of the chain
	restUntil time.Time         // no refresh in the background before
	closed    bool
}

// New returns a session, which logs in when a token is first needed.
func New(c Config) *Session {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	now := c.Login.Now
	if now == nil {
		now = time.Now
	}
	return &Session{
		authenticators: c.Authenticators, store: c.Store, login: c.Login, now: now, logger: c.Logger,
		watcher:    c.Watcher,
		identities: identities{ask: c.Identify},
	}
}

// Environment returns the environment that the session logs in to.
func (s *Session) Environment() core.Environment { return s.login.Environment }

// Token returns a token that is valid at this moment, and obtains one if need be. If no
// authenticator returns a token, it returns a [*core.ChainError]; after [Session.Close],
// [core.ErrClosed]; and if ctx ends first, its cause.
func (s *Session) Token(ctx context.Context) (core.Token, error) {
	if token := s.Fresh(); token != nil {
		return *token, nil
	}
	cached, err := s.current(ctx)
	if err != nil {
		return core.Token{}, err
	}
	return cached.token, nil
}

// Fresh returns the token in memory, which must not be changed, or nil if there is no fresh one.
func (s *Session) Fresh() *core.Token {
	if c := s.cached.Load(); c != nil && s.now().Before(c.refreshAfter) {
		return &c.token
	}
	return nil
}

// current is Token for callers that report the server's response to the token.
func (s *Session) current(ctx context.Context) (*cachedToken, error) {
	c := s.cached.Load()
	switch now := s.now(); {
	case c == nil || !now.Before(c.expiresAt):
		return s.await(ctx)
	case !now.Before(c.refreshAfter):
		s.refreshInBackground(ctx)
	}
	return c, nil
}

// Login obtains a new token whatever is stored, and stores it. It returns the errors of Token, and
// one that wraps [core.ErrCancelled] if the tokens are cleared meanwhile.
func (s *Session) Login(ctx context.Context) (core.Token, error) {
	s.mu.Lock()
	for s.refresh != nil && s.refresh.cleared { // the tokens are being cleared
		if _, err := s.join(ctx, s.refresh); ctx.Err() != nil {
			return core.Token{}, err
		}
		s.mu.Lock()
	}
	if s.closed {
		s.mu.Unlock()
		return core.Token{}, core.ErrClosed
	}
	r := s.start(ctx, plan{requirement: newToken})
	got, err := s.join(ctx, r)
	if err != nil {
		return core.Token{}, err
	}
	return got.token, nil
}

// Clear forgets the token and deletes every stored token of the environment. It ends refreshes and
// logins under way; callers waiting for a refresh start over after the clear completes. It returns
// the error of the store, or the cause of ctx.
func (s *Session) Clear(ctx context.Context) error {
	clearing, before := s.pauseRefresh()
	defer s.resumeRefresh(clearing)
	for _, r := range before {
		select {
		case <-r.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	env := s.login.Environment
	err := s.store.Delete(ctx, core.TokenKey{Section: env.Section(), Host: env.AuthHost()})
	if s.watcher != nil {
		s.watcher.cleared(ctx, s, err)
	}
	return err
}

// Close ends refreshes and logins under way and waits for them. The session returns no more
// tokens.
func (s *Session) Close() error {
	s.mu.Lock()
	s.closed = true
	s.cached.Store(nil)
	ending := slices.Collect(maps.Keys(s.refreshes))
	for _, r := range ending {
		r.cancel(core.ErrClosed)
	}
	s.mu.Unlock()
	for _, r := range ending {
		<-r.done
	}
	return nil
}

// keep puts token into memory and ends the counting of failures. The caller holds s.mu.
func (s *Session) keep(token core.Token) *cachedToken {
	s.backoff, s.restUntil, s.abandoned = backoffState{}, time.Time{}, 0
	before := s.cached.Load()
	if before != nil && before.token.AccessToken.Equal(token.AccessToken) && s.now().Before(before.expiresAt) {
		return before // with its record
	}
	c := newCachedToken(token, s.now())
	if s.closed {
		return c
	}
	if c.skewed {
		s.logger.Warn("a token that was just issued has expired by this machine's clock; it is used until the server rejects it: set the clock",
			"environment", s.login.Environment.Name, "expiry", token.Expiry)
	}
	s.cached.Store(c)
	return c
}
