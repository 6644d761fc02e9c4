package paging

import (
	"time"

	"github.com/taegis-go/taegis/cql"
)

// window is the query of a run, with bounds that can be fixed and moved.
type window struct {
	text  string
	query *cql.Query // nil if the text cannot be parsed: then it is left as it is
}

func newWindow(text string) window {
	query, err := cql.Parse(text)
	if err != nil {
		return window{text: text}
	}
	return window{text: text, query: query}
}

// groups reports whether the query has groups in place of rows.
func (w window) groups() bool {
	if w.query == nil {
		return false
	}
	for _, f := range w.query.Functions {
		if _, ok := f.(*cql.Aggregate); ok {
			return true
		}
	}
	return false
}

// head returns how many rows the query is limited to by head or tail, 0 for no limit, and whether
// it returns the last rows first.
func (w window) head() (rows int, reversed bool) {
	if w.query == nil {
		return 0, false
	}
	for _, f := range w.query.Functions {
		count := 0
		switch f := f.(type) {
		case *cql.Head:
			count = f.Count
		case *cql.Tail:
			count, reversed = f.Count, true
		default:
			continue
		}
		if rows == 0 || count < rows {
			rows = count
		}
	}
	return rows, reversed
}

// relative reports whether a bound depends on the time of the search.
func (w window) relative() bool {
	return w.query != nil && (isRelative(w.query.Earliest) || isRelative(w.query.Latest))
}

func isRelative(b *cql.Bound) bool { return b != nil && b.Relative() }

// fixed returns the window with the instants that its relative bounds have at now, widened to whole
// seconds. A bound without an instant stays.
func (w window) fixed(now time.Time) window {
	if !w.relative() {
		return w
	}
	query := *w.query
	query.Earliest = instant(query.Earliest, now)
	query.Latest = instant(query.Latest, now.Add(time.Second-1))
	return window{text: query.String(), query: &query}
}

func instant(b *cql.Bound, now time.Time) *cql.Bound {
	if !isRelative(b) {
		return b
	}
	t, err := b.Time(now)
	if err != nil {
		return b
	}
	return cql.At(t)
}

// earliest returns the start of the window in seconds since 1970, 0 if there is none.
func (w window) earliest(now time.Time) int64 {
	if w.query == nil || w.query.Earliest == nil {
		return 0
	}
	t, err := w.query.Earliest.Time(now)
	if err != nil {
		return 0
	}
	return t.Unix()
}

// until returns the text of the query with LATEST in a second, unless it ends earlier.
func (w window) until(second int64, now time.Time) string {
	query := *w.query
	latest := time.Unix(second, 0)
	if query.Latest != nil {
		if end, err := query.Latest.Time(now); err != nil || end.Before(latest) {
			return w.text
		}
	}
	query.Latest = cql.At(latest)
	return query.String()
}
