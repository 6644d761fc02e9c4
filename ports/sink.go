package ports

import (
	"context"

	"github.com/taegis-go/taegis/core"
)

// Sink is where an export delivers records. One goroutine uses it at a time. A sink that also
// implements [io.Closer] is closed when the export ends.
//
// The export calls Open, then Deliver and Sync in turns, and stores the position of each Sync together
// with how far it has read. After an error of Deliver or Sync that is no [*core.RefusedError], and
// when it starts again, it calls Open with the last stored position and delivers everything after it
// again.
type Sink interface {
	// Open prepares the sink. position is what the last Sync returned whose result the export has
	// stored, or "" if there was none. A sink that can take records back removes all that it
	// received after that position. Open fails if it cannot find the position.
	Open(ctx context.Context, position string) error

	// Deliver sends records in their order. A sink may collect them and send them later, at the
	// latest in Sync. It may not keep the slice, but the data of its records.
	//
	// If the destination refuses some of the records for good, and has or will have all others,
	// the error is a [*core.RefusedError]. If the destination cannot be reached, is full or busy, it is
	// a [*core.SinkError]: all records of the call may be delivered again. Any other error is treated
	// like a permanent SinkError.
	Deliver(ctx context.Context, records []core.Record) error

	// Sync returns as soon as the destination has stored durably all that was delivered, with the
	// position that Open takes back to, "" for a sink without positions. Its errors are those of
	// Deliver; after a [*core.RefusedError] the position is valid, after any other error all records
	// since the last Sync that succeeded may be delivered again.
	Sync(ctx context.Context) (position string, err error)
}
