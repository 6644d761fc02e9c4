package paging

import "context"

// run reads the pages of src and yields their rows. It keeps the cursor and the numbers of the run
// up to date.
func (e *engine[T]) run(ctx context.Context, src source[T], yield func(T, error) bool) {
	r := &run[T]{settings: e.settings, op: e.op.Name, cursor: e.settings.cursor(), id: e.identity}
	r.moveTo(r.cursor)
	if e.settings.stats != nil {
		*e.settings.stats = Stats{}
	}
	if e.from != nil && e.from.Done {
		src = ended[T]{e.done()}
	}
	ctx, cancel := context.WithCancel(ctx)
	pages := newReader(ctx, src, e.settings.prefetch)
	defer pages.close() // the second: it waits
	defer cancel()
	for {
		r.page++
		b, err := pages.next()
		if err != nil {
			r.fail(err, yield)
			return
		}
		e.count(b.stats)
		enough := e.settings.limit > 0 && r.rows+len(b.rows) >= e.settings.limit
		if !b.last && b.err == nil && !enough {
			pages.prefetch()
		}
		if !r.yield(b, yield) || enough {
			return
		}
		if b.err != nil {
			r.fail(b.err, yield)
			return
		}
		if b.last {
			r.finish(b)
			return
		}
	}
}

func (e *engine[T]) count(b Stats) {
	if e.settings.stats != nil {
		e.settings.stats.add(b)
	}
}

// run is the state of the loop.
type run[T any] struct {
	settings *settings
	op       string
	id       identity
	cursor   Cursor // after the last row that was returned
	rows     int
	page     int
}

// yield returns the rows of a batch. It reports whether the caller goes on.
func (r *run[T]) yield(b batch[T], yield func(T, error) bool) bool {
	for i, row := range b.rows {
		if r.settings.limit > 0 && r.rows == r.settings.limit {
			return true
		}
		r.rows++
		r.moveTo(Cursor{id: r.id, at: b.at, n: i + 1})
		if r.settings.stats != nil {
			r.settings.stats.Rows = r.rows
		}
		if !yield(row, nil) {
			return false
		}
	}
	return true
}

func (r *run[T]) moveTo(c Cursor) {
	r.cursor = c
	if r.settings.track != nil {
		*r.settings.track = c
	}
}

func (r *run[T]) fail(err error, yield func(T, error) bool) {
	var none T
	yield(none, &Error{Operation: r.op, Page: r.page, Cursor: r.cursor, Err: err})
}

// finish moves the cursor behind the last row.
func (r *run[T]) finish(b batch[T]) {
	pos := b.at(len(b.rows))
	end := position{Done: true, Failed: pos.Failed}
	r.moveTo(Cursor{id: r.id, at: func(int) position { return end }})
}

// ended is the source of a run that had reached its end before.
type ended[T any] struct{ batch batch[T] }

func (s ended[T]) next(context.Context) (batch[T], error) { return s.batch, nil }

// reader reads batches, one ahead of the caller if that is wanted.
type reader[T any] struct {
	ctx   context.Context
	src   source[T]
	ahead bool
	ready chan result[T] // of the page that is being read ahead, else nil
}

type result[T any] struct {
	batch batch[T]
	err   error
}

func newReader[T any](ctx context.Context, src source[T], ahead bool) *reader[T] {
	return &reader[T]{ctx: ctx, src: src, ahead: ahead}
}

func (r *reader[T]) next() (batch[T], error) {
	if r.ready == nil {
		return r.src.next(r.ctx)
	}
	got := <-r.ready
	r.ready = nil
	return got.batch, got.err
}

// prefetch begins to read the next page.
func (r *reader[T]) prefetch() {
	if !r.ahead {
		return
	}
	ready := make(chan result[T], 1)
	r.ready = ready
	go func() {
		b, err := r.src.next(r.ctx)
		ready <- result[T]{b, err}
	}()
}

// close waits for a page that is being read. Its context has ended.
func (r *reader[T]) close() {
	if r.ready != nil {
		<-r.ready
	}
}
