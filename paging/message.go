package paging

import (
	"context"
	"time"
)

// messageNext pages a subscription: all of its messages are one page, and the id of the next page
// comes in any of them.
type messageNext[T any] struct {
	*engine[T]
	at     At
	window window
	fixed  bool
}

func newMessageNext[T any](e *engine[T]) *messageNext[T] {
	m := &messageNext[T]{engine: e, at: At{Size: e.size()}, window: newWindow(e.given.query)}
	if e.from != nil {
		m.at.Cursor, m.at.Continue, m.at.Query = e.from.Cursor, e.from.Continue, e.from.Query
		m.fixed = true
	}
	return m
}

func (m *messageNext[T]) next(ctx context.Context) (batch[T], error) {
	page, err := m.ask(ctx, m.at)
	if err != nil {
		return batch[T]{}, err
	}
	if !m.fixed { // a repetition of the first page shall have the window of this one
		m.fixed = true
		m.at.Query = m.window.fixed(m.serverTime()).text
	}
	pos := position{Cursor: m.at.Cursor, Continue: m.at.Continue, Query: m.at.Query}
	b := m.batch(m.fresh(page.Items, m.repeats()), pos)
	switch page.Next {
	case "":
		b.last, b.err = true, m.final()
	case m.at.Cursor:
		b.err = stuck(page.Next)
	}
	m.at.Cursor, m.at.Continue = page.Next, m.continues
	return b, nil
}

// serverTime returns when the server began the latest request, by its own clock if it says it, to
// within a second, and not later.
func (e *engine[T]) serverTime() time.Time {
	switch {
	case e.asked.IsZero():
		return time.Now()
	case e.answer.Date.IsZero():
		return e.asked
	}
	return e.answer.Date.Add(-time.Since(e.asked))
}
