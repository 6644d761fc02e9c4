package paging

import "iter"

// Rows applies [Limit] and [Count] to rows that no pager returned. Other options have no effect.
func Rows[T any](rows iter.Seq2[T, error], opts ...Option) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s := settingsOf(opts)
		stats := s.stats
		if stats == nil {
			stats = &Stats{}
		}
		*stats = Stats{}
		for row, err := range rows {
			if err == nil {
				stats.Rows++
			}
			if !yield(row, err) || s.limit > 0 && stats.Rows >= s.limit {
				return
			}
		}
	}
}
