package paging_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/taegis-go/taegis/paging"
)

func TestRows(t *testing.T) {
	broken := errors.New("broken")
	source := func(n int, end error) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if end != nil {
				yield(0, end)
			}
		}
	}
	for _, test := range []struct {
		limit, want int
		end         error
	}{{0, 5, nil}, {3, 3, broken}, {5, 5, broken}, {9, 5, nil}, {9, 5, broken}} {
		stats, got := paging.Stats{Rows: 7}, 0
		var last error
		for _, err := range paging.Rows(source(5, test.end), paging.Limit(test.limit), paging.Count(&stats)) {
			if last = err; err == nil {
				got++
			}
		}
		fails := test.end != nil && test.limit > 5
		if got != test.want || stats.Rows != test.want || (last != nil) != fails {
			t.Errorf("limit %d: %d rows, counted %d, %v", test.limit, got, stats.Rows, last)
		}
	}
}
