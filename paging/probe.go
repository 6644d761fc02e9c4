package paging

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
)

// firstPages remembers, for this process, the number of the first page of operations by the host
// that answered: one environment does not decide for another.
var firstPages sync.Map // of firstPage to int

type firstPage struct{ host, gateway, operation string }

func (c *counted[T]) pageKey() firstPage {
	return firstPage{host: c.answer.Host, gateway: c.op.Gateway, operation: c.identity.operation}
}

func (c *counted[T]) remember(first int) {
	c.first, c.at.Number = first, first
	if c.answer.Host != "" {
		firstPages.Store(c.pageKey(), first)
	}
}

// probe returns the first page of an operation that numbers its pages from 0 or 1: the same rows
// under both numbers, or a page 0 that is refused, mean from 1.
func (c *counted[T]) probe(ctx context.Context) (Page[T], error) {
	zero, err := c.askOrEnd(ctx, At{Size: c.at.Size})
	known, found := firstPages.Load(c.pageKey())
	if err != nil && refused(err) && !found { // a passing failure would hide page 0
		zero, err = c.askOrEnd(ctx, At{Size: c.at.Size})
	}
	refusal := err
	switch {
	case err != nil && (!refused(err) || found && known == 0):
		return zero, err
	case err != nil:
	case found && known == 0, isWhole(zero, c.at.Size):
		c.first, c.at.Number = 0, 0
		return zero, nil
	case found && len(zero.Items) > 0: // page 0 is another name of page 1
		c.first, c.at.Number = 1, 1
		return zero, nil
	}
	one, err := c.askOrEnd(ctx, At{Size: c.at.Size, Number: 1})
	if err != nil {
		return one, err
	}
	return c.choose(zero, one, refusal != nil), nil
}

// choose returns the first page of the run, page 0 or page 1. Page 1 is the first if page 0 was
// refused. If page 0 is the first and page 1 has other rows, page 1 is queued.
func (c *counted[T]) choose(zero, one Page[T], isRefused bool) Page[T] {
	switch {
	case !isRefused && len(zero.Items) == 0 && len(one.Items) == 0:
		c.first, c.at.Number = 0, 0 // nothing to find out
		return zero
	case isRefused || len(zero.Items) == 0:
		c.remember(1)
		return one
	}
	alias, certain := c.alias(zero.Items, one.Items)
	c.first, c.at.Number = 0, 0
	if alias {
		c.first, c.at.Number = 1, 1
	}
	if certain {
		c.remember(c.first)
	}
	if alias {
		return one
	}
	c.queued = &one
	return zero
}

// isWhole reports whether a page holds all rows, by the server's count.
func isWhole[T any](page Page[T], size int) bool {
	n := len(page.Items)
	return n > 0 && n < size && page.Total > 0 && page.Total <= n && !page.LowerBound
}

// alias reports whether page 1 is page 0 under another number, and whether that is certain: rows
// can arrive or vanish between the two answers. On an alias the first row of page 0 stays, or moves
// down behind new rows. On the next page it appears only if a whole page of rows arrived. Pages
// that have other rows in common are taken for two, as rows that come twice are dropped, and rows
// that were not asked for would be lost.
func (c *counted[T]) alias(zero, one []T) (yes, certain bool) {
	rows := map[key]bool{}
	for _, item := range one {
		rows[c.content(item)] = true
	}
	if rows[c.content(zero[0])] {
		return true, true
	}
	return false, !slices.ContainsFunc(zero, func(item T) bool { return rows[c.content(item)] })
}

// content identifies a row by its id, or by all of it.
func (c *counted[T]) content(item T) key {
	if k := c.key(item); k != 0 {
		return k
	}
	text, err := json.Marshal(item)
	if err != nil {
		return 0
	}
	return keyOf(string(text))
}
