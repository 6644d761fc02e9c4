package export

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/pause"
)

// Leaser is a [Store] that several exporters share. Each feed is held by one of them at a time.
//
// Load and Marks are called for feeds that the exporter holds, and Position returns the position of
// this exporter's sink. Commit stores the changes of the feeds that the exporter still holds in the
// term of the change, and returns a [*LostError] for the others.
type Leaser interface {
	Store

	// Join names the feeds of this exporter, once, before it acquires one.
	Join(ctx context.Context, feeds []FeedID) error

	// Acquire acquires a feed unless the exporter holds it already. It returns a lease without a term
	// if another exporter holds the feed, or if this one has to let go of it.
	Acquire(ctx context.Context, id FeedID) (Lease, error)

	// Release lets go of a feed. It is no error if the exporter does not hold it.
	Release(ctx context.Context, id FeedID) error
}

// Lease is the answer of a [Leaser].
type Lease struct {
	// Term is greater than zero if the exporter holds the feed, and another one each time it has
	// acquired the feed.
	Term uint64
	// Retry is when to ask again for a feed that the exporter does not hold.
	Retry time.Duration
}

// LostError is the error of a commit if other exporters have taken over some of its feeds. The changes
// of these feeds were dropped, all others were stored.
type LostError struct{ Feeds []FeedID }

func (e *LostError) Error() string {
	var names []string
	for _, id := range e.Feeds {
		names = append(names, strings.TrimSpace(id.Stream+" "+id.Tenant))
	}
	return fmt.Sprintf("another exporter has taken over %s", strings.Join(names, ", "))
}

// errLost ends a pass over a feed that the exporter does not hold any more.
var errLost = errors.New("the exporter does not hold the feed any more")

// errShared is returned for what needs the records of a long time.
var errShared = errors.New("a store that exporters share knows the records within the overlap only: " +
	"it can neither be verified nor take earlier times")

// shortestRetry is the time after which a feed is asked for again that was lost, or that another
// exporter is about to complete.
const shortestRetry = 500 * time.Millisecond

// hold makes sure that the exporter holds the feed, and loads its state if it did not hold it before.
func (r *reader) hold(ctx context.Context) (Lease, error) {
	if r.run.leaser == nil {
		return Lease{}, nil
	}
	lease, err := r.run.leaser.Acquire(ctx, r.feed.id())
	if err != nil || lease.Term == r.term {
		return lease, err
	}
	if lease.Term == 0 {
		return lease, r.letGo(ctx)
	}
	r.inFlight.Wait() // what was read in another term is dropped
	r.term = 0
	err = r.load(ctx)
	if _, lost := errors.AsType[*LostError](err); lost {
		return Lease{Retry: shortestRetry}, nil
	}
	if err != nil {
		return lease, errors.Join(err, r.run.leaser.Release(ctx, r.feed.id()))
	}
	r.term = lease.Term
	return lease, nil
}

// letGo releases the feed, after everything that was read is committed.
func (r *reader) letGo(ctx context.Context) error {
	if r.term == 0 {
		return nil
	}
	r.inFlight.Wait()
	r.term = 0
	r.run.Metrics.released(r.feed.id())
	return r.run.leaser.Release(ctx, r.feed.id())
}

// stillHeld returns errLost if the feed is to be left, or was lost.
func (r *reader) stillHeld(ctx context.Context) error {
	if r.run.leaser == nil {
		return nil
	}
	lease, err := r.run.leaser.Acquire(ctx, r.feed.id())
	if err == nil && lease.Term != r.term {
		return errLost
	}
	return err
}

// shared reads a feed up to now, unless another exporter does it. It waits until one of them has done
// it.
func (r *reader) shared(ctx context.Context) error {
	started := r.clock.local()
	for {
		retry, err := r.turn(ctx, started)
		if retry == 0 || err != nil {
			return err
		}
		if err := pause.For(ctx, retry+jitter(retry)); err != nil {
			return err
		}
	}
}

// isComplete reports whether another exporter has read the feed up to a local time, about: the server
// tells its clock in whole seconds, and only by its answers.
func (r *reader) isComplete(p *Progress, started time.Time) bool {
	target := r.clock.at(started).Add(-r.run.Lag - margin*time.Second)
	return r.clock.isKnown() && p.Cursor == "" && !p.Through.Before(target)
}

// turn reads the feed if it can be had. It returns when to try again, 0 if the feed is complete.
func (r *reader) turn(ctx context.Context, started time.Time) (time.Duration, error) {
	select { // an exporter holds what it reads now, and leaves the rest to others
	case r.run.holding <- struct{}{}:
		defer func() { <-r.run.holding }()
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	p, found, err := r.run.Store.Load(ctx, r.feed.id())
	if err != nil || found && r.isComplete(&p, started) {
		return 0, err
	}
	lease, err := r.hold(ctx)
	if err != nil || lease.Term == 0 {
		return shortestRetry, err
	}
	err = r.pass(ctx)
	if errors.Is(err, errLost) {
		return shortestRetry, r.letGo(ctx)
	}
	return 0, errors.Join(err, r.letGo(ctx))
}
