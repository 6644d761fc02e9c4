package search

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/paging"
)

// run is one run of a search, or of the rest of one.
type run struct {
	source *Source
	client *taegis.Client
	plan   *plan
	out    *cmdutil.Output
	limit  int // the records that this run prints at most, 0 for any number
	size   int // of a page, 0 for the default
	cursor *cursor
	at     position
	page   paging.Cursor // within the window
	saved  time.Time     // when the cursor was stored

	rows      int // that this run printed
	stats     paging.Stats
	partial   []error // what failed while the rest was done
	failed    error   // what ended the search
	truncated bool    // the server left out records
}

// saveInterval is how often the cursor is stored during a run.
const saveInterval = time.Second

// print prints the records and stores the cursor behind them.
func (r *run) print(ctx context.Context) error {
	if r.at.Done {
		return r.out.List(ctx, func(func(json.RawMessage, error) bool) {})
	}
	if r.plan.tail > 0 {
		return r.printTail(ctx)
	}
	printed := r.out.List(ctx, func(yield func(json.RawMessage, error) bool) {
		for record, err := range r.records(ctx) {
			if err != nil {
				yield(nil, r.printedBefore(err))
				return
			}
			if !yield(record, nil) {
				return
			}
			if err := r.keep(); err != nil {
				yield(nil, err)
				return
			}
		}
	})
	if printed != nil && (r.failed == nil || !errors.Is(printed, r.failed)) {
		return printed // what was written is not certain, so the cursor stays behind what is
	}
	return r.finish(printed)
}

// printedBefore makes sure that the records before a failure are printed. If they cannot be, it returns
// that error, and the cursor stays behind what is certain.
func (r *run) printedBefore(failure error) error {
	if r.cursor.path == "" {
		return failure
	}
	if err := r.out.Flush(); err != nil {
		r.failed = nil
		return errors.Join(failure, err)
	}
	return failure
}

// finish stores the cursor behind all that was printed, and reports what failed.
func (r *run) finish(err error) error {
	if saveErr := r.cursor.save(r.position()); saveErr != nil {
		err = errors.Join(err, saveErr)
	}
	if err == nil && r.partial != nil {
		return &cmdutil.PartialError{Err: errors.Join(r.partial...)}
	}
	return err
}

// keep stores the cursor from time to time, after the records before it are printed.
func (r *run) keep() error {
	if r.cursor.path == "" || time.Since(r.saved) < saveInterval {
		return nil
	}
	r.saved = time.Now()
	if err := r.out.Flush(); err != nil {
		return err
	}
	return r.cursor.save(r.position())
}

// position returns the position behind the record at hand.
func (r *run) position() position {
	at := r.at
	at.Page = r.page.String()
	return at
}

// records returns the records of all windows that are left, up to the limit. Its position lies behind
// the record at hand once the caller asks for the next one.
func (r *run) records(ctx context.Context) Records {
	return func(yield func(json.RawMessage, error) bool) {
		for !r.at.Done {
			if !r.window(ctx, yield) {
				return
			}
			if r.limit > 0 && r.rows >= r.limit {
				return
			}
		}
	}
}

// window yields the records of the current window, and moves to the next one. It returns false if the
// search ends here.
func (r *run) window(ctx context.Context, yield func(json.RawMessage, error) bool) bool {
	options := []paging.Option{
		paging.From(r.page.String()), paging.Track(&r.page), paging.Count(&r.stats), paging.Prefetch(),
	}
	if r.size > 0 {
		options = append(options, paging.Size(r.size))
	}
	if r.limit > 0 {
		options = append(options, paging.Limit(r.limit-r.rows))
	}
	shared := r.newEdge()
	for record, err := range r.source.Pages(ctx, r.client, r.plan.windows[r.at.Window], options...) {
		if partial, ok := errors.AsType[*paging.PartialError](err); ok {
			r.partial = append(r.partial, partial)
			continue
		}
		if err != nil {
			r.failed = err
			yield(nil, err)
			return false
		}
		if shared.drops(record) {
			continue
		}
		r.rows++
		r.at.Rows++
		if !yield(record, nil) {
			return false
		}
	}
	r.truncated = r.truncated || r.stats.Truncated
	if r.limit == 0 || r.rows < r.limit {
		r.next(shared)
	}
	return true
}

// next moves to the next window.
func (r *run) next(shared *edge) {
	r.at.Window++
	r.page = paging.Cursor{}
	r.at.Edge = shared.ids()
	r.at.Done = r.at.Window >= len(r.plan.windows)
}
