package export

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// margin is how many seconds before the next window marks are kept, because a server may include or
// exclude the ends of a window.
const margin = 2

// reader reads one feed.
type reader struct {
	run      *exporter
	feed     Feed
	clock    *clock
	t        *tenantTransport
	progress Progress
	seen     map[[16]byte]int64 // delivered, by digest: the second of the record
	step     step
	ends     time.Time // after which the query finds nothing, zero if it has no end
	batch    item
	loaded   *Progress // as the store had it
	term     uint64    // of the lease, 0 if the feed is not held or not shared
	inFlight sync.WaitGroup
}

// item is a batch of records on its way to the sink.
type item struct {
	records  []core.Record
	marks    Marks
	progress Progress
	loaded   *Progress // before all batches of the reader
	term     uint64    // of the lease in which it was read
	done     func()    // is called when it was committed or dropped
}

// newReader returns a reader that continues its feed. If the store is shared, it has to hold it first.
func newReader(ctx context.Context, run *exporter, feed Feed) (*reader, error) {
	r := &reader{run: run, feed: feed, clock: run.clocks[feed.Environment]}
	r.t = &tenantTransport{Transport: feed.Transport, tenant: feed.Tenant, clock: r.clock}
	if run.leaser != nil {
		return r, nil
	}
	return r, r.load(ctx)
}

// load loads how far the feed came, and what was delivered.
func (r *reader) load(ctx context.Context) (err error) {
	stream := r.feed.Stream
	r.seen, r.batch = map[[16]byte]int64{}, item{}
	r.step = step{length: stream.longest, longest: stream.longest}
	var found bool
	if r.progress, found, err = r.run.Store.Load(ctx, r.feed.id()); err != nil {
		return err
	}
	if !found {
		if r.progress, err = r.start(); err != nil {
			return err
		}
	}
	loaded := r.progress
	r.loaded = &loaded
	if _, r.ends, err = stream.bounds(r.progress.Began); err != nil || stream.snapshot {
		return err
	}
	marks, err := r.run.Store.Marks(ctx, r.feed.id(), r.progress.marksFrom(), time.Time{})
	for _, m := range marks {
		r.seen[m.Digest] = m.Second
	}
	return err
}

// start returns the progress of a feed that begins.
func (r *reader) start() (Progress, error) {
	p := Progress{Feed: r.feed.id(), Began: r.clock.now(), Since: r.feed.Since.UTC().Truncate(time.Second)}
	if r.feed.Since.IsZero() {
		p.Since = p.Began.Add(-DefaultSince)
	}
	from, _, err := r.feed.Stream.bounds(p.Began)
	if !r.feed.Stream.config.Changes { // of changes, the bounds are those of the creation
		p.Since = latest(p.Since, from)
	}
	p.From = p.Since
	return p, err
}

// pass reads the feed up to now.
func (r *reader) pass(ctx context.Context) error {
	if r.feed.Stream.snapshot {
		return r.snapshot(ctx)
	}
	to := r.clock.now().Add(time.Second - r.run.Lag) // what arrives within this second is found by the next pass
	if !r.ends.IsZero() && !r.feed.Stream.config.Changes {
		to = earliest(to, r.ends)
	}
	settled := true // so far, nothing more can arrive in what was read
	return r.slices(ctx, Window{r.progress.From, to}, r.seen, func(w Window, read time.Time) {
		p := &r.progress
		p.Through = latest(p.Through, earliest(w.To, read.Add(-r.run.Lag)))
		if !settled {
			return
		}
		end := earliest(w.To, read.Add(-r.run.Lag-r.run.Overlap))
		p.From = latest(p.From, end)
		settled = end.Equal(w.To)
		r.forget()
	})
}

// slices reads a span in windows, and calls done after each complete one, with the server's time
// before it was read.
func (r *reader) slices(ctx context.Context, span Window, seen map[[16]byte]int64, done func(w Window, read time.Time)) error {
	for from := span.From; from.Before(span.To); {
		w := Window{from, earliest(from.Add(r.step.length), span.To)}
		if err := r.run.acquire(ctx); err != nil {
			return err
		}
		started := r.clock.local()
		found, err := r.window(ctx, w, seen)
		r.run.release()
		if errors.Is(err, errDivide) && r.step.shrink(w, found, r.feed.Stream.most) {
			continue
		}
		if err != nil {
			return errors.Join(err, r.flush(ctx)) // what was read is good
		}
		done(w, r.clock.at(started))
		if err := r.flush(ctx); err != nil {
			return err
		}
		r.step.grow(found, r.feed.Stream.most)
		from = w.To
	}
	return nil
}

// forget removes what no later window can find.
func (r *reader) forget() {
	limit := r.progress.marksFrom().Unix()
	for digest, second := range r.seen {
		if second < limit {
			delete(r.seen, digest)
		}
	}
}

// add adds a record to the batch.
func (r *reader) add(ctx context.Context, record core.Record, mark Mark) error {
	r.progress.Records++
	r.batch.records = append(r.batch.records, record)
	r.batch.marks = append(r.batch.marks, mark)
	if len(r.batch.records) < r.run.Batch {
		return nil
	}
	return r.flush(ctx)
}

// flush hands the batch over, also an empty one: it has the progress.
func (r *reader) flush(ctx context.Context) error {
	b := r.batch
	b.progress, b.loaded, b.term, b.done = r.progress, r.loaded, r.term, r.inFlight.Done
	r.batch = item{}
	r.inFlight.Add(1)
	select {
	case r.run.items <- b:
		return r.stillHeld(ctx)
	case <-ctx.Done():
		b.done()
		return context.Cause(ctx)
	}
}
