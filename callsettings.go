package taegis

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// callSettings are the settings of a context for the calls that are made with it. A context has one
// complete set, which is never changed, so any goroutine may read it.
type callSettings struct {
	environment target
	tenant      *string // nil if it is not set, like the other pointers
	selection   string
	required    []string
	header      http.Header
	token       core.Secret
	tokenFor    target // the environment of the token
	timeout     *time.Duration
	trace       *trace
	onResponse  func(core.Response)
	onAdapt     func(core.Adaptation)
	duplicate   func(context.Context) (any, error)
	fault       *core.ArgumentError // a setting that cannot be used
}

type callSettingsKey struct{}

// settingsOf returns the settings of ctx, which must not be changed.
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

// reject records a setting that cannot be used; calls return it as an error.
func (s *callSettings) reject(reason string, err error) {
	s.fault = &core.ArgumentError{Reason: reason, Err: err}
}

// fill sets the fields of a request that are not set, except environment and token, from the
// context. It returns a [*core.ArgumentError] for a setting that cannot be used.
func (s *callSettings) fill(r *core.Request) error {
	if s.fault != nil {
		fault := *s.fault
		fault.Operation = r.Operation.Name
		return &fault
	}
	if s.selection != "" && r.Selection == "" && r.Document == "" {
		if isPlain(r.Operation) {
			return &core.ArgumentError{Operation: r.Operation.Name, Reason: "ContextWithSelection selects fields of a plain value, which has none"}
		}
		r.Selection = s.selection
	}
	if len(s.required) > 0 {
		r.Required = slices.Concat(r.Required, s.required)
	}
	if err := drift.CheckRequired(r); err != nil {
		return err
	}
	r.Header = s.headers(r.Header)
	r.OnResponse, r.OnAdapt = both(r.OnResponse, s.onResponse), both(r.OnAdapt, s.onAdapt)
	if find := s.duplicate; find != nil && r.FindDuplicate == nil {
		r.FindDuplicate = func(ctx context.Context) (any, error) { return find(forOthers(ctx)) }
	}
	if s.trace != nil {
		r.OnResponse = both(r.OnResponse, s.trace.note)
	}
	return nil
}

// forOthers returns a context for other operations than the one that it was made for: without the
// settings that belong to one operation.
func forOthers(ctx context.Context) context.Context {
	return with(ctx, func(s *callSettings) { s.selection, s.required, s.duplicate = "", nil, nil })
}

// isPlain reports whether the result of an operation is known to be a plain value: only generated
// operations have a selection.
func isPlain(op *core.Operation) bool { return op.Service != "" && op.Selection == "" }

// headers returns the headers of the context and of a request, which come first.
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

// trace is the id of the first answer, which later calls send.
type trace struct{ id atomic.Pointer[string] }

func (t *trace) note(r core.Response) {
	if r.RequestID != "" {
		t.id.CompareAndSwap(nil, &r.RequestID)
	}
}

// both returns a function that calls first and second, either of which may be nil.
func both[T any](first, second func(T)) func(T) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(value T) { first(value); second(value) }
}
