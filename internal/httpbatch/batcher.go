// Package httpbatch posts batches of exported records over HTTP, and finds the records in them that
// the collector refuses.
package httpbatch

import (
	"cmp"
	"context"
	"slices"

	"github.com/taegis-go/taegis/core"
)

// Item is a record with the bytes that represent it in the body of a request.
type Item struct {
	Record core.Record
	Body   []byte

	place int // in the order of delivery
}

// Verdict is what a collector answered to a batch.
type Verdict struct {
	// Refused is set if the collector refuses at least one record of the batch for good.
	Refused bool
	// Index is the refused record of the batch, -1 if the collector does not name it.
	Index  int
	Reason string
}

// Batcher collects records into batches.
type Batcher struct {
	Sink string // its name in errors
	// MaxRecords and MaxBytes limit a batch. A larger record is a batch of its own.
	MaxRecords, MaxBytes int
	// Post sends a batch. An error ends the delivery.
	Post func(ctx context.Context, batch []Item) (Verdict, error)

	waiting []Item
	size    int
	places  int
	refused []refusal
}

type refusal struct {
	place  int
	record core.RefusedRecord
}

// Add adds a record, and sends a batch if it is full.
func (b *Batcher) Add(ctx context.Context, item Item) error {
	if len(b.waiting) > 0 && b.size+len(item.Body) > b.MaxBytes {
		if err := b.Flush(ctx); err != nil {
			return err
		}
	}
	item.place = b.places
	b.places++
	b.waiting, b.size = append(b.waiting, item), b.size+len(item.Body)
	if len(b.waiting) >= b.MaxRecords || b.size >= b.MaxBytes {
		return b.Flush(ctx)
	}
	return nil
}

// Flush sends the last batch.
func (b *Batcher) Flush(ctx context.Context) error {
	batch := b.waiting
	b.waiting, b.size = nil, 0
	return b.send(ctx, batch)
}

// Reset forgets everything that waits to be sent or reported.
func (b *Batcher) Reset() { b.waiting, b.size, b.refused = nil, 0, nil }

// Refused returns a [*core.RefusedError] with the records that were refused since its last call,
// nil if there are none.
func (b *Batcher) Refused() error {
	if len(b.refused) == 0 {
		return nil
	}
	slices.SortFunc(b.refused, func(x, y refusal) int { return cmp.Compare(x.place, y.place) })
	fault := &core.RefusedError{Sink: b.Sink}
	for _, r := range b.refused {
		fault.Records = append(fault.Records, r.record)
	}
	b.refused = nil
	return fault
}

// send sends a batch. If the collector refuses a record without naming it, send halves the batch
// until it is found, so that others may arrive twice.
func (b *Batcher) send(ctx context.Context, batch []Item) error {
	for len(batch) > 0 {
		verdict, err := b.Post(ctx, batch)
		switch at := verdict.Index; {
		case err != nil:
			return err
		case !verdict.Refused:
			return nil
		case len(batch) == 1:
			b.refuse(batch[0], verdict.Reason)
			return nil
		case at >= 0 && at < len(batch):
			b.refuse(batch[at], verdict.Reason)
			batch = slices.Concat(batch[:at], batch[at+1:])
		default:
			half := len(batch) / 2
			if err := b.send(ctx, batch[:half]); err != nil {
				return err
			}
			batch = batch[half:]
		}
	}
	return nil
}

func (b *Batcher) refuse(item Item, reason string) {
	b.refused = append(b.refused, refusal{item.place, core.RefusedRecord{Record: item.Record, Reason: reason}})
}
