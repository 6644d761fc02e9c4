package drift

import (
	"context"
	"fmt"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// attempts holds the attempts to adapt operations that are in progress. If the server rejects an
// operation of many concurrent calls, one call adapts it and the others wait for the result.
type attempts struct {
	mu   sync.Mutex
	open map[operationKey]*attempt
}

// attempt is an attempt in progress.
type attempt struct {
	done      chan struct{} // closed when the result is known
	abandoned bool          // the leading call's context ended; read it only after done is closed
}

// join returns the attempt in progress for an operation, or a new one that the caller leads and
// must finish. A subscription always gets a new attempt that no other call joins: its first message
// proves that the adaptation works, and that message may never arrive.
func (fs *attempts) join(key operationKey) (f *attempt, leads bool) {
	if key.kind == core.KindSubscription {
		return new(attempt), true
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.open[key]; f != nil {
		return f, false
	}
	if fs.open == nil {
		fs.open = map[operationKey]*attempt{}
	}
	f = &attempt{done: make(chan struct{})}
	fs.open[key] = f
	return f, true
}

// finish ends an attempt. Calls after the first have no effect.
func (fs *attempts) finish(key operationKey, f *attempt, abandoned bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.open[key] != f {
		return
	}
	delete(fs.open, key)
	f.abandoned = abandoned
	close(f.done)
}

// execute adapts an operation that the server rejected with err, or waits for another call that is
// adapting it. It does not use the adaptation tried, which the server rejected too. If the other
// call found no adaptation, each call tries to find one: the server may have rejected an argument
// that only the other call has.
func (a *adapter) execute(ctx context.Context, p *call, tried *remembered, err error, send send) error {
	for {
		f, leads := a.inProgress.join(p.key)
		if !leads {
			select {
			case <-f.done:
			case <-ctx.Done():
				return fmt.Errorf("%w; waiting for its adaptation by another call: %w", err, context.Cause(ctx))
			}
		}
		known := a.memory.recall(p.key, p.op)
		switch {
		case known != nil && known != tried && p.lost(&known.adaptation) == nil:
			a.inProgress.finish(p.key, f, false)
			if again := a.reuse(p, known, send); rejection(again) == nil {
				return again
			}
			return a.adapt(ctx, p, err, send, func() {})
		case leads:
			return a.lead(ctx, p, f, err, send)
		case !f.abandoned:
			return a.adapt(ctx, p, err, send, func() {})
		}
	}
}

// lead adapts the operation for all waiting calls. They continue as soon as the adaptation works,
// even if the leading call's OnAdapt blocks.
func (a *adapter) lead(ctx context.Context, p *call, f *attempt, err error, send send) error {
	defer func() { a.inProgress.finish(p.key, f, ctx.Err() != nil) }()
	return a.adapt(ctx, p, err, send, func() { a.inProgress.finish(p.key, f, false) })
}
