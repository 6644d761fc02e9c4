package paging

import (
	"context"
	"fmt"
)

// follow pages by the cursor of each answer: relay, after-cursor and token.
type follow[T any] struct {
	*engine[T]
	at    At
	empty int // empty pages in a row
	stale int // pages in a row of rows that came before
}

// Bounds of pages in a row that bring nothing new.
const (
	// mostEmpty: some stores return an empty page together with a cursor that moves on.
	mostEmpty = 3
	// mostStale: a server that turns in a circle. A list to which as many rows are added between
	// two requests as a page has looks the same, for a while.
	mostStale = 10
)

func newFollow[T any](e *engine[T]) *follow[T] {
	f := &follow[T]{engine: e, at: At{Size: e.size(), Cursor: e.given.cursor}}
	if e.from != nil {
		f.at.Cursor, f.at.Continue = e.from.Cursor, e.from.Continue
	}
	return f
}

func (f *follow[T]) next(ctx context.Context) (batch[T], error) {
	page, err := f.ask(ctx, f.at)
	if err != nil {
		return batch[T]{}, err
	}
	pos := position{Cursor: f.at.Cursor, Continue: f.at.Continue}
	expected := f.repeats()
	got := f.fresh(page.Items, expected)
	f.watch(len(page.Items), len(got.rows), expected > 0)
	b := f.batch(got, pos)
	b.last, b.err = f.ends(page)
	f.at.Cursor, f.at.Continue = page.Next, f.continues
	return b, nil
}

// watch counts pages that bring nothing new.
func (f *follow[T]) watch(items, rows int, resumed bool) {
	switch {
	case items == 0:
		f.empty++
	case rows == 0 && !resumed:
		f.empty = 0
		f.stale++
	default:
		f.empty, f.stale = 0, 0
	}
}

// ends reports whether the page is the last, or why the next one cannot be asked for.
func (f *follow[T]) ends(page Page[T]) (last bool, err error) {
	switch {
	case f.rules.OnePage && f.at.Size > 0 && len(page.Items) >= f.at.Size:
		return true, fmt.Errorf("%w: its only page has the %d rows that were asked for; ask for a larger page", ErrIncomplete, f.at.Size)
	case page.More == MoreNo, page.More == MoreUnknown && page.Next == "":
		return true, f.final()
	case len(page.Items) == 0 && (page.Next == "" || page.Next == f.at.Cursor), f.empty >= mostEmpty:
		return true, f.final()
	case page.Next == f.at.Cursor, f.stale >= mostStale:
		return false, stuck(page.Next)
	}
	return false, nil
}
