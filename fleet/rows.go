package fleet

import (
	"context"
	"iter"
	"runtime/debug"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// Row is a value of a tenant.
type Row[T any] struct {
	Tenant Tenant
	Value  T
}

// Rows calls each for every tenant, for at most n of them at a time, and yields their values, for
// example the records of a search. The values of a tenant stay in their order; those of different
// tenants come as they arrive, unless [InOrder] is given. Few values are held at a time: if the
// caller is slow, the sequences wait.
//
// An error is yielded as a [*TenantError] together with a Row that has the tenant only, and the
// loop continues. A tenant can have several errors, if its sequence goes on after one. A panic
// becomes a [*core.PanicError]. After the end of ctx no tenant is begun, and each that was not has
// an error with NotRun. If the caller leaves the loop, Rows cancels the context of the sequences
// and waits for them.
func Rows[T any](
	ctx context.Context, tenants []Tenant, n int, each func(context.Context, Tenant) iter.Seq2[T, error], opts ...Option,
) iter.Seq2[Row[T], error] {
	return func(yield func(Row[T], error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		r := &rows[T]{each: each, ended: make(chan struct{}), settings: settingsOf(opts, len(tenants))}
		streams := r.start(ctx, tenants, max(n, 1))
		defer r.running.Wait()
		defer close(r.ended)
		defer cancel()
		for stream := range streams {
			for row := range stream {
				if !yield(row.Row, row.err) {
					return
				}
			}
		}
	}
}

// rows is a run of [Rows].
type rows[T any] struct {
	each     func(context.Context, Tenant) iter.Seq2[T, error]
	ended    chan struct{} // closed if the caller takes no more
	running  sync.WaitGroup
	settings settings
}

// row is what is yielded.
type row[T any] struct {
	Row[T]
	err error
}

// rowsAhead is how many values a stream holds that the caller has not taken.
const rowsAhead = 16

// start starts the work. It returns the streams in the order in which they are to be read: one for
// all tenants, or one for each tenant.
func (r *rows[T]) start(ctx context.Context, tenants []Tenant, n int) <-chan chan row[T] {
	streams := make(chan chan row[T], n)
	slots := make(chan struct{}, n)
	var shared chan row[T]
	if !r.settings.ordered {
		shared = make(chan row[T], rowsAhead)
		streams <- shared
	}
	r.running.Go(func() {
		defer close(streams)
		var tenantsRunning sync.WaitGroup
		for _, t := range tenants {
			select {
			case slots <- struct{}{}:
			case <-r.ended:
			}
			if r.hasEnded() {
				break
			}
			stream := shared
			if stream == nil {
				stream = make(chan row[T], rowsAhead)
				select {
				case streams <- stream:
				case <-r.ended:
				}
			}
			tenantsRunning.Add(1)
			r.running.Go(func() {
				defer func() { <-slots }()
				defer tenantsRunning.Done()
				if shared == nil {
					defer close(stream)
				}
				r.run(ctx, t, stream)
			})
		}
		if shared != nil {
			tenantsRunning.Wait()
			close(shared)
		}
	})
	return streams
}

func (r *rows[T]) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// run passes the values of a tenant to a stream.
func (r *rows[T]) run(ctx context.Context, t Tenant, stream chan<- row[T]) {
	failed := false
	send := func(value T, err error) bool {
		next := row[T]{Row: Row[T]{Tenant: t, Value: value}}
		if err != nil {
			failed = true
			next.err = &TenantError{Tenant: t, Err: err}
		}
		select {
		case stream <- next:
			return true
		case <-r.ended:
			return false
		}
	}
	if ctx.Err() != nil {
		r.settings.ended(t, false, true)
		select {
		case stream <- row[T]{Row[T]{Tenant: t}, &TenantError{Tenant: t, NotRun: true, Err: context.Cause(ctx)}}:
		case <-r.ended:
		}
		return
	}
	r.settings.began(t)
	var none T
	returned := false
	defer func() {
		v := recover()
		switch {
		case v != nil:
			send(none, &core.PanicError{Value: v, Stack: debug.Stack()})
		case !returned:
			send(none, errGoexit)
		}
		r.settings.ended(t, true, failed)
	}()
	for value, err := range r.each(ctx, t) {
		if !send(value, err) {
			break
		}
	}
	returned = true
}
