package portstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Answer is an answer of the server to a transport under test: to a query or mutation, or one
// message of a subscription. It encodes to the JSON of a GraphQL answer.
type Answer struct {
	// Data is all of `data`; nil means null.
	Data map[string]any `json:"data"`
	// Errors are the answer's errors. Data together with errors is partial.
	Errors []core.GraphQLError `json:"errors,omitempty"`
}

// Value returns the value that a transport decodes from the answer to req: the operation's value,
// or all of the data for a request with a document; nil if there is no data.
func (a Answer) Value(req *core.Request) any {
	switch {
	case a.Data == nil:
		return nil
	case req.Document != "":
		return a.Data
	}
	return a.Data[req.Operation.Name]
}

// Err returns the error of a transport for the answer to req: nil, or a [*core.ResponseError],
// which wraps [core.ErrUnauthorized] for a rejected token.
func (a Answer) Err(req *core.Request) error {
	if len(a.Errors) == 0 {
		return nil
	}
	e := &core.ResponseError{Operation: req.Operation.Name, Status: 200, Errors: a.Errors}
	if a.Data == nil && a.Errors[0].Code() == "UNAUTHENTICATED" {
		e.Err = core.ErrUnauthorized
	}
	return e
}

// Answers are the answers to each operation, by its name. A subscription receives all of them and
// completes; one without data comes last, so that it may end it. A query or mutation receives the
// first, each time.
type Answers map[string][]Answer

// Transport tests that a transport fulfills the contract of [ports.Transport]:
//
//	func TestTransport(t *testing.T) {
//		portstest.Transport(t, func(t *testing.T, answers portstest.Answers) (ports.Transport, core.Environment) {
//			return &Transport{}, serve(t, answers)
//		})
//	}
//
// The function open returns a transport with a server that returns the answers, and the server's
// environment. It is called once.
func Transport(t *testing.T, open func(*testing.T, Answers) (ports.Transport, core.Environment)) {
	transport, environment := open(t, testAnswers())
	for _, test := range []struct {
		name string
		run  func(*wire)
	}{
		{"a value is decoded", (*wire).testValue},
		{"a value can be discarded", (*wire).testDiscarded},
		{"a document gets all of the data", (*wire).testDocument},
		{"partial data comes with its error", (*wire).testPartial},
		{"errors without data", (*wire).testErrors},
		{"a rejected token", (*wire).testRejected},
		{"a forbidden operation is not a rejected token", (*wire).testForbidden},
		{"an ended context", (*wire).testEnded},
		{"a request stays as it is", (*wire).testUntouched},
		{"many calls at once", (*wire).testTogether},
		{"messages come in order", (*wire).testMessages},
		{"partial data of a message comes with its error", (*wire).testPartialMessage},
		{"errors without data come after the messages before them", (*wire).testErrorIsLast},
		{"a rejected token is the first message", (*wire).testRejectedSubscription},
		{"a subscription can be left", (*wire).testLeft},
		{"an ended context ends a subscription", (*wire).testEndedSubscription},
		{"a context that has ended starts no subscription", (*wire).testNeverStarted},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(&wire{t, transport, environment}) })
	}
}

// partialErrors have a path of names and list indexes.
var partialErrors = []core.GraphQLError{{Message: "hidden", Path: []any{"partial", 1, "text"}}}

// testAnswers returns the answers that the tests expect.
func testAnswers() Answers {
	failed := func(code string) []core.GraphQLError {
		return []core.GraphQLError{{Message: "no", Extensions: map[string]any{"code": code}}}
	}
	return Answers{
		"greet":     {{Data: map[string]any{"greet": map[string]any{"text": "hello"}}}},
		"partial":   {{Data: map[string]any{"partial": []string{"one", ""}}, Errors: partialErrors}},
		"fail":      {{Errors: failed("INTERNAL_SERVER_ERROR")}},
		"reject":    {{Errors: failed("UNAUTHENTICATED")}},
		"forbid":    {{Errors: failed("FORBIDDEN")}},
		"count":     {{Data: map[string]any{"count": 1}}, {Data: map[string]any{"count": nil}}, {Data: map[string]any{"count": 3}}},
		"countFail": {{Data: map[string]any{"countFail": 1}}, {Errors: failed("INTERNAL_SERVER_ERROR")}},
	}
}

// wire is a transport under test.
type wire struct {
	*testing.T
	ports.Transport
	environment core.Environment
}

func (w *wire) request(kind core.OperationKind, name string) *core.Request {
	return &core.Request{Operation: &core.Operation{Name: name, Kind: kind}, Environment: w.environment}
}

func (w *wire) testValue() {
	var out struct{ Text string }
	if err := w.Execute(w.Context(), w.request(core.KindQuery, "greet"), &out); err != nil || out.Text != "hello" {
		w.Errorf("%+v, %v", out, err)
	}
}

func (w *wire) testDiscarded() {
	if err := w.Execute(w.Context(), w.request(core.KindMutation, "greet"), nil); err != nil {
		w.Error(err)
	}
}

func (w *wire) testDocument() {
	req := w.request(core.KindQuery, "greet")
	req.Document = "query greet { greet { text } }"
	var out struct{ Greet struct{ Text string } }
	if err := w.Execute(w.Context(), req, &out); err != nil || out.Greet.Text != "hello" {
		w.Errorf("%+v, %v", out, err)
	}
}

func (w *wire) testPartial() {
	var out []string
	w.isPartial(w.Execute(w.Context(), w.request(core.KindQuery, "partial"), &out))
	if !slices.Equal(out, []string{"one", ""}) {
		w.Errorf("value %q", out)
	}
}

func (w *wire) isPartial(err error) {
	w.Helper()
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || answer.Status != 200 || answer.Operation != "partial" || len(answer.Errors) != 1 ||
		!reflect.DeepEqual(answer.Errors[0].Path, partialErrors[0].Path) {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testErrors() {
	err := w.Execute(w.Context(), w.request(core.KindQuery, "fail"), nil)
	if answer, ok := errors.AsType[*core.ResponseError](err); !ok || len(answer.Errors) != 1 || answer.Errors[0].Code() != "INTERNAL_SERVER_ERROR" {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testRejected() {
	err := w.Execute(w.Context(), w.request(core.KindQuery, "reject"), nil)
	if _, ok := errors.AsType[*core.ResponseError](err); !ok || !errors.Is(err, core.ErrUnauthorized) {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testForbidden() {
	err := w.Execute(w.Context(), w.request(core.KindQuery, "forbid"), nil)
	if _, ok := errors.AsType[*core.ResponseError](err); !ok || errors.Is(err, core.ErrUnauthorized) {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testEnded() {
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	w.isEnded(w.Execute(ctx, w.request(core.KindQuery, "greet"), nil))
}

func (w *wire) isEnded(err error) {
	w.Helper()
	if _, ok := errors.AsType[*core.ConnectionError](err); !ok || !errors.Is(err, context.Canceled) {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testUntouched() {
	req := w.request(core.KindQuery, "greet")
	before := *req.Clone()
	if err := w.Execute(w.Context(), req, nil); err != nil || !reflect.DeepEqual(*req, before) {
		w.Errorf("%+v became %+v, %v", before, *req, err)
	}
}

func (w *wire) testTogether() {
	var calls sync.WaitGroup
	for range 16 {
		calls.Go(w.testValue)
		calls.Go(w.testMessages)
	}
	calls.Wait()
}

// received returns a line for each message of a subscription: its value, and "error" if it came
// with one.
func (w *wire) received(ctx context.Context, name string) (lines []string, last error) {
	for value, err := range w.Subscribe(ctx, w.request(core.KindSubscription, name)) {
		line := string(compact(value))
		if err != nil {
			line += " error"
		}
		lines, last = append(lines, line), err
	}
	return lines, last
}

func compact(value json.RawMessage) []byte {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return value
	}
	text, _ := json.Marshal(v) // it was JSON
	return text
}

func (w *wire) isYielded(got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("yielded %q, want %q", got, want)
	}
}

func (w *wire) testMessages() {
	lines, err := w.received(w.Context(), "count")
	w.isYielded(lines, "1", "null", "3")
	if err != nil {
		w.Error(err)
	}
}

func (w *wire) testPartialMessage() {
	lines, err := w.received(w.Context(), "partial")
	w.isYielded(lines, `["one",""] error`)
	w.isPartial(err)
}

func (w *wire) testErrorIsLast() {
	lines, err := w.received(w.Context(), "countFail")
	if len(lines) == 2 && lines[1] == "null error" { // such a message need not end the subscription
		lines[1] = " error"
	}
	w.isYielded(lines, "1", " error")
	if _, ok := errors.AsType[*core.ResponseError](err); !ok {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testRejectedSubscription() {
	lines, err := w.received(w.Context(), "reject")
	w.isYielded(lines, " error")
	if !errors.Is(err, core.ErrUnauthorized) {
		w.Errorf("error %#v", err)
	}
}

func (w *wire) testLeft() {
	for range 2 {
		for value, err := range w.Subscribe(w.Context(), w.request(core.KindSubscription, "count")) {
			if fmt.Sprint(string(value), err) != "1<nil>" {
				w.Errorf("first message %s, %v", value, err)
			}
			break
		}
	}
}

func (w *wire) testEndedSubscription() {
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	var last error
	count := 0
	for _, err := range w.Subscribe(ctx, w.request(core.KindSubscription, "count")) {
		cancel()
		count, last = count+1, err
	}
	w.isEnded(last)
	if count != 2 {
		w.Errorf("%d messages, want one and the error", count)
	}
}

func (w *wire) testNeverStarted() {
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	lines, err := w.received(ctx, "count")
	w.isYielded(lines, " error")
	w.isEnded(err)
}
