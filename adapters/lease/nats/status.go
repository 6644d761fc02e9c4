package nats

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/taegis-go/taegis/export"
)

// Status is the state of a feed.
type Status struct {
	Progress export.Progress
	// Owner is the name of the exporter that holds the feed or held it last, "" if it was released.
	Owner string
	// IsHeld reports whether the owner has the lease.
	IsHeld bool
}

// Feeds returns the state of all feeds, in the order of their ids. It needs no Join.
func (s *Store) Feeds(ctx context.Context) ([]Status, error) {
	alive, err := s.instances(ctx)
	if err != nil {
		return nil, err
	}
	var all []Status
	at := map[string]int{}
	err = s.each(ctx, feedPrefix, func(value []byte) error {
		var r record
		if err := json.Unmarshal(value, &r); err != nil {
			return err
		}
		status := Status{Owner: r.Owner, IsHeld: alive[r.Instance]}
		if r.Progress != nil {
			status.Progress = *r.Progress
		}
		status.Progress.Feed = r.ID
		if i, found := at[r.ID.Key()]; found { // it was written in the meantime
			all[i] = status
			return nil
		}
		at[r.ID.Key()] = len(all)
		all = append(all, status)
		return nil
	})
	slices.SortFunc(all, func(a, b Status) int {
		x, y := a.Progress.Feed, b.Progress.Feed
		return cmp.Or(cmp.Compare(x.Stream, y.Stream), cmp.Compare(x.Environment, y.Environment),
			cmp.Compare(x.Tenant, y.Tenant), cmp.Compare(x.Query, y.Query))
	})
	return all, err
}

// instances returns the exporters that count. If none has counted for the time of a lease, there is
// none: both times are the server's.
func (s *Store) instances(ctx context.Context) (map[string]bool, error) {
	alive := map[string]bool{}
	e, err := s.get(ctx, membersKey)
	if err != nil || e.revision == 0 {
		return alive, err
	}
	var now information
	err = s.try(ctx, func(ctx context.Context) (err error) {
		now, err = s.information(ctx)
		return err
	})
	if err != nil || !now.Time.IsZero() && now.Time.Sub(e.time) > s.lease() {
		return alive, err
	}
	var t table
	err = json.Unmarshal(e.value, &t)
	for _, m := range t {
		alive[m.Instance] = true
	}
	return alive, err
}
