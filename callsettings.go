package taegis

import (
	"context"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// callSettings are what a context says about the calls that are made with it. A context holds one
// of them, complete; what is in a context does not change any more, so it can be read by all.
type callSettings struct {
	environment target
	tenant      *string // nil where nothing is said, as everywhere here
	selection   string
	required    []string
	header      http.Header
	token       core.Secret
	tokenFor    target // whose token it is
	timeout     *time.Duration
	trace       *trace
	onResponse  func(core.Response)
	onAdapt     func(core.Adaptation)
	fault       *core.ArgumentError // what cannot be used
}

type callSettingsKey struct{}

// settingsOf returns the settings of ctx, which are not to be changed.
func settingsOf(ctx context.Context) *callSettings {
	if s, ok := ctx.Value(callSettingsKey{}).(*callSettings); ok {
		return s
	}
	return &noSettings
}

var noSettings callSettings

// with returns a context with changed settings.
func with(ctx context.Context, change func(*callSettings)) context.Context {
	s := *settingsOf(ctx)
	change(&s)
	return context.WithValue(ctx, callSettingsKey{}, &s)
}

// reject notes down what cannot be used; calls fail with it.
func (s *callSettings) reject(reason string, err error) {
	s.fault = &core.ArgumentError{Reason: reason, Err: err}
}

// fill sets what the request leaves open and the context says, but for environment and token.
// It returns a [*core.ArgumentError] for a setting that cannot be used.
func (s *callSettings) fill(r *core.Request) error {
	if s.fault != nil {
		fault := *s.fault
		fault.Operation = r.Operation.Name
		return &fault
	}
	if s.selection != "" && r.Selection == "" && r.Document == "" {
		if isPlain(r.Operation) {
			return &core.ArgumentError{Operation: r.Operation.Name, Reason: "ContextWithOutput selects fields of a plain value, which has none"}
		}
		r.Selection = s.selection
	}
	if r.Required == nil {
		r.Required = s.required
	}
	if err := drift.CheckRequired(r); err != nil {
		return err
	}
	r.Header = s.headers(r.Header)
	r.OnResponse, r.OnAdapt = both(r.OnResponse, s.onResponse), both(r.OnAdapt, s.onAdapt)
	if s.trace != nil {
		r.OnResponse = both(r.OnResponse, s.trace.note)
	}
	return nil
}

// isPlain reports whether the result of an operation is a plain value. Only a generated one tells.
func isPlain(op *core.Operation) bool { return op.Service != "" && op.Selection == "" }

// headers returns the context's headers with those of a request before them.
func (s *callSettings) headers(own http.Header) http.Header {
	var id *string
	if s.trace != nil {
		id = s.trace.id.Load()
	}
	if len(s.header) == 0 && id == nil {
		return own
	}
	all := maps.Clone(s.header)
	if all == nil {
		all = http.Header{}
	}
	for name, values := range own {
		all[http.CanonicalHeaderKey(name)] = values
	}
	if id != nil && all.Get(traceHeader) == "" {
		all.Set(traceHeader, *id)
	}
	return all
}

// traceHeader carries the id of an earlier answer (docs/protocol.md#graphql).
const traceHeader = "X-Amzn-Trace-Id"

// trace is the answer to which calls are linked: the first that is noted.
type trace struct{ id atomic.Pointer[string] }

func (l *trace) note(r core.Response) {
	if r.RequestID != "" {
		l.id.CompareAndSwap(nil, &r.RequestID)
	}
}

// both returns a function that tells both, either of which may be nil.
func both[T any](first, second func(T)) func(T) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(value T) { first(value); second(value) }
}
