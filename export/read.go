package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
)

// errDivide is returned for a window with more records than one search returns.
var errDivide = errors.New("the server does not return all records of one second")

// window reads a window completely. It returns how many records it has, as far as that is known.
func (r *reader) window(ctx context.Context, w Window, seen map[[16]byte]int64) (int, error) {
	for {
		pass := windowPass{reader: r, window: w, seen: seen}
		if err := pass.read(ctx); err != nil {
			return pass.stats.Total, err
		}
		// A record that changes leaves its place, and those behind it move to an earlier page. So the
		// window is read until it brings nothing new, unless it is a single page.
		if !r.feed.Stream.config.Changes || pass.stats.Requests <= 1 || pass.fresh == 0 {
			return pass.rows, nil
		}
	}
}

// windowPass reads the pages of a window once.
type windowPass struct {
	*reader
	window      Window
	seen        map[[16]byte]int64
	stats       paging.Stats
	rows, fresh int
}

func (p *windowPass) read(ctx context.Context) error {
	s := p.feed.Stream
	options := []paging.Option{paging.Count(&p.stats)}
	if len(p.run.Feeds) == 1 { // of many, another one uses the time
		options = append(options, paging.Prefetch())
	}
	found := s.pages(ctx, s, p.t, search{p.window, p.progress.Began}, options)
	var partial error
	for data, err := range found {
		switch {
		case errors.Is(err, paging.ErrIncomplete):
			return fmt.Errorf("%w: %w", errDivide, err)
		case isPartial(err):
			partial = err
			continue
		case err != nil:
			return err
		}
		if p.stats.Total > s.most && p.window.To.Sub(p.window.From) > shortestStep {
			return errDivide
		}
		if err := p.take(ctx, data); err != nil {
			return err
		}
	}
	if p.stats.Truncated || p.stats.Missing > 0 {
		return errDivide
	}
	return partial
}

func isPartial(err error) bool {
	_, ok := errors.AsType[*paging.PartialError](err)
	return ok
}

// take adds a record that was not delivered before.
func (p *windowPass) take(ctx context.Context, data json.RawMessage) error {
	p.rows++
	record, mark, err := p.record(data)
	if err != nil {
		return err
	}
	if record.Time.IsZero() {
		mark.Second = p.window.From.Unix()
	}
	if _, known := p.seen[mark.Digest]; known {
		p.progress.Duplicates++
		return nil
	}
	p.fresh++
	p.seen[mark.Digest] = mark.Second
	return p.add(ctx, record, mark)
}

// record returns a record as the sink receives it, and its mark.
func (r *reader) record(data json.RawMessage) (core.Record, Mark, error) {
	s := r.feed.Stream
	record, arrived, err := s.record(data)
	if err != nil {
		return core.Record{}, Mark{}, fmt.Errorf("the stream %q: %w", s.Name(), err)
	}
	if bytes.IndexByte(data, '\n') >= 0 {
		var line bytes.Buffer
		if err := json.Compact(&line, data); err != nil {
			return core.Record{}, Mark{}, err
		}
		record.Data = line.Bytes()
	}
	record.Stream, record.Environment = s.Name(), r.feed.Environment
	if record.Tenant == "" {
		record.Tenant = r.feed.Tenant
	}
	r.noteLateness(record.Time, arrived)
	mark := newMark(record.Time.Unix(), record.ID, record.Version)
	if r.run.Transform != nil {
		record, err = r.run.Transform(record)
	}
	return record, mark, err
}

// noteLateness keeps how late records arrive, and warns before the overlap is too short for them.
func (r *reader) noteLateness(at, arrived time.Time) {
	late := arrived.Sub(at)
	if at.IsZero() || arrived.IsZero() || late <= r.progress.Lateness {
		return
	}
	before := r.progress.Lateness
	r.progress.Lateness = late
	limit := (r.run.Lag + r.run.Overlap) * 3 / 4
	if late > limit && before <= limit {
		r.run.Logger.Warn("records arrive nearly later than the export waits for them: increase the overlap, and verify",
			"stream", r.feed.Stream.Name(), "tenant", r.feed.Tenant, "lateness", late, "lag", r.run.Lag, "overlap", r.run.Overlap)
	}
}
