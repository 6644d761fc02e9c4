package search

import (
	"context"
	"encoding/json"
	"slices"
)

// printTail prints the last records of the search.
func (r *run) printTail(ctx context.Context) error {
	return r.finish(r.out.List(ctx, r.lastRecords(ctx)))
}

// lastRecords returns the last records of the search, the last one first, as the function tail does.
// It keeps as many records as tail does; a limit counts those that are printed, so all are read.
func (r *run) lastRecords(ctx context.Context) Records {
	printed := r.plan.tail
	if r.limit > 0 {
		printed = min(printed, r.limit)
	}
	r.limit = 0
	return func(yield func(json.RawMessage, error) bool) {
		var last []json.RawMessage
		for record, err := range r.records(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if last = append(last, slices.Clone(record)); len(last) >= 2*r.plan.tail {
				last = slices.Clone(last[len(last)-r.plan.tail:])
			}
		}
		if len(last) > r.plan.tail {
			last = last[len(last)-r.plan.tail:]
		}
		slices.Reverse(last)
		for _, record := range last[:min(printed, len(last))] {
			if !yield(record, nil) {
				return
			}
		}
	}
}
