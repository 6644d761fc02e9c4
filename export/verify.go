package export

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/taegis-go/taegis/paging"
)

// Difference is an hour in which the server has other records than the ledger says.
type Difference struct {
	Feed   FeedID `json:"feed"`
	Window Window `json:"window"`
	// Missing are the ids of records that the server has and that were not delivered.
	Missing []string `json:"missing,omitempty"`
	// Gone is how many records were delivered that the server does not find any more, for example
	// because they changed and do not match the query. It is no fault of the export.
	Gone int `json:"gone,omitempty"`
}

// Verification is the result of [Verify].
type Verification struct {
	Hours int // that were compared, of all feeds
	// Records counts the records of the server in these hours.
	Records int
	Missing int
	Gone    int
	// Repaired counts the missing records that were delivered.
	Repaired int64
}

// VerifyOptions are the options of [Verify].
type VerifyOptions struct {
	// From and To bound what is compared. Zero means the beginning of the feed or of what the store
	// remembers, and the time before which nothing can arrive late any more.
	From, To time.Time
	// Repair delivers what is missing. Without it, Verify needs no sink.
	Repair bool
	// Report, if not nil, is called for each hour that differs, one call at a time.
	Report func(Difference)
}

// Verify compares what the server has with what was delivered, hour by hour. It asks the server for
// counts, and reads the records of an hour whose counts differ or cannot be compared. Snapshots are
// not compared. It returns a [*FeedError] for each feed that could not be compared.
func Verify(ctx context.Context, c Config, o VerifyOptions) (Verification, error) {
	c = c.withDefaults()
	if err := c.check(o.Repair); err != nil {
		return Verification{}, err
	}
	if _, shared := c.Store.(Leaser); shared {
		return Verification{}, errShared
	}
	v := &verifier{exporter: newExporter(c), options: o, missing: map[string][]Window{}}
	errs := v.readAll(ctx, v.feed)
	failed := errors.Join(errs...)
	if !o.Repair || v.result.Missing == 0 || ctx.Err() != nil {
		return v.result, failed
	}
	summary, err := run(ctx, c, func(ctx context.Context, r *reader) error {
		return r.backfill(ctx, v.missing[r.feed.id().Key()]...)
	})
	v.result.Repaired = summary.Records
	return v.result, errors.Join(failed, err)
}

// Backfill delivers the records between two times that were not delivered before, as far as the store
// remembers. It does not change how far the feeds came.
func Backfill(ctx context.Context, c Config, from, to time.Time) (Summary, error) {
	if _, shared := c.Store.(Leaser); shared {
		return Summary{}, errShared
	}
	return run(ctx, c, func(ctx context.Context, r *reader) error {
		return r.backfill(ctx, Window{from.UTC().Truncate(time.Second), to.UTC().Truncate(time.Second)})
	})
}

// backfill delivers what is missing in some windows.
func (r *reader) backfill(ctx context.Context, windows ...Window) error {
	if r.feed.Stream.snapshot {
		return nil
	}
	seen := maps.Clone(r.seen) // some of it may not be committed yet
	defer r.remember(seen)
	for _, w := range windows {
		marks, err := r.run.Store.Marks(ctx, r.feed.id(), w.From.Add(-margin*time.Second), w.To.Add(margin*time.Second))
		if err != nil {
			return err
		}
		for _, m := range marks {
			seen[m.Digest] = m.Second
		}
		if err := r.slices(ctx, w, seen, func(Window, time.Time) {}); err != nil {
			return err
		}
	}
	return nil
}

// remember adds what a later window of the feed can find.
func (r *reader) remember(seen map[[16]byte]int64) {
	for digest, second := range seen {
		if second >= r.progress.From.Unix()-margin {
			r.seen[digest] = second
		}
	}
}

// verifier compares all feeds.
type verifier struct {
	*exporter
	options VerifyOptions

	mu      sync.Mutex
	result  Verification
	missing map[string][]Window // by feed
}

// feed compares a feed.
func (v *verifier) feed(ctx context.Context, r *reader) error {
	if r.feed.Stream.snapshot {
		return nil
	}
	from, to := latest(r.progress.Since, v.options.From).UTC().Truncate(time.Hour), r.progress.From
	if !v.options.To.IsZero() {
		to = earliest(to, v.options.To.UTC())
	}
	for ; from.Before(to); from = from.Add(time.Hour) {
		if err := v.hour(ctx, r, Window{from, earliest(from.Add(time.Hour), to)}); err != nil {
			return err
		}
	}
	return nil
}

// hour compares an hour of a feed.
func (v *verifier) hour(ctx context.Context, r *reader, w Window) error {
	if err := v.acquire(ctx); err != nil {
		return err
	}
	defer v.release()
	marks, err := v.Store.Marks(ctx, r.feed.id(), w.From, w.To)
	if err != nil {
		return err
	}
	count, exact, err := r.count(ctx, w)
	if err != nil {
		return err
	}
	// Whether a record in the last second is within the window, the mark does not tell.
	certain := len(marks) == 0 || marks[len(marks)-1].Second < w.To.Unix()
	if exact && certain && count == len(marks) {
		v.compared(count, Difference{})
		return nil
	}
	found, difference, err := v.compare(ctx, r, w)
	if err != nil {
		return err
	}
	v.compared(found, difference)
	return nil
}

func (v *verifier) compared(found int, d Difference) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.result.Hours++
	v.result.Records += found
	v.result.Missing += len(d.Missing)
	v.result.Gone += d.Gone
	if len(d.Missing) > 0 {
		key := d.Feed.Key()
		v.missing[key] = append(v.missing[key], d.Window)
	}
	if v.options.Report != nil && (len(d.Missing) > 0 || d.Gone > 0) {
		v.options.Report(d)
	}
}

// count returns how many records the server has in a window, and whether it said so exactly.
func (r *reader) count(ctx context.Context, w Window) (count int, exact bool, err error) {
	s := r.feed.Stream
	var stats paging.Stats
	for _, err := range s.pages(ctx, s, r.t, search{w, r.progress.Began}, []paging.Option{paging.Count(&stats), paging.Limit(1)}) {
		if err != nil {
			return 0, false, err
		}
	}
	if stats.Rows == 0 {
		return 0, true, nil
	}
	return stats.Total, stats.Total > 0 && !stats.LowerBound, nil
}

// compare reads the records of a window and compares each with the ledger.
func (v *verifier) compare(ctx context.Context, r *reader, w Window) (found int, d Difference, err error) {
	d = Difference{Feed: r.feed.id(), Window: w}
	marks, err := v.Store.Marks(ctx, d.Feed, w.From.Add(-margin*time.Second), w.To.Add(margin*time.Second))
	if err != nil {
		return 0, d, err
	}
	ledger := map[[16]byte]bool{} // whether the server has it
	for _, m := range marks {
		ledger[m.Digest] = m.Second < w.From.Unix() || m.Second >= w.To.Unix() // of other hours
	}
	s := r.feed.Stream
	for data, err := range s.pages(ctx, s, r.t, search{w, r.progress.Began}, []paging.Option{paging.Prefetch()}) {
		if err != nil {
			return 0, d, err
		}
		record, mark, err := r.record(data)
		if err != nil {
			return 0, d, err
		}
		if record.Time.Before(w.From) || !record.Time.Before(w.To) {
			continue // it belongs to another hour
		}
		found++
		if _, delivered := ledger[mark.Digest]; !delivered {
			d.Missing = append(d.Missing, record.ID)
		}
		ledger[mark.Digest] = true
	}
	for _, there := range ledger {
		if !there {
			d.Gone++
		}
	}
	return found, d, nil
}
