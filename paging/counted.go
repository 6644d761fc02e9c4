package paging

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// counted pages by numbers: the number of the page, or the number of rows before it. If rows vanish
// from a list while it is read, later rows move up, to positions that were read already. That shows
// in a total that shrinks, and in a page without a row that has to be on it; then it steps back and
// drops what it knows.
type counted[T any] struct {
	*engine[T]
	byPage bool
	at     At
	first  int  // lowest number
	opened bool // the first page was read
	queued *Page[T]

	overlap bool // the next page begins with the last row of the one before
	expect  bool // the page has to contain a row that came before
	steps   int  // steps back since the last good page
	origin  int  // number to return to if stepping back does not help
	total   int  // of the page before
	longest int  // longest page so far
	stale   int  // pages in a row of rows that came before
	page    key  // content of the page before, if rows have no ids
}

// mostSteps bounds the steps back in search of a row that came before.
const mostSteps = 4

func newOffsetLimit[T any](e *engine[T]) *counted[T] {
	c := &counted[T]{engine: e, at: At{Size: e.size()}, overlap: e.id != nil}
	c.begin(0)
	return c
}

func newPageNumber[T any](e *engine[T]) *counted[T] {
	c := &counted[T]{engine: e, byPage: true, at: At{Size: e.size()}}
	c.begin(e.rules.First)
	return c
}

// begin sets the first page to read.
func (c *counted[T]) begin(first int) {
	c.first, c.at.Number = first, first
	c.opened = c.from != nil || c.given.numbered || first != FirstUnknown
	switch {
	case c.from != nil:
		c.resume()
	case c.given.numbered:
		c.at.Number = c.given.number
		c.first = min(max(first, 0), c.given.number)
	}
}

// resume sets the page of the cursor.
func (c *counted[T]) resume() {
	c.at.Number, c.total = c.from.Number, c.from.Total
	c.expect = len(c.from.Keys) > 0
	if c.byPage {
		c.at.Size = c.from.Size // numbers count pages of this size
	}
	switch {
	case c.from.First != nil:
		c.first = *c.from.First
	case c.first == FirstUnknown:
		c.first = min(c.at.Number, 1)
	}
}

func (c *counted[T]) next(ctx context.Context) (batch[T], error) {
	for {
		page, err := c.read(ctx)
		if err != nil {
			return batch[T]{}, err
		}
		if !c.shrank(page) && !c.lost(page) {
			return c.take(page), nil
		}
	}
}

func (c *counted[T]) read(ctx context.Context) (Page[T], error) {
	switch {
	case !c.opened:
		c.opened = true
		return c.probe(ctx)
	case c.queued != nil:
		page := *c.queued
		c.queued = nil
		return page, nil
	}
	return c.askOrEnd(ctx, c.at)
}

// askOrEnd is ask, but an error with the operation's text for "no rows" is an empty page.
func (c *counted[T]) askOrEnd(ctx context.Context, at At) (Page[T], error) {
	page, err := c.ask(ctx, at)
	if err != nil && c.isEnd(err) {
		return Page[T]{}, nil
	}
	return page, err
}

// shrank reports whether rows vanished since the page before, and goes back by as many.
func (c *counted[T]) shrank(page Page[T]) bool {
	fewer := c.total - page.Total
	known := c.total > 0 && page.Total > 0 && !page.LowerBound
	c.total = page.Total
	if !known || fewer <= 0 || c.id == nil || c.at.Number <= c.first || c.steps > 0 {
		return false
	}
	if c.byPage {
		fewer = fewer/max(c.at.Size, 1) + 1
	}
	c.back(fewer)
	return true
}

// lost reports whether the page lacks the row that has to be on it, and goes back by a page.
func (c *counted[T]) lost(page Page[T]) bool {
	switch {
	case !c.expect || c.at.Number <= c.first || c.firstKnown(page.Items) >= 0:
		return false
	case c.steps >= mostSteps: // the list has no stable order, or is another one
		c.at.Number, c.expect, c.overlap, c.steps = c.origin, false, false, 0
	case c.byPage:
		c.back(1)
	default:
		c.back(max(c.at.Size-1, 1))
	}
	return true
}

func (c *counted[T]) back(by int) {
	if c.steps == 0 {
		c.origin = c.at.Number
	}
	c.steps++
	c.at.Number = max(c.first, c.at.Number-by)
	c.expect = true
}

// take returns the batch of a page, and chooses the next one.
func (c *counted[T]) take(page Page[T]) batch[T] {
	expected := c.repeats()
	switch {
	case c.steps > 0:
		expected = unbounded
	case c.expect && expected == 0:
		expected = 1
	}
	if c.expect && expected == unbounded {
		c.recall(page.Items)
	}
	repeated := c.repeated(page.Items)
	got := c.fresh(page.Items, expected)
	if len(got.rows) > 0 && !repeated || expected > 1 || len(page.Items) == 0 {
		c.stale = 0
	} else {
		c.stale++
	}
	last := c.isLast(page)
	if last && len(page.Items) == 0 && !page.LowerBound {
		c.stats.Missing = max(0, page.Total-c.before())
	}
	first := c.first
	b := c.batch(got, position{Number: c.at.Number, Size: c.at.Size, First: &first, Total: page.Total})
	switch {
	case last:
		b.last, b.err = true, c.final()
	case c.stale >= mostStale:
		b.err = fmt.Errorf("%w: page after page is the same", ErrStuck)
	}
	c.advance(len(page.Items))
	return b
}

// repeated reports whether a page of rows without ids is the same as the one before.
func (c *counted[T]) repeated(items []T) bool {
	if c.id != nil || len(items) == 0 {
		return false
	}
	text, err := json.Marshal(items)
	if err != nil {
		return false // such rows cannot come from an answer
	}
	before := c.page
	c.page = keyOf(string(text))
	return c.page == before
}

// before returns the number of rows before the page.
func (c *counted[T]) before() int {
	if c.byPage {
		return (c.at.Number - c.first) * c.at.Size
	}
	return c.at.Number
}

func (c *counted[T]) isLast(page Page[T]) bool {
	n := len(page.Items)
	c.longest = max(c.longest, n)
	switch {
	case n == 0:
		return true
	case page.More != MoreUnknown:
		return page.More == MoreNo
	case page.Total > 0 && !page.LowerBound:
		// A first page as long as its total can also be one of a server that counts the page.
		return c.before()+n >= page.Total && (c.before() > 0 || n < c.at.Size)
	case page.LowerBound && page.Total > c.before()+n:
		return false
	}
	return n < c.longest // the server may have cut all pages to a length of its own
}

// advance chooses the next page after one of n items.
func (c *counted[T]) advance(n int) {
	c.steps, c.expect = 0, false
	if !c.byPage {
		c.at.Number += n
		if c.overlap && n > 1 {
			c.at.Number--
			c.expect = true
		}
		return
	}
	if c.at.Number == c.first && n > 0 && n < c.at.Size {
		c.at.Size = n // numbers count pages as long as the server makes them
	}
	c.at.Number++
}

// isEnd reports whether an error stands for an empty page.
func (e *engine[T]) isEnd(err error) bool {
	return e.rules.EndText != "" && refused(err) &&
		strings.Contains(strings.ToLower(err.Error()), e.rules.EndText)
}
