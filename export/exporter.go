package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
)

// FeedError is the error of one feed. The others go on.
type FeedError struct {
	Feed FeedID
	Err  error
}

func (e *FeedError) Error() string {
	of := ""
	if e.Feed.Tenant != "" {
		of = " of tenant " + e.Feed.Tenant
	}
	return fmt.Sprintf("%s%s in %s: %v", e.Feed.Stream, of, e.Feed.Environment, e.Err)
}

// Unwrap returns the cause.
func (e *FeedError) Unwrap() error { return e.Err }

// Summary is what a run did.
type Summary struct {
	Records, Duplicates, Refused int64
	// Uncommitted counts the records that were delivered after another exporter had taken over their
	// feed, which delivers them again.
	Uncommitted int64
	// Feeds is how many feeds there are, and Failed how many of them ended with an error.
	Feeds, Failed int
}

// exporter is a run.
type exporter struct {
	Config
	items  chan item
	slots  chan struct{}
	clocks map[string]*clock // by environment

	leaser  Leaser        // nil if the store is not shared
	holding chan struct{} // feeds that a run without Follow holds at the same time

	mu      sync.Mutex
	jobsRun map[string]map[string]bool // jobs of this process, and the feeds for which they have run
}

func newExporter(c Config) *exporter {
	e := &exporter{
		Config: c, items: make(chan item, 2*c.Parallel), slots: make(chan struct{}, c.Parallel), clocks: map[string]*clock{},
		jobsRun: map[string]map[string]bool{}, holding: make(chan struct{}, 2*c.Parallel),
	}
	e.leaser, _ = c.Store.(Leaser)
	for i := range c.Feeds {
		e.clocks[c.Feeds[i].Environment] = &clock{local: c.Now}
	}
	return e
}

// Run exports the feeds. Without Follow it ends when all have reached the time of its start, with a
// [*FeedError] for each one that could not. With Follow it ends with the context; a feed that fails is
// tried again, unless the platform of its environment does not have it. In both cases it ends if the
// sink fails for good.
//
// If the context ends, Run commits what was delivered, within a second, and returns the cause.
func Run(ctx context.Context, c Config) (Summary, error) {
	return run(ctx, c, func(ctx context.Context, r *reader) error {
		if r.run.Follow {
			return r.follow(ctx)
		}
		if r.run.leaser != nil {
			return r.shared(ctx)
		}
		return errors.Join(r.pass(ctx), r.jobs(ctx))
	})
}

// run reads all feeds by a function, and delivers what they read.
func run(ctx context.Context, c Config, read func(context.Context, *reader) error) (summary Summary, err error) {
	c = c.withDefaults()
	if err := c.check(true); err != nil {
		return summary, err
	}
	e := newExporter(c)
	if e.leaser != nil {
		if err := e.leaser.Join(ctx, c.ids()); err != nil {
			return summary, err
		}
	}
	if closer, ok := c.Sink.(io.Closer); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	d := newDelivery(e)
	if err := d.open(ctx); err != nil {
		return summary, err
	}
	failures := make(chan error, 1)
	go func() { failures <- errors.Join(e.readAll(reading, read)...); close(e.items) }()
	delivered := d.all(ctx, stop)
	failed := <-failures
	summary = d.summary
	summary.Feeds = len(c.Feeds)
	if delivered != nil {
		return summary, delivered
	}
	if ctx.Err() != nil {
		return summary, context.Cause(ctx)
	}
	summary.Failed = count(failed)
	return summary, failed
}

// count returns how many errors were joined.
func count(err error) int {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return len(joined.Unwrap())
	}
	return 0
}

// readAll reads all feeds at once, within the slots.
func (e *exporter) readAll(ctx context.Context, read func(context.Context, *reader) error) []error {
	errs := make([]error, len(e.Feeds))
	var all sync.WaitGroup
	// Exporters that share a store begin with different feeds.
	order := rand.Perm(len(e.Feeds)) //nolint:gosec // G404: it keeps no secret
	for _, i := range order {
		feed := e.Feeds[i]
		all.Go(func() {
			r, err := newReader(ctx, e, feed)
			if err == nil {
				err = read(ctx, r)
			}
			if err != nil {
				errs[i] = &FeedError{Feed: feed.id(), Err: err}
			}
		})
	}
	all.Wait()
	return errs
}

// acquire waits for a slot to send requests in.
func (e *exporter) acquire(ctx context.Context) error {
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *exporter) release() { <-e.slots }

// longestPause is the longest pause before a feed that fails is tried again.
const longestPause = 10 * time.Minute

// follow reads a feed again and again.
func (r *reader) follow(ctx context.Context) error {
	failures := 0
	for {
		lease, err := r.hold(ctx)
		if err != nil {
			return err // a store tries again by itself
		}
		absent := r.run.leaser != nil && lease.Term == 0
		if !absent {
			err = r.pass(ctx)
		}
		if err == nil && !absent {
			err = r.jobs(ctx)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, never := errors.AsType[*core.PlatformError](err); never {
			return err
		}
		wait := r.run.Interval
		switch {
		case errors.Is(err, errLost):
			err, absent, wait = nil, true, time.Millisecond // hold lets go of it
		case absent:
			failures = 0
			wait = min(wait, lease.Retry)
		case err != nil:
			failures++
			wait = min(wait<<min(failures, 10), longestPause)
			r.run.Logger.Error("a feed cannot be read and is tried again", "feed", r.feed.id(), "after", wait, "error", err)
		case r.feed.Stream.snapshot:
			failures, wait = 0, r.untilSnapshot()
			if r.run.leaser != nil { // it may have to let go of the feed before
				wait = min(wait, r.run.Interval)
			}
		default:
			failures = 0
		}
		if !absent {
			r.run.Metrics.passed(r.progress, r.clock.now(), err)
		}
		if err := pause.For(ctx, wait+jitter(wait)); err != nil {
			return err
		}
	}
}

// jitter returns a part of a pause, so that not all feeds and processes try again at the same time.
func jitter(pause time.Duration) time.Duration {
	return rand.N(pause/10 + 1) //nolint:gosec // G404: it keeps no secret
}
