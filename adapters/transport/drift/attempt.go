package drift

import (
	"context"
	"fmt"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// attempts are the repairs under way. Many callers can learn at once that an operation is refused:
// one of them repairs it, and the others wait for that.
type attempts struct {
	mu   sync.Mutex
	open map[place]*attempt
}

// attempt is a repair under way.
type attempt struct {
	landed    chan struct{} // closed when it is known what came of it
	abandoned bool          // its caller gave up; to be read once it has landed
}

// join returns the repair of an operation that is under way, or a new one that the caller leads
// and has to land. A subscription always gets a new one that nobody joins: that its repair works is
// known with its first message, which may never come.
func (fs *attempts) join(p place) (f *attempt, leads bool) {
	if p.kind == core.KindSubscription {
		return new(attempt), true
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.open[p]; f != nil {
		return f, false
	}
	if fs.open == nil {
		fs.open = map[place]*attempt{}
	}
	f = &attempt{landed: make(chan struct{})}
	fs.open[p] = f
	return f, true
}

// land ends a repair. Only its first call counts.
func (fs *attempts) land(p place, f *attempt, abandoned bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.open[p] != f {
		return
	}
	delete(fs.open, p)
	f.abandoned = abandoned
	close(f.landed)
}

// execute repairs an operation that was refused with err, or waits for whoever does so already. A
// repair that has been tried and refused is no answer. Where no repair was found, each caller looks
// for one by itself: what the server refuses can be an argument of the other's.
func (h *adapter) execute(ctx context.Context, p *call, tried *remembered, err error, send send) error {
	for {
		f, leads := h.inProgress.join(p.place)
		if !leads {
			select {
			case <-f.landed:
			case <-ctx.Done():
				return fmt.Errorf("%w; waiting for its repair by another call: %w", err, context.Cause(ctx))
			}
		}
		known := h.memory.recall(p.place, p.op)
		switch {
		case known != nil && known != tried && p.lost(&known.adaptation) == nil:
			h.inProgress.land(p.place, f, false)
			if again := h.reuse(p, known, send); rejection(again) == nil {
				return again
			}
			return h.adapt(ctx, p, err, send, func() {})
		case leads:
			return h.lead(ctx, p, f, err, send)
		case !f.abandoned:
			return h.adapt(ctx, p, err, send, func() {})
		}
	}
}

// lead repairs for all that wait. They go on as soon as the repair works, whatever its caller does
// when told of it.
func (h *adapter) lead(ctx context.Context, p *call, f *attempt, err error, send send) error {
	defer func() { h.inProgress.land(p.place, f, ctx.Err() != nil) }()
	return h.adapt(ctx, p, err, send, func() { h.inProgress.land(p.place, f, false) })
}
