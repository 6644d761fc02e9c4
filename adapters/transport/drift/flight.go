package drift

import (
	"context"
	"fmt"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// flights are the repairs under way. Many callers can learn at once that an operation is refused:
// one of them repairs it, and the others wait for that.
type flights struct {
	mu   sync.Mutex
	open map[place]*flight
}

// flight is a repair under way.
type flight struct {
	landed    chan struct{} // closed when it is known what came of it
	abandoned bool          // its caller gave up; to be read once it has landed
}

// join returns the repair of an operation that is under way, or a new one that the caller leads
// and has to land. A subscription always gets a new one that nobody joins: that its repair works is
// known with its first message, which may never come.
func (fs *flights) join(p place) (f *flight, leads bool) {
	if p.kind == core.Subscription {
		return new(flight), true
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.open[p]; f != nil {
		return f, false
	}
	if fs.open == nil {
		fs.open = map[place]*flight{}
	}
	f = &flight{landed: make(chan struct{})}
	fs.open[p] = f
	return f, true
}

// land ends a repair. Only its first call counts.
func (fs *flights) land(p place, f *flight, abandoned bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.open[p] != f {
		return
	}
	delete(fs.open, p)
	f.abandoned = abandoned
	close(f.landed)
}

// heal repairs an operation that was refused with err, or waits for whoever does so already. A
// repair that has been tried and refused is no answer. Where no repair was found, each caller looks
// for one by itself: what the server refuses can be an argument of the other's.
func (h *healer) heal(ctx context.Context, p *patient, tried *remembered, err error, send send) error {
	for {
		f, leads := h.flights.join(p.place)
		if !leads {
			select {
			case <-f.landed:
			case <-ctx.Done():
				return fmt.Errorf("%w; waiting for its repair by another call: %w", err, context.Cause(ctx))
			}
		}
		known := h.memory.recall(p.place, p.op)
		switch {
		case known != nil && known != tried && p.lost(&known.repair) == nil:
			h.flights.land(p.place, f, false)
			if again := h.reuse(p, known, send); refusal(again) == nil {
				return again
			}
			return h.mend(ctx, p, err, send, func() {})
		case leads:
			return h.lead(ctx, p, f, err, send)
		case !f.abandoned:
			return h.mend(ctx, p, err, send, func() {})
		}
	}
}

// lead repairs for all that wait. They go on as soon as the repair works, whatever its caller does
// when told of it.
func (h *healer) lead(ctx context.Context, p *patient, f *flight, err error, send send) error {
	defer func() { h.flights.land(p.place, f, ctx.Err() != nil) }()
	return h.mend(ctx, p, err, send, func() { h.flights.land(p.place, f, false) })
}
