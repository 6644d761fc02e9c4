package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Limiter keeps requests within the limits of the server, which are not published. It has one
// bucket for each environment and account, which all clients share that use the Limiter, and learns
// the rate of each from the answers with status 429: see [Limiter.Middleware]. It is safe for
// concurrent use.
type Limiter struct {
	mu       sync.Mutex
	buckets  map[bucketKey]*bucket
	accounts map[core.Secret]bucketKey // of the tokens that were seen, without the environment

	forgotten LimiterStats // of buckets that are gone
}

// bucketKey identifies the requests that the server counts together.
type bucketKey struct {
	api     string
	account string
	opaque  core.Secret // the token itself if it does not name its account
}

// mostTokens is how many tokens a Limiter remembers.
const mostTokens = 1024

// NewLimiter returns a Limiter. It begins with 50 requests per second for each account, of which
// the first 20 do not wait, and doubles the rate every 0.7 s while callers wait, until the server
// answers 429 for the first time.
func NewLimiter() *Limiter {
	return &Limiter{buckets: map[bucketKey]*bucket{}, accounts: map[core.Secret]bucketKey{}}
}

// Middleware makes each request wait for its turn. Pass it to taegis.WithTryMiddleware, so that it
// counts each try: outside of the retries it would not know what they send.
//
// After an answer with status 429 no request of that account is sent until the time that the
// server asks for by Retry-After is over, at most 2 minutes, or for a second, doubled up to 2
// minutes, if it does not ask. The new rate is what the server has accepted between that answer and
// the one before. It is at least half of the old rate. From then on it grows by 2 %
// a second while callers wait, to notice a higher limit.
//
// A request that waits when its context ends returns the cause of the context and is not sent.
func (l *Limiter) Middleware(next ports.Transport) ports.Transport { return &limited{l, next} }

// LimiterStats counts what a [Limiter] has sent.
type LimiterStats struct {
	Requests int // that the server answered, those with status 429 included
	Refused  int // that it answered with status 429
}

// Stats returns the sum over all accounts.
func (l *Limiter) Stats() LimiterStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := l.forgotten
	for _, b := range l.buckets {
		stats := b.read()
		sum.Requests += stats.Requests
		sum.Refused += stats.Refused
	}
	return sum
}

// of returns the bucket of a request.
func (l *Limiter) of(req *core.Request) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, known := l.accounts[req.Token]
	if !known {
		if len(l.accounts) >= mostTokens {
			l.forget()
		}
		key = accountOf(req.Token)
		l.accounts[req.Token] = key
	}
	key.api = req.Environment.APIURL
	b := l.buckets[key]
	if b == nil {
		b = newBucket(time.Now())
		l.buckets[key] = b
	}
	return b
}

// forget forgets the tokens, and the buckets of those that do not name their account: nothing can
// be known about the tokens that replace them. The others keep what they have learned.
func (l *Limiter) forget() {
	clear(l.accounts)
	for key, b := range l.buckets {
		if key.account == "" {
			stats := b.read()
			l.forgotten.Requests += stats.Requests
			l.forgotten.Refused += stats.Refused
			delete(l.buckets, key)
		}
	}
}

// accountOf returns the key of a token's account.
func accountOf(token core.Secret) bucketKey {
	claims, err := core.ParseClaims(token.Reveal())
	account := cmp.Or(claims.ClientID, claims.Username, claims.Subject)
	if err != nil || account == "" {
		return bucketKey{opaque: token}
	}
	return bucketKey{account: account}
}

// limited is a transport below a Limiter.
type limited struct {
	limiter *Limiter
	next    ports.Transport
}

// Execute implements [ports.Transport].
func (t *limited) Execute(ctx context.Context, req *core.Request, out any) error {
	b := t.limiter.of(req)
	s, err := b.take(ctx)
	if err != nil {
		return err
	}
	err = t.next.Execute(ctx, req, out)
	b.answered(s, err)
	return err
}

// Subscribe implements [ports.Transport]. The handshake is a request, the messages are not.
func (t *limited) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		b := t.limiter.of(req)
		s, err := b.take(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		opened := false
		for message, err := range t.next.Subscribe(ctx, req) {
			if !opened {
				opened = true
				b.answered(s, err)
			}
			if !yield(message, err) {
				return
			}
		}
	}
}
