package export

import (
	"context"
	"time"
)

// Store stores how far an export came. [Dir] is a store in a folder. A [Leaser] is a store that
// several exporters share.
type Store interface {
	// Position returns the position of the sink at the last commit, "" if there was none.
	Position(ctx context.Context) (string, error)

	// Load returns the progress of a feed, and false if the store does not know the feed.
	Load(ctx context.Context, id FeedID) (Progress, bool, error)

	// Marks returns the marks of the feed's records that were delivered, with times from one time to
	// another, both included. A zero time is no bound.
	Marks(ctx context.Context, id FeedID, from, to time.Time) (Marks, error)

	// Commit stores all of a commit durably, or nothing of it.
	Commit(ctx context.Context, c Commit) error
}

// Commit is what changes in a store after a delivery.
type Commit struct {
	// Position is the position of the sink.
	Position string   `json:"position,omitempty"`
	Feeds    []Change `json:"feeds"`
}

// Change is the change of one feed.
type Change struct {
	Progress Progress `json:"progress"`
	Marks    Marks    `json:"marks,omitempty"` // of the records that were delivered
	// Term is that of the [Lease] in which the records were read, 0 if the store is not shared.
	Term uint64 `json:"term,omitempty"`
}
