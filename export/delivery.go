package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
)

const (
	// mostBatches is how many batches are committed together at most.
	mostBatches = 64
	// grace is how long a delivery that is under way may go on after the export was stopped.
	grace = 700 * time.Millisecond

	firstRetry   = time.Second
	longestRetry = time.Minute
)

// delivery delivers and commits batches, in the order in which the readers hand them over.
type delivery struct {
	*exporter
	position string           // of the sink, at the last commit
	refused  map[string]int64 // by feed, before this run and in it
	before   map[string]Progress
	loaded   map[string]*Progress // by feed, before the batches that are delivered now
	lost     map[string]uint64    // by feed, the last term that was lost
	summary  Summary
}

func newDelivery(e *exporter) *delivery {
	return &delivery{exporter: e, refused: map[string]int64{}, before: map[string]Progress{}, loaded: map[string]*Progress{}, lost: map[string]uint64{}}
}

// open opens the sink at its last position.
func (d *delivery) open(ctx context.Context) (err error) {
	if d.position, err = d.Store.Position(ctx); err != nil {
		return err
	}
	return d.retry(ctx, func(ctx context.Context) error { return d.Sink.Open(ctx, d.position) })
}

// all delivers batches until the readers have ended. On an error it stops them.
func (d *delivery) all(ctx context.Context, stop context.CancelCauseFunc) error {
	ctx, release := withGrace(ctx)
	defer release()
	var failed error
	for first := range d.items {
		group := d.group(first)
		if failed == nil { // otherwise the readers end
			if failed = d.commit(ctx, d.held(group)); failed != nil {
				stop(failed)
			}
		}
		for _, b := range group {
			b.done()
		}
	}
	return failed
}

// withGrace returns a context that ends a little later than ctx.
func withGrace(ctx context.Context) (context.Context, func()) {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	end := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
	})
	return late, func() { end(); cancel(nil) }
}

// group returns a batch together with those that wait behind it: they cost one synchronization.
func (d *delivery) group(first item) []item {
	group := []item{first}
	for len(group) < mostBatches {
		select {
		case next, open := <-d.items:
			if !open {
				return group
			}
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

// commit delivers batches, synchronizes the sink, and stores how far they came.
func (d *delivery) commit(ctx context.Context, group []item) error {
	var records []core.Record
	for _, b := range group {
		records = append(records, b.records...)
	}
	if len(group) == 0 {
		return nil
	}
	position, refused, err := d.deliver(ctx, records)
	if err != nil {
		return err
	}
	if err := d.bury(refused); err != nil {
		return err
	}
	c := d.changes(group, refused)
	c.Position = position
	if err := d.dropLost(&c, d.Store.Commit(ctx, c)); err != nil {
		return err
	}
	d.position = position
	d.count(c, len(refused))
	return nil
}

// deliver hands records to the sink until it has stored or refused all of them.
func (d *delivery) deliver(ctx context.Context, records []core.Record) (position string, refused []core.RefusedRecord, err error) {
	if len(records) == 0 {
		return d.position, nil, nil
	}
	again := false
	err = d.retry(ctx, func(ctx context.Context) error {
		refused = nil
		if again {
			if err := d.Sink.Open(ctx, d.position); err != nil {
				return err
			}
		}
		again = true
		if err := keepRefused(d.Sink.Deliver(ctx, records), &refused); err != nil {
			return err
		}
		position, err = d.Sink.Sync(ctx)
		return keepRefused(err, &refused)
	})
	return position, refused, err
}

// keepRefused takes the records that a sink has refused for good out of its error.
func keepRefused(err error, refused *[]core.RefusedRecord) error {
	if e, ok := errors.AsType[*core.RefusedError](err); ok {
		*refused = append(*refused, e.Records...)
		return nil
	}
	return err
}

// retry calls the sink until it succeeds or fails for good.
func (d *delivery) retry(ctx context.Context, call func(context.Context) error) error {
	began := d.Now()
	for n := 0; ; n++ {
		err := call(ctx)
		temporary, ok := errors.AsType[*core.SinkError](err)
		if err == nil || !ok || temporary.Permanent || ctx.Err() != nil {
			return err
		}
		wait := max(min(firstRetry<<min(n, 10), longestRetry), temporary.RetryAfter)
		wait += jitter(wait)
		if d.GiveUp > 0 && d.Now().Sub(began)+wait > d.GiveUp {
			return fmt.Errorf("gave up after %d attempts: %w", n+1, err)
		}
		d.Metrics.sinkFailed(err)
		d.Logger.Warn("the sink does not take records, which are delivered again", "after", wait, "error", err)
		if err := pause.For(ctx, wait); err != nil {
			return err
		}
	}
}

// changes returns what a group of batches changes in the store.
func (d *delivery) changes(group []item, refused []core.RefusedRecord) Commit {
	for _, b := range group {
		if key := b.progress.Feed.Key(); d.loaded[key] != b.loaded {
			d.loaded[key], d.refused[key], d.before[key] = b.loaded, b.loaded.Refused, *b.loaded
		}
	}
	for i := range refused {
		for _, b := range group {
			if slices.ContainsFunc(b.records, func(r core.Record) bool { return r.Key() == refused[i].Record.Key() }) {
				d.refused[b.progress.Feed.Key()]++
				break
			}
		}
	}
	var c Commit
	at := map[string]int{}
	for _, b := range group {
		key := b.progress.Feed.Key()
		i, found := at[key]
		if !found {
			i, at[key] = len(c.Feeds), len(c.Feeds)
			c.Feeds = append(c.Feeds, Change{})
		}
		c.Feeds[i].Marks = append(c.Feeds[i].Marks, b.marks...)
		c.Feeds[i].Progress, c.Feeds[i].Term = b.progress, b.term
		c.Feeds[i].Progress.Refused = d.refused[key]
	}
	return c
}

// count keeps the summary and the metrics up to date.
func (d *delivery) count(c Commit, refused int) {
	for _, change := range c.Feeds {
		p := change.Progress
		before := d.before[p.Feed.Key()]
		d.summary.Records += int64(len(change.Marks))
		d.summary.Duplicates += p.Duplicates - before.Duplicates
		d.before[p.Feed.Key()] = p
	}
	d.summary.Records -= int64(refused)
	d.summary.Refused += int64(refused)
	d.Metrics.committed(c, d.Now())
}
