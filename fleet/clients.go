package fleet

import (
	"context"
	"errors"
	"io"
	"sync"
)

// Clients keeps one client for each environment and account, so that tenants for which only the
// tenant of a call differs share one. C is the type of the clients, for example *taegis.Client. It
// is safe for concurrent use.
type Clients[C any] struct {
	open func(ctx context.Context, environment, account string) (C, error)

	mu     sync.Mutex
	byKey  map[clientKey]*opening[C]
	closed bool
}

type clientKey struct{ environment, account string }

// opening is a client that is open or is being opened.
type opening[C any] struct {
	done   chan struct{}
	client C
	err    error
}

// NewClients returns Clients that open gives a new client of an account in an environment. Either
// may be empty: see [Tenant].
func NewClients[C any](open func(ctx context.Context, environment, account string) (C, error)) *Clients[C] {
	return &Clients[C]{open: open, byKey: map[clientKey]*opening[C]{}}
}

// ErrClosed is returned by [Clients.For] after [Clients.Close].
var ErrClosed = errors.New("fleet: the clients are closed")

// For returns the client for a tenant: that of its Environment and Account. It opens the client if
// it is the first of them, while other callers wait. It returns the error of opening, which a later
// caller does not get but tries again, or the cause of ctx. A call with the client has to name the
// tenant, for example by taegis.ContextWithTenant.
func (c *Clients[C]) For(ctx context.Context, t Tenant) (C, error) {
	key := clientKey{t.Environment, t.Account}
	var none C
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return none, ErrClosed
	}
	known := c.byKey[key]
	if known == nil {
		known = &opening[C]{done: make(chan struct{})}
		c.byKey[key] = known
		c.mu.Unlock()
		c.finish(ctx, key, known)
		return known.client, known.err
	}
	c.mu.Unlock()
	select {
	case <-known.done:
		return known.client, known.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// finish opens a client, also if open panics.
func (c *Clients[C]) finish(ctx context.Context, key clientKey, o *opening[C]) {
	o.err = errors.New("fleet: the function that opens clients panicked")
	defer close(o.done)
	defer func() {
		if o.err == nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.byKey, key)
	}()
	o.client, o.err = c.open(ctx, key.environment, key.account)
}

// Close closes the clients that are an [io.Closer], and returns their errors. It waits for those
// that are being opened.
func (c *Clients[C]) Close() error {
	c.mu.Lock()
	c.closed = true
	var all []*opening[C]
	for _, o := range c.byKey {
		all = append(all, o)
	}
	c.mu.Unlock()
	var failed []error
	for _, o := range all {
		<-o.done
		if closer, ok := any(o.client).(io.Closer); ok && o.err == nil {
			failed = append(failed, closer.Close())
		}
	}
	return errors.Join(failed...)
}
