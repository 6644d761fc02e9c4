package search

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// edge recognizes the records that two windows have in common. Windows that follow one another share a
// second, so a record of that second is found by both.
type edge struct {
	key    func(json.RawMessage) (id string, second int64)
	before map[string]bool // ids of the shared second that the window before has returned
	next   int64           // the second that the next window shares
	seen   map[string]bool // ids of this window in that second
}

// newEdge returns the edge of the current window.
func (r *run) newEdge() *edge {
	e := &edge{key: r.source.Key, before: map[string]bool{}, seen: map[string]bool{}}
	for _, id := range r.at.Edge {
		e.before[id] = true
	}
	if i := r.at.Window; i+1 < len(r.plan.windows) {
		e.next = sharedSecond(r.plan.windows[i], r.plan.windows[i+1])
	}
	return e
}

// sharedSecond returns the second that ends one window and begins the other.
func sharedSecond(one, other *cql.Query) int64 {
	from, to := one.Earliest, other.Latest
	if one.Latest.Text == other.Earliest.Text {
		from, to = one.Latest, other.Earliest
	}
	t, err := from.Time(time.Time{})
	if err != nil || from.Text != to.Text {
		return 0
	}
	return t.Unix()
}

// drops reports whether the window before has returned a record, and remembers it for the next one.
func (e *edge) drops(record json.RawMessage) bool {
	if e.key == nil || e.next == 0 && len(e.before) == 0 {
		return false
	}
	id, second := e.key(record)
	if id == "" {
		return false
	}
	if second == e.next {
		e.seen[id] = true
	}
	return e.before[id]
}

// ids returns what the next window has to drop.
func (e *edge) ids() []string {
	var ids []string
	for id := range e.seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
