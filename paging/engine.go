package paging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/internal/pause"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/ports"
)

// engine is a run without the types of arguments and results: what all strategies share.
type engine[T any] struct {
	rules Rules
	op    *core.Operation
	// continues reports whether further pages need the operation that continues the first one.
	continues bool
	settings  *settings
	identity  identity
	given     given     // paging arguments that the caller set
	from      *position // where a cursor continues, nil for the start
	fetch     func(ctx context.Context, at At, req *core.Request) (Page[T], error)
	id        func(T) string // nil if no row has an id
	rowTime   func(T) int64

	memory memory
	skip   int // rows without an id to drop from the next page
	stats  Stats
	answer core.Response // the latest
	asked  time.Time     // when the latest page was asked for
	failed []string
}

// given are the paging arguments that the caller set.
type given struct {
	size, number           int
	cursor, query          string
	sized, numbered, sizes bool // sizes: the operation has a size argument
}

// source reads pages one after the other.
type source[T any] interface {
	next(ctx context.Context) (batch[T], error)
}

// batch are the new rows of one page.
type batch[T any] struct {
	rows []T
	// at is the position after the first n rows. It can be called at any time.
	at    func(n int) position
	last  bool
	err   error // reported after the rows
	stats Stats // since the batch before
}

// engine prepares a run.
func (p *Pager[A, R, T]) engine(t ports.Transport, args A, s *settings) (*engine[T], error) {
	hash, err := argsHash(args)
	if err != nil {
		return nil, &core.ArgumentError{Operation: p.Operation.Name, Reason: "the arguments cannot be encoded", Err: err}
	}
	e := &engine[T]{
		rules: p.Rules, op: p.Operation, continues: p.Continuation != nil, settings: s, id: p.ID, rowTime: p.Time,
		identity: identity{operation: p.Operation.Service + "." + p.Operation.Name, args: hash},
	}
	if e.from, err = restore(s.from, e.identity); err != nil {
		return nil, err
	}
	own := args
	slots := p.Slots(&own)
	e.given.sizes = slots.Size != nil || slots.End != nil
	e.given.size, e.given.sized = get(slots.Size)
	e.given.number, e.given.numbered = get(slots.Number)
	e.given.cursor, _ = get(slots.Cursor)
	e.given.query, _ = get(slots.Query)
	if end, set := get(slots.End); set {
		e.given.size, e.given.sized = end-e.given.number+1, true
	}
	e.fetch = func(ctx context.Context, at At, req *core.Request) (Page[T], error) {
		req.Required = p.Required
		if at.Continue {
			req.Operation, req.Args = p.Continuation, p.Continue(at)
		} else {
			req.Args = p.arguments(args, at)
		}
		result, err := execute(ctx, t, req, p)
		if err != nil {
			var none Page[T]
			return none, err
		}
		return result, nil
	}
	if e.from != nil {
		e.failed = e.from.Failed
		e.skip = e.from.Skip
		e.memory.add(e.from.Keys)
	}
	return e, nil
}

// arguments returns a copy of args that asks for a page.
func (p *Pager[A, R, T]) arguments(args A, at At) A {
	at.fill(p.Slots(&args))
	return args
}

// execute sends the request of a page. A partial answer is an error.
func execute[A, R, T any](ctx context.Context, t ports.Transport, req *core.Request, p *Pager[A, R, T]) (Page[T], error) {
	if req.Operation.Kind == core.KindSubscription {
		return collect(ctx, t, req, p)
	}
	var result R
	if err := t.Execute(ctx, req, &result); err != nil {
		return Page[T]{}, err
	}
	return p.Page(result), nil
}

// collect reads the page that a subscription brings: all of its messages, or, if the server does
// not complete the stream, the first.
func collect[A, R, T any](ctx context.Context, t ports.Transport, req *core.Request, p *Pager[A, R, T]) (Page[T], error) {
	var all Page[T]
	for message, err := range messages[R](t.Subscribe(ctx, req)) {
		if err != nil {
			return Page[T]{}, err
		}
		page := p.Page(message)
		if p.Strategy != MessageNext {
			if page.Pending {
				continue // for example news that come between the pages
			}
			return page, nil
		}
		all.Items = append(all.Items, page.Items...)
		all.PartialFailures = append(all.PartialFailures, page.PartialFailures...)
		all.Total += page.Total
		all.LowerBound = all.LowerBound || page.LowerBound
		all.Truncated = all.Truncated || page.Truncated
		if page.Next != "" {
			all.Next = page.Next
		}
		if page.Failure != "" {
			all.Failure = page.Failure
		}
	}
	return all, nil
}

func messages[R any](stream iter.Seq2[json.RawMessage, error]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for message, err := range stream {
			var value R
			if err == nil {
				err = lenientjson.Unmarshal(message, &value)
			}
			if !yield(value, err) {
				return
			}
		}
	}
}

// source returns the strategy of the run.
func (e *engine[T]) source() source[T] {
	switch e.rules.Strategy {
	case Parts:
		return newParts(e)
	case MessageNext:
		return newMessageNext(e)
	case PageNumber:
		return newPageNumber(e)
	case OffsetLimit:
		return newOffsetLimit(e)
	case Range:
		return newRange(e)
	case Relay, AfterCursor, Token:
	}
	return newFollow(e)
}

// ask reads a page. While its rows are not ready it asks again, after growing pauses.
func (e *engine[T]) ask(ctx context.Context, at At) (Page[T], error) {
	for d := firstPause; ; d = min(2*d, longestPause) {
		e.stats.Requests++
		e.asked = time.Now()
		req := &core.Request{Operation: e.op, OnResponse: func(r core.Response) { e.answer = r }}
		page, err := e.fetch(ctx, at, req)
		switch {
		case err != nil:
			return page, err
		case page.Failure != "":
			return page, &AnswerError{Reason: page.Failure}
		case !page.Pending:
			e.note(page)
			return page, nil
		}
		if err := pause.For(ctx, d); err != nil {
			return page, err
		}
	}
}

// note keeps what the page says about all of them.
func (e *engine[T]) note(page Page[T]) {
	if page.Total > 0 {
		e.stats.Total, e.stats.LowerBound = page.Total, page.LowerBound
	}
	e.stats.Truncated = e.stats.Truncated || page.Truncated
	e.failed = append(e.failed, page.PartialFailures...)
}

// defaultSize is the size of a page if nothing says another.
const defaultSize = 100

// size returns the number of rows to ask for, 0 if the operation has no such argument.
func (e *engine[T]) size() int {
	if !e.given.sizes {
		return 0
	}
	size := e.settings.size
	if size == 0 && e.given.sized {
		size = max(e.given.size, 0)
	}
	if size == 0 {
		if size = e.rules.Size; size == 0 {
			size = defaultSize
		}
		if e.settings.limit > 0 {
			size = min(size, e.settings.limit)
		}
	}
	if e.rules.MaxSize > 0 {
		size = min(size, e.rules.MaxSize)
	}
	return size
}

// unbounded is for [engine.fresh]: any number of repetitions is expected.
const unbounded = math.MaxInt

// fresh are the rows of a page.
type fresh[T any] struct {
	rows  []T
	added keys // key of each row
	// dropped are the rows of the page that were returned before.
	dropped pageRows
}

// fresh returns the items that were not returned before, and remembers them. More repetitions than
// expected are counted.
func (e *engine[T]) fresh(items []T, expected int) (f fresh[T]) {
	e.memory.page(len(items))
	for _, item := range items {
		if isNull(item) {
			continue
		}
		k := e.key(item)
		switch {
		case k == 0 && e.skip > 0:
			e.skip--
			f.dropped.skip++
			continue
		case k != 0 && e.memory.has(k):
			f.dropped.keys = append(f.dropped.keys, k)
			if len(f.dropped.keys) > expected {
				e.stats.Duplicates++
			}
			continue
		case k != 0:
			e.memory.put(k)
		}
		f.rows, f.added = append(f.rows, item), append(f.added, k)
	}
	e.skip = 0
	return f
}

func (e *engine[T]) key(item T) key {
	if e.id == nil {
		return 0
	}
	return keyOf(e.id(item))
}

// isNull reports whether a row is null: it holds nothing that could be returned.
func isNull(row any) bool {
	if raw, ok := row.(json.RawMessage); ok {
		return rawjson.IsNull(raw)
	}
	v := reflect.ValueOf(row)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// batch returns the batch of a page that can be asked for again at pos.
func (e *engine[T]) batch(f fresh[T], pos position) batch[T] {
	b := batch[T]{rows: f.rows, stats: e.stats}
	e.stats = Stats{}
	pos.Failed = e.failed
	earlier := f.dropped
	if e.from != nil { // the first page of a run that continues
		earlier.keys = append(append(keys(nil), e.from.Keys...), earlier.keys...)
		e.from = nil
	}
	b.at = func(n int) position {
		after := pos
		after.Keys, after.Skip = append(keys(nil), earlier.keys...), earlier.skip
		for _, k := range f.added[:n] {
			if k == 0 {
				after.Skip++
			} else {
				after.Keys = append(after.Keys, k)
			}
		}
		return after
	}
	return b
}

// pageRows are the rows of a page that were returned before.
type pageRows struct {
	keys keys
	skip int
}

// repeats returns how many rows of the next page are expected to have come before: all, if a run
// continues on it.
func (e *engine[T]) repeats() int {
	if e.from != nil {
		return unbounded
	}
	return 0
}

// final returns the error that follows all rows, nil for none.
func (e *engine[T]) final() error {
	if len(e.failed) == 0 {
		return nil
	}
	return &PartialError{Reasons: e.failed}
}

// done returns the batch of a run that had reached its end before.
func (e *engine[T]) done() batch[T] {
	pos := position{Done: true, Failed: e.failed}
	b := batch[T]{last: true, err: e.final(), at: func(int) position { return pos }, stats: e.stats}
	e.stats = Stats{}
	return b
}

// Pauses between requests for rows that are not ready.
const (
	firstPause   = time.Second
	longestPause = 10 * time.Second
)

// refused reports whether the server refuses a request itself, so that the same request cannot
// succeed later.
func refused(err error) bool {
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || answer.Partial || errors.Is(err, core.ErrUnauthorized) {
		return false
	}
	switch answer.Status {
	case 401, 403, 408, 429, 502, 503, 504:
		return false
	}
	return answer.Status == 200 || answer.Status/100 == 4 || answer.Status == 500
}

// stuck is ErrStuck with the cursor.
func stuck(cursor string) error { return fmt.Errorf("%w: it is %q again", ErrStuck, cursor) }

// firstKnown returns the index of the first item that came before, -1 if there is none.
func (e *engine[T]) firstKnown(items []T) int {
	for i, item := range items {
		if k := e.key(item); k != 0 && e.memory.has(k) {
			return i
		}
	}
	return -1
}

// recall takes what stands before the first known row of a page for known, as it came before: rows
// that arrived since have moved it there.
func (e *engine[T]) recall(items []T) {
	for _, item := range items[:max(e.firstKnown(items), 0)] {
		e.memory.put(e.key(item))
	}
}
