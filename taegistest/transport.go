package taegistest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/ports"
)

// Transport is a fake [ports.Transport] that returns prepared replies without a network. Get one
// from [NewTransport]. It is safe for concurrent use.
//
// Replies belong to an operation, by its name. If an operation has several, they are returned in
// the order of their preparation; the last one is returned for all further requests.
//
// A reply that the operation cannot return is an error of the test. The methods that prepare
// replies compare the operation, its type and the members of the reply with the schema of the
// services, and report differences with [testing.TB.Errorf]; see [Transport.Unchecked].
type Transport struct {
	t         testing.TB
	mu        sync.Mutex
	prepared  map[string][]answer
	unchecked map[string]bool
	requests  []*core.Request
}

var _ ports.Transport = (*Transport)(nil)

// answer yields the reply to a request: one pair, or the messages of a subscription.
type answer func(context.Context, *core.Request) iter.Seq2[any, error]

// NewTransport returns a transport for the test t, without prepared replies.
func NewTransport(t testing.TB) *Transport {
	return &Transport{t: t, prepared: map[string][]answer{}, unchecked: map[string]bool{}}
}

// Unchecked disables the checks of replies for operations that the services do not have, for
// example for an operation that the test's document defines. Use it also for replies with members
// that have an alias in the selection. Call it before the replies are prepared.
func (t *Transport) Unchecked(operations ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range operations {
		t.unchecked[name] = true
	}
}

// Reply prepares a result as the reply to an operation. It is encoded as JSON and decoded into the
// type that the caller expects, as a result of the service is. For a request with its own document
// it is the value of `data`.
func (t *Transport) Reply(operation string, value any) {
	t.t.Helper()
	t.Stream(operation, value)
}

// Fail prepares an error as the reply to an operation.
func (t *Transport) Fail(operation string, err error) {
	t.t.Helper()
	t.Stream(operation, err)
}

// Stream prepares the messages of a subscription, which completes after the last. A message of type
// error is yielded as the error and ends the subscription.
func (t *Transport) Stream(operation string, messages ...any) {
	t.t.Helper()
	if t.checks(operation) {
		for _, message := range messages {
			t.check(operation, message)
		}
	}
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

// Handle prepares a function that receives the request and returns the reply. It may return a value
// together with an error, as a partial response does. The value is checked when the function
// returns.
func (t *Transport) Handle(operation string, handle func(context.Context, *core.Request) (any, error)) {
	t.t.Helper()
	checks := t.checks(operation)
	t.prepare(operation, func(ctx context.Context, req *core.Request) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			value, err := handle(ctx, req)
			if checks {
				t.check(operation, value)
			}
			yield(value, err)
		}
	})
}

// checks reports whether replies for the operation can be checked. An unknown operation fails the
// test.
func (t *Transport) checks(operation string) bool {
	t.t.Helper()
	t.mu.Lock()
	unchecked := t.unchecked[operation]
	t.mu.Unlock()
	if unchecked {
		return false
	}
	reason := checkOperation(operation)
	if reason != "" {
		t.t.Errorf("taegistest: %s", reason)
	}
	return reason == ""
}

// check fails the test if the operation cannot return the value.
func (t *Transport) check(operation string, value any) {
	t.t.Helper()
	if _, failure := value.(error); failure {
		return
	}
	if reason := checkReply(operation, value); reason != "" {
		t.t.Errorf("taegistest: %s", reason)
	}
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

// Execute returns the reply to a query or mutation. Without a prepared reply for the operation it
// returns an [*UnexpectedError]; if ctx has ended, a [*core.ConnectionError]; and if the reply does
// not decode into out, a [*core.ResponseError].
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
			return &core.ResponseError{
				Operation: req.Operation.Name, Status: http.StatusOK,
				Reason: "the prepared reply does not decode", Err: err,
			}
		}
		return failure
	}
	return nil
}

// Subscribe returns the messages of a subscription, with the errors of [Transport.Execute].
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

// next records the request and returns its answer.
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
		name := req.Operation.Name
		return nil, fmt.Errorf("taegistest: the reply prepared for %s does not encode: %w", name, err)
	}
	return text, nil
}

// UnexpectedError is returned for an operation without a prepared reply.
type UnexpectedError struct {
	// Operation is the name of the requested operation.
	Operation string
	// Prepared are the names of the operations with a reply, sorted.
	Prepared []string
}

func (e *UnexpectedError) Error() string {
	prepared := "nothing is"
	if len(e.Prepared) > 0 {
		prepared = "only " + strings.Join(e.Prepared, ", ")
	}
	return fmt.Sprintf("taegistest: no reply is prepared for %s (%s): call Reply(%q, value) first",
		e.Operation, prepared, e.Operation)
}
