package taegis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// calls are the calls and subscriptions of a client in progress, so that Close can end them.
type calls struct {
	shards [32]callShard // chosen at random, so that concurrent calls seldom share a lock
	closed atomic.Bool
	// late is called when a call ends after Close; it closes the idle connection of the call.
	late func()
}

// callShard is a part of the calls in progress.
type callShard struct {
	mu    sync.Mutex
	first *openCall
}

// openCall is a call in progress, an element of its shard's list. Its end must be called.
type openCall struct {
	calls          *calls
	shard          *callShard
	previous, next *openCall
	cancel         context.CancelCauseFunc
}

// begin returns a context for a call, which Close cancels with [core.ErrClosed]. After Close it
// returns [core.ErrClosed].
func (c *calls) begin(ctx context.Context) (context.Context, *openCall, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	call := &openCall{calls: c, shard: &c.shards[rand.N(len(c.shards))], cancel: cancel} //nolint:gosec // it chooses a lock
	call.shard.add(call)
	if c.closed.Load() { // after the addition: either this sees the close, or the close sees the call
		call.shard.remove(call)
		cancel(core.ErrClosed)
		return nil, nil, core.ErrClosed
	}
	return ctx, call, nil
}

func (o *openCall) end() {
	o.cancel(nil)
	o.shard.remove(o)
	if o.calls.closed.Load() {
		o.calls.late()
	}
}

func (s *callShard) add(call *openCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first != nil {
		call.next, s.first.previous = s.first, call
	}
	s.first = call
}

func (s *callShard) remove(call *openCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call.next != nil {
		call.next.previous = call.previous
	}
	if call.previous != nil {
		call.previous.next = call.next
	} else {
		s.first = call.next
	}
}

func (s *callShard) cancel(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for call := s.first; call != nil; call = call.next {
		call.cancel(cause)
	}
}

// close ends all calls and returns whether it was the first to do so.
func (c *calls) close() (first bool) {
	first = !c.closed.Swap(true)
	for i := range c.shards {
		c.shards[i].cancel(core.ErrClosed)
	}
	return first
}

func (c *calls) isClosed() bool { return c.closed.Load() }

// byClose makes the error of a call that Close has ended wrap [core.ErrClosed], whatever the
// transport makes of a context that ends.
func byClose(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), core.ErrClosed) || errors.Is(err, core.ErrClosed) || !errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", core.ErrClosed, err)
}

// stream is a subscription that Close ends.
func (c *calls) stream(ctx context.Context, t ports.Transport, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		ctx, call, err := c.begin(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer call.end()
		for message, err := range t.Subscribe(ctx, req) {
			if !yield(message, byClose(ctx, err)) {
				return
			}
		}
	}
}

// closeAll closes every authenticator that is an [io.Closer], also if one of them panics or ends
// its goroutine, which then continues in the caller of Close.
func closeAll(authenticators []ports.Authenticator) (err error) {
	if len(authenticators) == 0 {
		return nil
	}
	defer func() { err = errors.Join(err, closeAll(authenticators[1:])) }()
	if closer, ok := authenticators[0].(io.Closer); ok {
		return closer.Close()
	}
	return nil
}
