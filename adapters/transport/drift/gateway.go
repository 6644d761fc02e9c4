package drift

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/internal/introspection"
	"github.com/taegis-go/taegis/ports"
)

// schemaLifetime is how long a gateway's schema is used, or the fact that it does not return one.
const schemaLifetime = time.Hour

// schemas caches the schemas of gateways, each of which is fetched once.
type schemas struct {
	now func() time.Time
	// end is the time at which the first schema expires, in Unix nanoseconds; 0 if there is none.
	end atomic.Int64

	mu      sync.Mutex
	fetched map[string]*fetched // by host and gateway
}

// fetched is the result for one gateway. A call holds its slot while it fetches the schema.
type fetched struct {
	slot   chan struct{}
	at     time.Time
	schema *ast.Schema
	err    error
}

// of returns the schema of the request's gateway. Its errors are those of [introspection.Fetch], or
// the context's cause.
func (s *schemas) of(ctx context.Context, next ports.Transport, p *call) (*ast.Schema, error) {
	f := s.entry(p.key.host + p.key.gateway)
	select {
	case f.slot <- struct{}{}:
		defer func() { <-f.slot }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if !f.at.IsZero() && s.now().Sub(f.at) < schemaLifetime {
		return f.schema, f.err
	}
	schema, err := introspection.Fetch(ctx, next, p.req)
	if _, unavailable := errors.AsType[*introspection.UnavailableError](err); err == nil || unavailable {
		f.at, f.schema, f.err = s.now(), schema, err
		s.end.CompareAndSwap(0, f.at.Add(schemaLifetime).UnixNano())
	}
	return schema, err
}

// expire removes expired schemas, because each takes some MB and may not be used again for long.
func (s *schemas) expire() {
	end := s.end.Load()
	if end == 0 || s.now().UnixNano() < end || !s.end.CompareAndSwap(end, 0) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range s.fetched {
		select {
		case f.slot <- struct{}{}:
			if rest := schemaLifetime - s.now().Sub(f.at); rest <= 0 {
				delete(s.fetched, key)
			} else {
				s.end.Store(f.at.Add(schemaLifetime).UnixNano())
			}
			<-f.slot
		default: // a call is fetching it
		}
	}
}

func (s *schemas) entry(key string) *fetched {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.fetched[key]
	if f == nil {
		if s.fetched == nil {
			s.fetched = map[string]*fetched{}
		}
		f = &fetched{slot: make(chan struct{}, 1)}
		s.fetched[key] = f
	}
	return f
}

// complete reports whether the gateway's schema includes deprecated fields. A gateway that hides
// them may accept fields that its schema does not list, so its validation errors are more reliable.
func (s *schemas) complete(ctx context.Context, next ports.Transport, p *call) bool {
	schema, err := s.of(ctx, next, p)
	if err != nil {
		return false
	}
	for _, def := range schema.Types {
		for _, field := range def.Fields {
			if field.Directives.ForName("deprecated") != nil {
				return true
			}
		}
	}
	return false
}
