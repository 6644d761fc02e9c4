package session

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
)

// cachedToken is a token in memory with the times at which it becomes stale and expires, and with
// the server's responses to it.
type cachedToken struct {
	token                   core.Token
	refreshAfter, expiresAt time.Time
	skewed                  bool

	sent     atomic.Int64 // calls that carried it
	accepted atomic.Int64 // the number of the latest of these that the server accepted, 0 for none

	// Guarded by Session.mu.
	replacement bool // it was obtained because the one before was rejected
	prompted    bool // the user has been asked for another one because it was rejected
}

// never is the time for a token that is used until the server rejects it.
var never = time.Unix(1<<40, 0)

// newCachedToken computes the times of a token that was obtained at now. A token is stale within
// min(5 min, 10 % of its life) of its expiry, less some jitter so that many processes do not
// refresh at once, and counts as expired a little before its expiry so that it does not expire on
// the way to the server.
func newCachedToken(token core.Token, now time.Time) *cachedToken {
	c := &cachedToken{token: token, refreshAfter: never, expiresAt: never}
	if token.Expiry.IsZero() {
		return c
	}
	if !now.Before(token.Expiry) {
		c.skewed = true
		return c
	}
	window := staleWindow(token, now)
	c.refreshAfter = token.Expiry.Add(-window + jitter(window/5))
	c.expiresAt = token.Expiry.Add(-min(core.ExpiryMargin, window/2))
	if !now.Before(c.expiresAt) {
		c.expiresAt = token.Expiry // an authenticator that returns it this late has no other
	}
	return c
}

// staleWindow is how long before its expiry a token is stale.
func staleWindow(token core.Token, now time.Time) time.Duration {
	issued := token.IssuedAt
	if issued.IsZero() || issued.After(now) {
		issued = now
	}
	return min(5*time.Minute, token.Expiry.Sub(issued)/10)
}

// accept notes that the server accepted the nth call with the token.
func (c *cachedToken) accept(n int64) {
	for {
		latest := c.accepted.Load()
		if n <= latest || c.accepted.CompareAndSwap(latest, n) {
			return
		}
	}
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // knowing when a refresh starts is of no use to an attacker
}
