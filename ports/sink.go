package ports

import (
	"context"

	"github.com/taegis-go/taegis/core"
)

// Sink is the destination of an export. One goroutine uses it at a time. A sink that also
// implements [io.Closer] is closed when the export ends; closing delivers nothing that Sync has
// not.
//
// The export calls Open, then Deliver and Sync in turns, and stores the position of each Sync
// together with how far it has read, before it delivers more. After an error of Deliver or Sync
// that is no [*core.RefusedError], and when it starts again, it calls Open with the last stored
// position and delivers everything after it again. A sink forgets what it has collected when such
// an error occurs or when it is opened.
//
// If a context ends first, the error wraps its cause.
type Sink interface {
	// Open prepares the sink, also one that is open already. position is what the last Sync
	// returned whose result the export has stored, or "" if there was none. A sink that can take
	// records back removes all that it received after that position. If the sink cannot find the
	// position, for example because it is one of another sink, Open returns an error and changes
	// nothing.
	Open(ctx context.Context, position string) error

	// Deliver sends records in their order. A sink may collect them and send them later, at the
	// latest in Sync. It may not keep the slice, but the data of its records.
	//
	// If the destination refuses some of the records for good, and has or will have all others, the
	// error is a [*core.RefusedError]. It may name records of earlier calls since the last Sync. If
	// the destination cannot be reached, is full or busy, the error is a [*core.SinkError]. Any
	// other error is treated like a permanent SinkError.
	Deliver(ctx context.Context, records []core.Record) error

	// Sync returns as soon as the destination has stored durably all that was delivered, with the
	// position that Open takes back to, "" for a sink without positions. Its errors are those of
	// Deliver. After a [*core.RefusedError] the position is valid.
	Sync(ctx context.Context) (position string, err error)
}
