package taegis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// calls holds the calls and streams of a client that are under way, so that Close can end them.
type calls struct {
	mu     sync.Mutex
	open   map[*openCall]struct{}
	closed bool
	// late runs after a call that ends after Close, whose connection would stay otherwise.
	late func()
}

// openCall is a call that is under way. Its end has to be reported.
type openCall struct {
	calls  *calls
	cancel context.CancelCauseFunc
}

// begin returns the context of a call, which Close ends with [core.ErrClosed]. After Close the error
// is [core.ErrClosed].
func (c *calls) begin(ctx context.Context) (context.Context, *openCall, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	call := &openCall{c, cancel}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		cancel(core.ErrClosed)
		return nil, nil, core.ErrClosed
	}
	if c.open == nil {
		c.open = map[*openCall]struct{}{}
	}
	c.open[call] = struct{}{}
	return ctx, call, nil
}

func (o *openCall) end() {
	o.cancel(nil)
	o.calls.mu.Lock()
	delete(o.calls.open, o)
	closed := o.calls.closed
	o.calls.mu.Unlock()
	if closed {
		o.calls.late()
	}
}

// close ends all calls and returns whether it was the first to do so.
func (c *calls) close() (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, c.closed = !c.closed, true
	for call := range c.open {
		call.cancel(core.ErrClosed)
	}
	return first
}

func (c *calls) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

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

// closeAll closes all that can be closed, also if one of them panics or ends its goroutine: that goes
// on where Close was called.
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
