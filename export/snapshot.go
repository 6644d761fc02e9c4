package export

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
)

// snapshot exports all records of a stream of snapshots, or the rest of an interrupted snapshot.
func (r *reader) snapshot(ctx context.Context) error {
	if r.run.Follow && !r.isDue() {
		return nil
	}
	err := r.snapshotFrom(ctx, r.progress.Cursor)
	if _, ok := errors.AsType[*paging.CursorError](err); ok {
		r.run.Logger.Warn("the server does not continue a snapshot, which begins again",
			"stream", r.feed.Stream.Name(), "tenant", r.feed.Tenant, "error", err)
		return r.snapshotFrom(ctx, "")
	}
	return err
}

func (r *reader) snapshotFrom(ctx context.Context, from string) error {
	if err := r.run.acquire(ctx); err != nil {
		return err
	}
	defer r.run.release()
	if r.progress.Cursor = from; from == "" {
		r.progress.Snapshot = r.clock.now()
	}
	s := r.feed.Stream
	var cursor paging.Cursor
	for data, err := range s.pages(ctx, s, r.t, search{}, []paging.Option{
		paging.From(from), paging.Track(&cursor), paging.Prefetch(),
	}) {
		if err != nil {
			return errors.Join(err, r.flush(ctx)) // what was read is good
		}
		record, mark, err := r.record(data)
		if err != nil {
			return err
		}
		record.Time, record.Version = r.progress.Snapshot, core.FormatTime(r.progress.Snapshot)
		mark.Second = r.progress.Snapshot.Unix()
		r.progress.Cursor = cursor.String()
		if err := r.add(ctx, record, mark); err != nil {
			return err
		}
	}
	r.progress.Cursor, r.progress.Through, r.progress.From = "", r.progress.Snapshot, r.progress.Snapshot
	return r.flush(ctx)
}

// untilSnapshot returns the time until the next snapshot.
func (r *reader) untilSnapshot() time.Duration {
	every := cmp.Or(r.feed.Stream.config.Every, DefaultEvery)
	return max(r.progress.Snapshot.Add(every).Sub(r.clock.now()), time.Second)
}

// isDue reports whether a snapshot has to be made or continued.
func (r *reader) isDue() bool {
	return r.progress.Snapshot.IsZero() || r.progress.Cursor != "" || r.untilSnapshot() <= time.Second
}
