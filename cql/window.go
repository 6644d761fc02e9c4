package cql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrEmptyWindow means that EARLIEST is after LATEST, so that the query cannot find any record.
var ErrEmptyWindow = errors.New("query: no time lies between EARLIEST and LATEST")

// Window returns the bounds of a search that runs at now, both included. Without EARLIEST, from is
// the zero time: the server decides. Without LATEST, to is now. It returns a [*BoundError] for a
// bound that is not a time, and [ErrEmptyWindow].
func (q *Query) Window(now time.Time) (from, to time.Time, err error) {
	to = now.UTC()
	if q.Latest != nil {
		if to, err = q.Latest.Time(now); err != nil {
			return from, to, err
		}
	}
	if q.Earliest == nil {
		return from, to, nil
	}
	if from, err = q.Earliest.Time(now); err == nil && from.After(to) {
		err = ErrEmptyWindow
	}
	return from, to, err
}

// Resolve returns a copy of the query with an instant for each relative bound of a search that runs
// at now, so that a later search has the same window. Instants are whole seconds: EARLIEST is
// rounded down, LATEST up. A bound that is absent stays absent. Errors are those of [Query.Window].
func (q *Query) Resolve(now time.Time) (*Query, error) {
	from, to, err := q.Window(now)
	if err != nil {
		return nil, err
	}
	out := q.Clone()
	if q.Earliest != nil && q.Earliest.Relative() {
		out.Earliest, err = at(from)
	}
	if q.Latest != nil && q.Latest.Relative() {
		latest, latestErr := at(ceil(to))
		out.Latest, err = latest, errors.Join(err, latestErr)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Narrow returns a copy of the query that finds only records between earliest and latest, both
// included. On each side, the narrower of the two bounds applies. A zero time is no bound. Relative
// bounds of the query are resolved as by [Query.Resolve]. Bounds are whole seconds: earliest is
// rounded down, latest up. Errors are those of [Query.Window].
func (q *Query) Narrow(now, earliest, latest time.Time) (*Query, error) {
	from, to, err := q.Window(now)
	if err != nil {
		return nil, err
	}
	out, err := q.Resolve(now)
	if err != nil {
		return nil, err
	}
	if !earliest.IsZero() && (q.Earliest == nil || earliest.After(from)) {
		from = earliest
		if out.Earliest, err = at(earliest); err != nil {
			return nil, err
		}
	}
	if !latest.IsZero() && (q.Latest == nil || latest.Before(to)) {
		to = latest
		if out.Latest, err = at(ceil(latest)); err != nil {
			return nil, err
		}
	}
	if from.After(to) {
		return nil, ErrEmptyWindow
	}
	return out, nil
}

// Order is the order of the windows of a [Query.Split].
type Order int

// The orders of windows.
const (
	// AnyOrder is the order of the query's sort, else NewestFirst.
	AnyOrder Order = iota
	NewestFirst
	OldestFirst
)

// maxWindows is the largest number of windows of a split.
const maxWindows = 100_000

// Split returns queries that together find what q finds in a search that runs at now, in windows of
// at most the length limit, which is rounded down to whole seconds.
//
// Adjacent windows share a second: one ends with the second in which the next one begins, and both
// include it. It is not known whether a server includes records within the second of LATEST, so
// this loses no record, but may return a record at the boundary twice: drop it by its id.
//
// The query must have an EARLIEST. Without LATEST it ends at now. It can sort by event_time_usec
// only, in the order of the windows. Head applies to each window, so the caller must stop after
// that many records of each type, and must run the windows in the order of the search. For other
// functions that require all records at once, for example tail and aggregate, Split returns a
// [*ValueError]; see [Query.Window] for its other errors.
func (q *Query) Split(now time.Time, limit time.Duration, order Order) ([]*Query, error) {
	from, to, err := q.Window(now)
	if err != nil {
		return nil, err
	}
	if order, err = q.splitOrder(order); err != nil {
		return nil, err
	}
	start, end := from.Truncate(time.Second), ceil(to)
	step := limit.Truncate(time.Second)
	switch {
	case q.Earliest == nil:
		return nil, valueError("bound it", "a query without EARLIEST cannot be split")
	case step < time.Second:
		return nil, valueError("give at least a second", "windows of %s", limit)
	case end.Sub(start)/step > maxWindows:
		return nil, valueError("give longer windows", "more than %d windows of %s", maxWindows, limit)
	}
	first, err := q.Resolve(now)
	if err != nil {
		return nil, err
	}
	if first.Latest == nil {
		if first.Latest, err = at(end); err != nil {
			return nil, err
		}
	}
	queries := first.cut(start, end, step)
	if order == NewestFirst {
		slices.Reverse(queries)
	}
	return queries, nil
}

// cut returns copies of q, the oldest first, with windows that end each step after start, but for
// the last one. The outer bounds are those of q.
func (q *Query) cut(start, end time.Time, step time.Duration) []*Query {
	var queries []*Query
	for next := q; ; {
		start = start.Add(step)
		if !start.Before(end) {
			return append(queries, next)
		}
		part := next.Clone()
		part.Latest = At(start)
		queries = append(queries, part)
		next = next.Clone()
		next.Earliest = At(start)
	}
}

// splitOrder returns the order of the windows, or an error if a function needs all records at once.
func (q *Query) splitOrder(order Order) (Order, error) {
	for i, f := range q.Functions {
		switch f := f.(type) {
		case *Fields:
		case *Head:
			if rest := q.Functions[i+1:]; slices.ContainsFunc(rest,
				func(f Function) bool { _, ok := f.(*Sort); return ok }) {
				return order, valueError("", "a query that sorts behind head cannot be split")
			}
		case *Sort:
			sorted := OldestFirst
			if f.Keys[0].Descending {
				sorted = NewestFirst
			}
			if name := f.Keys[0].Field.Name; !strings.EqualFold(name, "event_time_usec") {
				return order, valueError("sort the result", "a query that sorts by %s cannot be split", name)
			}
			if order != AnyOrder && order != sorted {
				return order, valueError("use AnyOrder", "the windows would not be in the order of the sort")
			}
			order = sorted
		default:
			name := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", f), "*cql."))
			return order, valueError("search a shorter window", "a query with %s cannot be split", name)
		}
	}
	if order == AnyOrder {
		order = NewestFirst
	}
	return order, nil
}
