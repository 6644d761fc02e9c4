package export

import (
	"cmp"
	"time"

	"github.com/taegis-go/taegis/internal/digest"
)

// FeedID identifies a feed in a [Store].
type FeedID struct {
	Stream      string `json:"stream"`
	Environment string `json:"environment"`
	Tenant      string `json:"tenant,omitempty"`
	// Query is the text of the query, or the filter, as it was given. Another query is another feed.
	Query string `json:"query,omitempty"`
	// Changes is set if versions of records are exported.
	Changes bool `json:"changes,omitempty"`
}

// Key returns a short text that is equal for equal ids, for names of files and keys.
func (id FeedID) Key() string {
	changes := ""
	if id.Changes {
		changes = "changes"
	}
	return digest.Of(id.Stream, id.Environment, id.Tenant, id.Query, changes)
}

// compareIDs orders ids by stream, environment, tenant and query.
func compareIDs(a, b FeedID) int {
	return cmp.Or(
		cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Environment, b.Environment),
		cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Query, b.Query),
	)
}

// Progress is how far a feed came. All times are the server's.
type Progress struct {
	Feed FeedID `json:"feed"`
	// Began is when the feed was first exported. Relative times of its query count from it.
	Began time.Time `json:"began"`
	// Since is the time of the first record that the feed exports.
	Since time.Time `json:"since"`
	// Through is the end of the last complete window.
	Through time.Time `json:"through,omitzero"`
	// From is where the next window begins: Through, or before it by the overlap.
	From time.Time `json:"from"`
	// Snapshot is when the current or last snapshot of a stream of snapshots began, and Cursor how
	// far it came, "" if it is complete.
	Snapshot time.Time `json:"snapshot,omitzero"`
	Cursor   string    `json:"cursor,omitempty"`

	// Records counts the records that were delivered, Duplicates those that were read again and
	// dropped, and Refused those that went to the dead-letter file.
	Records    int64 `json:"records"`
	Duplicates int64 `json:"duplicates,omitempty"`
	Refused    int64 `json:"refused,omitempty"`
	// Lateness is the longest time by which a record arrived after its own time, as far as it is
	// known.
	Lateness time.Duration `json:"lateness,omitempty"`
}

// marksFrom returns the time from which on later windows can find records again.
func (p *Progress) marksFrom() time.Time { return p.From.Add(-margin * time.Second) }

// Recalls reports whether a store has to keep a mark of the feed, because the next windows can find its
// record again. A snapshot never recalls one.
func (p *Progress) Recalls(m Mark) bool {
	return p.Snapshot.IsZero() && m.Second >= p.marksFrom().Unix()
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
