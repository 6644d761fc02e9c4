package transport_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// failing is a transport that fails with its errors in turn and then succeeds.
type failing struct {
	errs  []error
	tries []time.Time
	leave string // what a failing try leaves in the value
}

func (f *failing) next() error {
	f.tries = append(f.tries, time.Now())
	if len(f.errs) == 0 {
		return nil
	}
	err := f.errs[0]
	f.errs = f.errs[1:]
	return err
}

func (f *failing) Execute(_ context.Context, _ *core.Request, out any) error {
	err := f.next()
	text := `{"text":"hello"}`
	if err != nil {
		text = f.leave
	}
	if out != nil && text != "" {
		return errors.Join(json.Unmarshal([]byte(text), out), err)
	}
	return err
}

func (f *failing) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		err := f.next()
		if err == nil || f.leave != "" {
			if !yield(json.RawMessage(`1`), nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func answered(status int) error { return &core.ResponseError{Operation: "greet", Status: status} }

func unanswered(sent bool) error {
	return &core.ConnectionError{Operation: "greet", Sent: sent, Err: errors.New("reset")}
}

func TestRetriedFailures(t *testing.T) {
	untrusted := &core.ConnectionError{Operation: "greet", Err: &tls.CertificateVerificationError{Err: errors.New("unknown authority")}}
	for name, test := range map[string]struct {
		err             error
		query, mutation bool
	}{
		"400":               {answered(400), false, false},
		"401":               {&core.ResponseError{Status: 401, Err: core.ErrUnauthorized}, false, false},
		"403":               {answered(403), false, false},
		"408":               {answered(408), true, false},
		"429":               {answered(429), true, true},
		"500":               {answered(500), true, false},
		"501":               {answered(501), false, false},
		"502":               {answered(502), true, false},
		"503":               {answered(503), true, false},
		"504":               {answered(504), true, false},
		"errors in a 200":   {answered(200), false, false},
		"nothing was sent":  {unanswered(false), true, true},
		"no answer came":    {unanswered(true), true, false},
		"a bad certificate": {untrusted, false, false},
		"too large a 503":   {&core.ResponseError{Status: 503, Err: &core.LimitError{}}, false, false},
		"a time limit":      {&core.ConnectionError{Sent: true, Err: &core.LimitError{Err: context.DeadlineExceeded}}, true, false},
		"a wrong argument":  {&core.ArgumentError{Operation: "greet", Argument: "x"}, false, false},
	} {
		raw := &core.Request{Operation: &core.Operation{Name: "greet"}, Document: "mutation greet { greet }"}
		poll := greet(core.Environment{}, core.KindQuery)
		poll.Operation.NonIdempotent = true
		for kind, req := range map[string]*core.Request{
			"query": greet(core.Environment{}, core.KindQuery), "non-idempotent query": poll, "mutation": greet(core.Environment{}, core.KindMutation), "raw document": raw,
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					wire := &failing{errs: []error{test.err}}
					err := transport.Retry(core.RetryLimits{})(wire).Execute(t.Context(), req, nil)
					repeated := test.mutation
					if kind == "query" {
						repeated = test.query
					}
					if got := len(wire.tries) == 2; got != repeated || repeated != (err == nil) {
						t.Errorf("%d tries and %v, want a repetition: %v", len(wire.tries), err, repeated)
					}
				})
			})
		}
	}
}

func TestRepetitionHasLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ask := func(limits core.RetryLimits, err error, times int) (*failing, error) {
			wire := &failing{}
			for range times {
				wire.errs = append(wire.errs, err)
			}
			return wire, transport.Retry(limits)(wire).Execute(t.Context(), greet(core.Environment{}, core.KindQuery), nil)
		}
		wire, err := ask(core.RetryLimits{}, answered(503), 100)
		if failure, ok := errors.AsType[*core.ResponseError](err); len(wire.tries) != 4 || !ok || failure.Status != 503 {
			t.Errorf("%d tries by default, want 4: %v", len(wire.tries), err)
		}
		if wire, err = ask(core.RetryLimits{MaxTries: 1}, answered(503), 1); len(wire.tries) != 1 || err == nil {
			t.Errorf("%d tries, %v", len(wire.tries), err)
		}
		begin := time.Now()
		if wire, err = ask(core.RetryLimits{MaxTries: 1000, MaxTime: 5 * time.Second}, answered(503), 1000); time.Since(begin) > 5*time.Second || err == nil {
			t.Errorf("%d tries in %v", len(wire.tries), time.Since(begin))
		}
		begin = time.Now()
		if _, err = ask(core.RetryLimits{}, &core.ResponseError{Status: 429, RetryAfter: 7 * time.Second}, 1); err != nil || time.Since(begin) != 7*time.Second {
			t.Errorf("%v after %v, want to wait the 7 s of Retry-After", err, time.Since(begin))
		}
		begin = time.Now()
		if _, err = ask(core.RetryLimits{}, &core.ResponseError{Status: 429, RetryAfter: time.Hour}, 1); err == nil || time.Since(begin) > 0 {
			t.Errorf("%v after %v: an hour is beyond the limit and not waited for", err, time.Since(begin))
		}
	})
}

func TestACallerWhoGivesUpIsNotKeptWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaveUp := errors.New("gave up")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, gaveUp)
		defer cancel()
		begin := time.Now()
		wire := &failing{errs: []error{&core.ResponseError{Status: 429, RetryAfter: 10 * time.Second}}}
		err := transport.Retry(core.RetryLimits{})(wire).Execute(ctx, greet(core.Environment{}, core.KindQuery), nil)
		if !errors.Is(err, gaveUp) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestAValueIsNeverAMixtureOfTwoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out struct{ Text, Other string }
		wire := &failing{errs: []error{unanswered(true)}, leave: `{"text":"torn","other":"torn"}`}
		if err := transport.Retry(core.RetryLimits{})(wire).Execute(t.Context(), greet(core.Environment{}, core.KindQuery), &out); err != nil || out.Text != "hello" || out.Other != "" {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestASubscriptionIsRepeatedOnlyBeforeItBegins(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		begun bool
		tries int
	}{
		"no connection":             {unanswered(false), false, 2},
		"busy handshake":            {answered(503), false, 2},
		"refused handshake":         {answered(403), false, 1},
		"broken after it was asked": {unanswered(true), false, 1},
		"broken after a message":    {unanswered(false), true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wire := &failing{errs: []error{test.err}}
				if test.begun {
					wire.leave = "x"
				}
				var last error
				messages := 0
				for message, err := range transport.Retry(core.RetryLimits{})(wire).Subscribe(t.Context(), greet(core.Environment{}, core.KindSubscription)) {
					if last = err; message != nil {
						messages++
					}
				}
				if len(wire.tries) != test.tries || (last == nil) != (test.tries == 2) || messages == 0 && last == nil {
					t.Errorf("%d tries, %d messages, %v", len(wire.tries), messages, last)
				}
			})
		})
	}
}

// net/http repeats a POST with one of these headers by itself if a kept connection breaks.
func TestAMutationWithAnIdempotencyKeyIsSentOnce(t *testing.T) {
	for _, header := range []string{"Idempotency-Key", "X-Idempotency-Key", "idempotency-key"} {
		t.Run(header, func(t *testing.T) {
			var executed atomic.Int64
			var key atomic.Value
			env := serve(t, func(w http.ResponseWriter, r *http.Request) {
				key.Store(r.Header.Get(header))
				if executed.Add(1) == 1 {
					_, _ = io.WriteString(w, hello)
					return
				}
				conn, _, err := http.NewResponseController(w).Hijack() // executed, and the answer is lost
				if err == nil {
					_ = conn.Close()
				}
			})
			wire := transport.Retry(core.RetryLimits{})(&transport.HTTP{})
			call := func() error {
				req := greet(env, core.KindMutation)
				req.Header = http.Header{header: {"k-1"}}
				return wire.Execute(t.Context(), req, nil)
			}
			if err := call(); err != nil {
				t.Fatal(err)
			}
			lost, _ := errors.AsType[*core.ConnectionError](call())
			if lost == nil || !lost.Sent || executed.Load() != 2 || key.Load() != "k-1" {
				t.Errorf("executed %d times for 2 calls, key %v: %v", executed.Load(), key.Load(), lost)
			}
		})
	}
}

// What proves that a mutation was executed wins over a status that says to try again.
func TestExecutedMutationsAreNotRetried(t *testing.T) {
	for _, body := range []string{
		`{"data":{"greet":{"text":"hello"}}}`,
		`{"data":{"greet":null}}`,
		`{"data":null,"errors":[{"message":"no","path":["greet","text"],"extensions":{"code":"UNAUTHENTICATED"}}]}`,
		`{"errors":[{"message":"no","extensions":{"code":"GRAPHQL_VALIDATION_FAILED","serviceName":"greetings"}}]}`,
	} {
		for _, status := range []int{401, 429, 503} {
			var sent atomic.Int64
			env := serve(t, func(w http.ResponseWriter, r *http.Request) {
				sent.Add(1)
				answering(status, body)(w, r)
			})
			var value struct{ Text string }
			err := transport.Retry(core.RetryLimits{})(&transport.HTTP{}).Execute(t.Context(), greet(env, core.KindMutation), &value)
			answer, _ := errors.AsType[*core.ResponseError](err)
			if body == `{"data":{"greet":null}}` && status == 401 {
				if !errors.Is(err, core.ErrUnauthorized) {
					t.Errorf("%d %s: %v", status, body, err)
				}
				continue // nothing contradicts the status
			}
			if answer == nil || answer.Evidence != core.EvidenceExecuted || sent.Load() != 1 || errors.Is(err, core.ErrUnauthorized) {
				t.Errorf("%d %s: sent %d times, %+v", status, body, sent.Load(), answer)
			}
			if answer != nil && answer.Partial != (value.Text == "hello") {
				t.Errorf("%d %s: the value is %+v", status, body, value)
			}
		}
	}
}
