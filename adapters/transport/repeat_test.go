package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

func rawArgs(text string) json.RawMessage { return json.RawMessage(text) }

// refusal is how fusion refuses a mutation for a reason that passes, or with another path for good.
func refusal(path ...any) error {
	return &core.ResponseError{
		Operation: "createCase", Host: "h", Status: 200, Evidence: core.EvidenceExecuted,
		Errors: []core.GraphQLError{{
			Message: "not allowed", Path: path,
			Extensions: map[string]any{"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "investigations-v2"},
		}},
	}
}

func refusals(n int) []error {
	list := make([]error, n)
	for i := range list {
		list[i] = refusal("partnerPreferences")
	}
	return list
}

func caseRequest() *core.Request {
	return &core.Request{
		Operation: createCase, Args: rawArgs(`{"input": {"title": "x", "severity": 2}}`), Tenant: aTenant,
		Environment: core.Environment{Name: "fusion", Platform: core.PlatformFusion, APIURL: "https://h"},
	}
}

// text is a result of the tests' transport.
type text struct{ Text string }

func TestARefusalIsNotRepeatedWithoutAFinder(t *testing.T) {
	next := &failing{errs: refusals(1)}
	err := transport.RepeatRefused()(next).Execute(t.Context(), caseRequest(), nil)
	failure, ok := errors.AsType[*core.RepeatableError](err)
	if !ok || failure.Tries != 1 || len(next.tries) != 1 {
		t.Fatalf("%d tries, %v", len(next.tries), err)
	}
	if _, answered := errors.AsType[*core.ResponseError](err); !answered {
		t.Errorf("the answer is lost: %v", err)
	}
	for _, part := range []string{"createCase: ", "once", "partnerPreferences: not allowed", "look for the case"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestARefusalIsRepeatedWithAFinder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &failing{errs: refusals(4), leave: `{"text": "left"}`}
		req, looked := caseRequest(), 0
		req.FindDuplicate = func(context.Context) (any, error) {
			looked++
			if looked != len(next.tries) {
				t.Errorf("looked %d times after %d tries", looked, len(next.tries))
			}
			return nil, nil
		}
		var out text
		if err := transport.RepeatRefused()(next).Execute(t.Context(), req, &out); err != nil || out.Text != "hello" {
			t.Fatalf("%+v, %v", out, err)
		}
		if looked != 4 || len(next.tries) != 5 {
			t.Errorf("looked %d times, %d tries", looked, len(next.tries))
		}
		for i, milliseconds := range []int{600, 1200, 2000, 2000} {
			most := time.Duration(milliseconds) * time.Millisecond
			pause := next.tries[i+1].Sub(next.tries[i])
			if pause < 300*time.Millisecond || pause > most {
				t.Errorf("pause %d is %v, want 300ms to %v", i+1, pause, most)
			}
		}
	})
}

func TestAtMostTwentyTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &failing{errs: refusals(30)}
		req, looked := caseRequest(), 0
		req.FindDuplicate = func(context.Context) (any, error) { looked++; return (*text)(nil), nil }
		err := transport.RepeatRefused()(next).Execute(t.Context(), req, nil)
		failure, ok := errors.AsType[*core.RepeatableError](err)
		if !ok || failure.Tries != 20 || len(next.tries) != 20 || looked != 19 || !strings.Contains(err.Error(), "20 times") {
			t.Errorf("%d tries, looked %d times, %v", len(next.tries), looked, err)
		}
	})
}

func TestADuplicateIsTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &failing{errs: refusals(30), leave: `{"text": "left"}`}
		req, looked := caseRequest(), 0
		req.FindDuplicate = func(context.Context) (any, error) {
			if looked++; looked < 3 {
				return nil, nil
			}
			return &text{"found"}, nil
		}
		var out *text
		if err := transport.RepeatRefused()(next).Execute(t.Context(), req, &out); err != nil || out == nil || out.Text != "found" {
			t.Errorf("%+v, %v", out, err)
		}
		if len(next.tries) != 3 {
			t.Errorf("%d tries", len(next.tries))
		}
		req.FindDuplicate = func(context.Context) (any, error) { return "a text", nil }
		err := transport.RepeatRefused()(next).Execute(t.Context(), req, &out)
		if fault, ok := errors.AsType[*core.ArgumentError](err); !ok || !strings.Contains(fault.Reason, "FindDuplicate") {
			t.Errorf("a wrong result: %v", err)
		}
	})
}

func TestWhatEndsTheRepetitions(t *testing.T) {
	cause := errors.New("the finder failed")
	ended := errors.New("the caller is gone")
	for name, test := range map[string]struct {
		errs   []error
		find   func(context.Context) (any, error)
		ends   time.Duration // of the context
		tries  int
		wraps  error
		is     bool // a RepeatableError
		failed bool
	}{
		"the finder fails":         {refusals(30), func(context.Context) (any, error) { return nil, cause }, time.Hour, 1, cause, true, true},
		"the context ends":         {refusals(30), func(context.Context) (any, error) { return nil, nil }, 100 * time.Millisecond, 1, ended, true, true},
		"a real refusal":           {[]error{refusal("partnerPreferences"), refusal("createCase")}, func(context.Context) (any, error) { return nil, nil }, time.Hour, 2, nil, false, true},
		"a real refusal at once":   {[]error{refusal("createCase", "partnerPreferences")}, func(context.Context) (any, error) { return nil, nil }, time.Hour, 1, nil, false, true},
		"another error":            {[]error{cause}, func(context.Context) (any, error) { return nil, nil }, time.Hour, 1, cause, false, true},
		"a success at the first":   {nil, func(context.Context) (any, error) { return nil, cause }, time.Hour, 1, nil, false, false},
		"a path with further step": {[]error{refusal("partnerPreferences", "x")}, func(context.Context) (any, error) { return nil, nil }, time.Hour, 1, nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), test.ends, ended)
				defer cancel()
				next := &failing{errs: test.errs}
				req := caseRequest()
				req.FindDuplicate = test.find
				err := transport.RepeatRefused()(next).Execute(ctx, req, nil)
				_, repeatable := errors.AsType[*core.RepeatableError](err)
				if repeatable != test.is || (err != nil) != test.failed || len(next.tries) != test.tries || test.wraps != nil && !errors.Is(err, test.wraps) {
					t.Errorf("%d tries, %v", len(next.tries), err)
				}
			})
		})
	}
}

// Only the two mutations are meant, on fusion only, and in a document only if they are alone.
func TestWhichCallsAreMeant(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*core.Request)
		is     bool
	}{
		"as it is":             {func(*core.Request) {}, true},
		"addEvidenceToCase":    {func(r *core.Request) { r.Operation = named("addEvidenceToCase") }, true},
		"updateCase":           {func(r *core.Request) { r.Operation = named("updateCase") }, false},
		"on Taegis":            {func(r *core.Request) { r.Environment.Platform = core.PlatformTaegis }, false},
		"an alias":             {func(r *core.Request) { r.Operation = named("x"); r.Operation.Field = "createCase" }, true},
		"a document":           {document(`mutation { a: createCase(input: {}) { id } }`), true},
		"a document with more": {document(`mutation { createCase(input: {}) { id } createCaseRule(input: {}) { id } }`), false},
	} {
		req := caseRequest()
		test.change(req)
		err := transport.RepeatRefused()(&failing{errs: refusals(1)}).Execute(t.Context(), req, nil)
		if _, is := errors.AsType[*core.RepeatableError](err); is != test.is {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func named(name string) *core.Operation {
	op := *createCase
	op.Name = name
	return &op
}

func document(text string) func(*core.Request) {
	return func(r *core.Request) { r.Operation, r.Document = &core.Operation{}, text }
}
