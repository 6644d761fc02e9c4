package export

import (
	"context"
	"encoding/json"
	"iter"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// clock is the server's clock, as far as its answers tell it. The local clock may be wrong and may
// jump.
type clock struct {
	local func() time.Time
	mu    sync.Mutex
	ahead time.Duration // by how much the server's clock is ahead of the local one, at least
	known bool          // the server has answered
}

// at returns the server's time at a local time. It is not later than the true one if the server has
// answered once.
func (c *clock) at(local time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return local.Add(c.ahead).UTC().Truncate(time.Second)
}

// isKnown reports whether the server has told its time.
func (c *clock) isKnown() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}

func (c *clock) now() time.Time { return c.at(c.local()) }

// observe learns from the date of an answer to a request that was sent at a local time. When it was
// sent, the server's time was at least the date, which is rounded down, without the time that the
// answer took.
func (c *clock) observe(sent time.Time, date time.Time) {
	if date.IsZero() {
		return
	}
	took := max(c.local().Sub(sent), 0) // negative if the local clock was set back meanwhile
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead, c.known = date.Add(-took).Sub(sent), true
}

// tenantTransport sends the requests of a feed: with its tenant, and observing the server's clock.
type tenantTransport struct {
	ports.Transport
	tenant string
	clock  *clock
}

func (t *tenantTransport) request(req *core.Request) *core.Request {
	own := *req
	if own.Tenant == "" {
		own.Tenant = t.tenant
	}
	before, sent := own.OnResponse, t.clock.local()
	own.OnResponse = func(r core.Response) {
		t.clock.observe(sent, r.Date)
		if before != nil {
			before(r)
		}
	}
	return &own
}

func (t *tenantTransport) Execute(ctx context.Context, req *core.Request, out any) error {
	return t.Transport.Execute(ctx, t.request(req), out)
}

func (t *tenantTransport) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return t.Transport.Subscribe(ctx, t.request(req))
}
