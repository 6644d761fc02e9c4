package taegistest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/ports"
)

// Transport is a fake [ports.Transport]: it answers what was prepared, without a network. Get
// one from [NewTransport]; it is safe for concurrent use.
//
// Answers are prepared per operation, by its name. Several are used in the order they were
// prepared, and the last one again and again.
type Transport struct {
	mu       sync.Mutex
	prepared map[string][]answer
	requests []*core.Request
}

var _ ports.Transport = (*Transport)(nil)

// answer yields what comes back for a request: one pair, or those of a subscription.
type answer func(context.Context, *core.Request) iter.Seq2[any, error]

// NewTransport returns a transport for which nothing is prepared.
func NewTransport() *Transport { return &Transport{prepared: map[string][]answer{}} }

// Reply prepares a result. The value travels as it would from the real service: encoded as
// JSON, and decoded into the type that the caller expects. For a request with a document of its
// own it is the whole of `data`.
func (t *Transport) Reply(operation string, value any) {
	t.Stream(operation, value)
}

// Fail prepares an error.
func (t *Transport) Fail(operation string, err error) {
	t.Stream(operation, err)
}

// Stream prepares the messages of a subscription, after which it completes. A message that is
// an error is yielded as one and ends it.
func (t *Transport) Stream(operation string, messages ...any) {
	t.prepare(operation, func(context.Context, *core.Request) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			for _, message := range messages {
				if err, failed := message.(error); failed {
					yield(nil, err)
					return
				}
				if !yield(message, nil) {
					return
				}
			}
		}
	})
}

// Handle prepares a function that sees the request. It may return a value beside an error, as
// a partial answer has both.
func (t *Transport) Handle(operation string, handle func(context.Context, *core.Request) (any, error)) {
	t.prepare(operation, func(ctx context.Context, req *core.Request) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) { yield(handle(ctx, req)) }
	})
}

func (t *Transport) prepare(operation string, a answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prepared[operation] = append(t.prepared[operation], a)
}

// Requests returns the requests so far, oldest first.
func (t *Transport) Requests() []*core.Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.requests)
}

// Execute answers a query or mutation. An operation for which nothing is prepared gives an
// [*UnexpectedError]; a context that has ended a [*core.ConnectionError].
func (t *Transport) Execute(ctx context.Context, req *core.Request, out any) error {
	a, err := t.next(ctx, req)
	if err != nil {
		return err
	}
	for value, failure := range a(ctx, req) {
		text, err := encode(req, value)
		if err == nil && value != nil && out != nil {
			err = lenientjson.Unmarshal(text, out)
		}
		if err != nil {
			return &core.ResponseError{Operation: req.Operation.Name, Status: 200, Reason: "the prepared reply does not decode", Err: err}
		}
		return failure
	}
	return nil
}

// Subscribe answers a subscription, with the errors of [Transport.Execute].
func (t *Transport) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		a, err := t.next(ctx, req)
		if err != nil {
			yield(nil, err)
			return
		}
		for value, failure := range a(ctx, req) {
			if err := ctx.Err(); err != nil {
				yield(nil, ended(req, err))
				return
			}
			if value == nil && failure != nil {
				yield(nil, failure)
				return
			}
			text, err := encode(req, value)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(text, failure) {
				return
			}
		}
	}
}

// next records the request and returns the answer that is its turn.
func (t *Transport) next(ctx context.Context, req *core.Request) (answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = append(t.requests, req.Clone())
	if err := ctx.Err(); err != nil {
		return nil, ended(req, err)
	}
	name := req.Operation.Name
	queue := t.prepared[name]
	if len(queue) == 0 {
		return nil, &UnexpectedError{Operation: name, Prepared: slices.Sorted(maps.Keys(t.prepared))}
	}
	if len(queue) > 1 {
		t.prepared[name] = queue[1:]
	}
	return queue[0], nil
}

func ended(req *core.Request, err error) error {
	return &core.ConnectionError{Operation: req.Operation.Name, Host: "taegistest", Err: err}
}

func encode(req *core.Request, value any) (json.RawMessage, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("taegistest: the reply prepared for %s does not encode: %w", req.Operation.Name, err)
	}
	return text, nil
}

// UnexpectedError is returned for an operation for which nothing was prepared.
type UnexpectedError struct {
	Operation string
	Prepared  []string // the operations that were prepared, sorted
}

func (e *UnexpectedError) Error() string {
	prepared := "nothing is"
	if len(e.Prepared) > 0 {
		prepared = "only " + strings.Join(e.Prepared, ", ")
	}
	return fmt.Sprintf("taegistest: no reply is prepared for %s (%s): call Reply(%q, value) first", e.Operation, prepared, e.Operation)
}
