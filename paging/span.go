package paging

import "context"

// span pages by ranges of positions, both ends included.
type span[T any] struct {
	*engine[T]
	at    At
	empty int // empty pages in a row
}

func newRange[T any](e *engine[T]) *span[T] {
	s := &span[T]{engine: e, at: At{Size: max(e.size(), 1), Number: e.rules.First}}
	if e.given.numbered {
		s.at.Number = e.given.number
	}
	if e.from != nil {
		s.at.Number, s.at.Size = e.from.Number, e.from.Size
	}
	return s
}

func (s *span[T]) next(ctx context.Context) (batch[T], error) {
	page, err := s.ask(ctx, s.at)
	if err != nil {
		return batch[T]{}, err
	}
	expected := s.repeats()
	if expected > 0 {
		s.recall(page.Items)
		expected = unbounded
	}
	b := s.batch(s.fresh(page.Items, expected), position{Number: s.at.Number, Size: s.at.Size})
	if len(page.Items) > 0 {
		s.empty = 0
	} else {
		s.empty++
	}
	if page.More != MoreYes || s.empty >= mostEmpty {
		b.last, b.err = true, s.final()
	}
	s.at.Number = s.after(page)
	return b, nil
}

// after returns the start of the next range. A server that returned less than was asked for says so
// by the end of its range.
func (s *span[T]) after(page Page[T]) int {
	if page.End >= s.at.Number && page.End < s.at.Number+s.at.Size && len(page.Items) > 0 {
		return page.End + 1
	}
	return s.at.Number + s.at.Size
}
