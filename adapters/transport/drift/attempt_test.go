package drift_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// concurrentCalls makes concurrent calls of one operation to a server that requires two adaptations
// of it. The server responds when it has received all calls.
type concurrentCalls struct {
	*gateway
	wire     ports.Transport
	contexts []context.Context
	give     func(i int) map[string]any // the arguments except the id; nil for none
}

// twoRounds lacks a field and its deprecated alias, which the first adaptation selects.
var twoRounds = schemaOf("{ clientID", "{ other", ", note: String", "")

// newConcurrentCalls returns them. adapting is called with the caller's number for each document
// that is not the original; it can delay the response.
func newConcurrentCalls(t *testing.T, callers int, adapting func(caller int)) *concurrentCalls {
	t.Helper()
	decide := validating(t, twoRounds)
	var arrived atomic.Int64
	all := make(chan struct{})
	c := &concurrentCalls{wire: newMiddleware(drift.Config{})}
	c.gateway = newGateway(t, 422, func(document string, variables map[string]any) string {
		if strings.Contains(document, "clientID name") {
			if arrived.Add(1) == int64(callers) {
				close(all)
			}
			<-all
		} else if id, ok := variables["id"].(string); ok {
			caller, err := strconv.Atoi(id)
			if err != nil {
				t.Error(err)
			}
			adapting(caller)
		}
		return decide(document, variables)
	})
	for range callers {
		c.contexts = append(c.contexts, t.Context())
	}
	return c
}

// call makes all calls and returns their errors.
func (c *concurrentCalls) call() []error {
	failures := make([]error, len(c.contexts))
	var callers sync.WaitGroup
	for i, ctx := range c.contexts {
		callers.Go(func() {
			args := map[string]any{}
			if c.give != nil {
				args = c.give(i)
			}
			args["id"] = strconv.Itoa(i)
			failures[i] = c.wire.Execute(ctx, request(c.gateway, client, args), nil)
		})
	}
	callers.Wait()
	return failures
}

func TestConcurrentFirstCallsShareAnAdaptation(t *testing.T) {
	const callers = 32
	c := newConcurrentCalls(t, callers, func(int) {})
	for i, err := range c.call() {
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	// Each call is rejected once, one tries two adaptations, the others use the second.
	if n := len(c.sent()); n != callers+2+callers-1 {
		t.Errorf("%d requests of %d callers", n, callers)
	}
}

func TestACancelledAdaptationFailsNoOtherCall(t *testing.T) {
	const callers = 16
	ends := make([]context.CancelFunc, callers)
	var leader atomic.Int64
	leader.Store(-1)
	c := newConcurrentCalls(t, callers, func(caller int) {
		if leader.CompareAndSwap(-1, int64(caller)) {
			ends[caller]()
		}
	})
	for i := range c.contexts {
		c.contexts[i], ends[i] = context.WithCancel(t.Context()) //nolint:fatcontext // one for each caller
		defer ends[i]()
	}
	for i, err := range c.call() {
		if i == int(leader.Load()) {
			continue // its response may have arrived before the cancellation
		}
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	// Only one of the other calls adapts the operation.
	if n := len(c.sent()); n > callers+2+2+callers-2 {
		t.Errorf("%d requests of %d callers", n, callers)
	}
}

func TestACallThatCannotBeAdaptedFailsNoOther(t *testing.T) {
	const callers = 8
	c := newConcurrentCalls(t, callers, func(int) {})
	c.give = func(i int) map[string]any {
		if i%2 == 0 {
			return map[string]any{}
		}
		return map[string]any{"note": "an argument that this server lacks"}
	}
	for i, err := range c.call() {
		unfit, ok := errors.AsType[*core.SchemaError](err)
		if i%2 == 0 && err != nil || i%2 == 1 && (!ok || unfit.Argument != "note") {
			t.Errorf("caller %d: %v", i, err)
		}
	}
}

func TestWaitingForAnAdaptationEndsWithTheContext(t *testing.T) {
	held, release := make(chan int, 1), make(chan struct{})
	var once sync.Once
	c := newConcurrentCalls(t, 2, func(caller int) {
		once.Do(func() {
			held <- caller
			<-release
		})
	})
	gone := errors.New("gone")
	ends := make([]context.CancelCauseFunc, 2)
	for i := range c.contexts {
		c.contexts[i], ends[i] = context.WithCancelCause(t.Context()) //nolint:fatcontext // one for each caller
	}
	results := make(chan error, 2)
	for i, ctx := range c.contexts {
		go func() {
			results <- c.wire.Execute(ctx, request(c.gateway, client, map[string]any{"id": strconv.Itoa(i)}), nil)
		}()
	}
	leader := <-held
	ends[1-leader](gone)
	if err := <-results; !errors.Is(err, gone) {
		t.Errorf("the cancelled call returned %v", err)
	}
	close(release)
	if err := <-results; err != nil {
		t.Errorf("the adapting call returned %v", err)
	}
}

// A call with an argument that the server lacks does not remove the adaptation.
func TestAnAdaptationSurvivesACallThatDoesNotFit(t *testing.T) {
	g := newGateway(t, 422, validating(t, schemaOf("age: Int", "", ", note: String", "")))
	wire := newMiddleware(drift.Config{Dir: t.TempDir() + "/drift"})
	good := request(g, client, map[string]any{"id": "1"})
	bad := request(g, client, map[string]any{"id": "1", "note": "x"})
	if err := wire.Execute(t.Context(), good, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*core.SchemaError](wire.Execute(t.Context(), bad, nil)); !ok {
		t.Error("the argument was not rejected")
	}
	g.sent()
	if err := wire.Execute(t.Context(), good, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(g.sent()); n != 1 {
		t.Errorf("%d requests for a call with a stored adaptation", n)
	}
}

// quiet is a server of subscriptions without the field "age". The first accepted subscription never
// receives a message.
type quiet struct{ accepted atomic.Int64 }

func (q *quiet) Execute(context.Context, *core.Request, any) error { return errors.New("no schema") }

func (q *quiet) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		switch {
		case strings.Contains(req.Operation.Selection, "age"):
			yield(nil, &core.ResponseError{Status: 200, Errors: []core.GraphQLError{{Message: `Cannot query field "age" on type "Dog".`}}})
		case q.accepted.Add(1) == 1:
			<-ctx.Done()
			yield(nil, context.Cause(ctx))
		default:
			yield(json.RawMessage("1"), nil)
		}
	}
}

func TestASubscriptionDoesNotWaitForTheFirstMessageOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		wire := drift.Middleware(drift.Config{Logger: discard})(new(quiet))
		subscribe := func() (message json.RawMessage, err error) {
			op := client
			op.Kind = core.KindSubscription
			for message, err = range wire.Subscribe(ctx, &core.Request{Operation: &op, Environment: core.Environment{APIURL: "https://taegis.example"}}) {
			}
			return message, err
		}
		go func() { _, _ = subscribe() }()
		synctest.Wait() // until it waits for a message
		if message, err := subscribe(); err != nil || string(message) != "1" {
			t.Errorf("%s, %v", message, err)
		}
	})
}
