package nats

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/digest"
)

// record is the value of a feed's entry.
type record struct {
	ID export.FeedID `json:"id"`
	// Owner is the name of the exporter that holds the feed, and Instance its instance; "" if none does.
	Owner    string `json:"owner,omitempty"`
	Instance string `json:"instance,omitempty"`
	// Progress is nil before the first commit.
	Progress *export.Progress `json:"progress,omitempty"`
	// Tail has the last marks, and Slots says where the others are.
	Tail  export.Marks `json:"tail,omitempty"`
	Slots []slot       `json:"slots,omitempty"`
}

// feed is a feed that this exporter holds. Its commits are called one after the other.
type feed struct {
	key      string
	term     uint64
	revision uint64
	record   record
	leaving  bool
	marks    export.Marks // of the slots, until they are asked for
}

// Join counts this exporter among those of the bucket.
func (s *Store) Join(ctx context.Context, feeds []export.FeedID) error {
	var keys []string
	for _, id := range feeds {
		keys = append(keys, id.Key())
	}
	slices.Sort(keys)
	s.feeds, s.members.group = len(keys), digest.Of(strings.Join(keys, " "))
	if err := s.members.count(ctx, true); err != nil {
		return err
	}
	var keeping context.Context
	keeping, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.beating.Go(func() { s.members.keep(keeping) })
	return nil
}

// Acquire acquires a feed, unless that is more than the fair share of this exporter.
func (s *Store) Acquire(ctx context.Context, id export.FeedID) (export.Lease, error) {
	lease, done, err := s.local(id.Key())
	if done || err != nil {
		return lease, err
	}
	f, err := s.take(ctx, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acquiring--
	switch {
	case errors.Is(err, errConflict) || err == nil && f == nil: // another exporter was faster, or has it
		return lease, nil
	case err != nil:
		return export.Lease{}, err
	case f.record.Instance != s.members.self(): // removed in the meantime
		return lease, nil
	}
	s.held[f.key] = f
	return export.Lease{Term: f.term}, nil
}

// local answers for a feed that is held, or that would be too much. Otherwise it reserves a place.
func (s *Store) local(key string) (lease export.Lease, done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	others := export.Lease{Retry: s.retry()}
	exporters := s.members.exporters()
	share := (s.feeds + exporters - 1) / exporters
	f := s.held[key]
	switch {
	case s.failed != nil:
		return lease, true, s.failed
	case f == nil && len(s.held)+s.acquiring >= share:
		return others, true, nil
	case f == nil:
		s.acquiring++
		return others, false, nil
	case !f.leaving && len(s.held)-s.leaving > share:
		f.leaving = true
		s.leaving++
	}
	if f.leaving {
		return others, true, nil
	}
	return export.Lease{Term: f.term}, true, nil
}

// take makes this exporter the owner of a feed. It returns nil if another one is.
func (s *Store) take(ctx context.Context, id export.FeedID) (*feed, error) {
	f := &feed{key: id.Key(), record: record{ID: id}}
	e, err := s.get(ctx, feedPrefix+f.key)
	if err != nil {
		return nil, err
	}
	if e.revision > 0 {
		if err := json.Unmarshal(e.value, &f.record); err != nil {
			return nil, err
		}
	}
	if owner := f.record.Instance; owner != "" && owner != s.members.self() {
		if gone, err := s.members.isGone(ctx, owner); err != nil || !gone {
			return nil, err
		}
	}
	f.record.Owner, f.record.Instance = s.Name, s.members.self()
	f.revision = e.revision
	if err := s.write(ctx, f, f.record); err != nil {
		return nil, err
	}
	f.term = f.revision
	return f, s.readSlots(ctx, f)
}

// write replaces the entry of a feed.
func (s *Store) write(ctx context.Context, f *feed, r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	revision, err := s.put(ctx, feedPrefix+f.key, text, f.revision)
	if err != nil {
		return err
	}
	f.revision, f.record = revision, r
	return nil
}

// Release lets go of a feed.
func (s *Store) Release(ctx context.Context, id export.FeedID) error {
	f := s.holding(id.Key())
	if f == nil {
		return nil
	}
	s.drop(f.key, f.term)
	r := f.record
	r.Owner, r.Instance = "", ""
	if err := s.write(ctx, f, r); !errors.Is(err, errConflict) {
		return err
	}
	return nil
}

// drop forgets a feed, unless it is held in another term.
func (s *Store) drop(key string, term uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.held[key]
	if f == nil || f.term != term {
		return
	}
	if f.leaving {
		s.leaving--
	}
	delete(s.held, key)
}

// evict forgets all feeds, and makes this exporter another instance.
func (s *Store) evict(m *members) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.renew()
	s.held, s.leaving = map[string]*feed{}, 0
}

func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}

// holding returns a feed that is held, nil if it is not.
func (s *Store) holding(key string) *feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[key]
}

// Load returns the progress of a feed, which another exporter may hold.
func (s *Store) Load(ctx context.Context, id export.FeedID) (export.Progress, bool, error) {
	var r record
	if f := s.holding(id.Key()); f != nil {
		r = f.record
	} else {
		e, err := s.get(ctx, feedPrefix+id.Key())
		if err == nil && e.revision > 0 {
			err = json.Unmarshal(e.value, &r)
		}
		if err != nil {
			return export.Progress{}, false, err
		}
	}
	if r.Progress == nil {
		return export.Progress{}, false, nil
	}
	return *r.Progress, true, nil
}

// Marks returns the marks within the overlap of a feed that is held.
func (s *Store) Marks(ctx context.Context, id export.FeedID, from, to time.Time) (export.Marks, error) {
	f := s.holding(id.Key())
	if f == nil {
		return nil, &export.LostError{Feeds: []export.FeedID{id}}
	}
	if f.marks == nil && len(f.record.Slots) > 0 {
		err := s.readSlots(ctx, f)
		if errors.Is(err, errConflict) {
			return nil, &export.LostError{Feeds: []export.FeedID{id}}
		}
		if err != nil {
			return nil, err
		}
	}
	all := slices.Concat(f.marks, f.record.Tail)
	f.marks = nil
	return slices.DeleteFunc(all, func(m export.Mark) bool {
		return !from.IsZero() && m.Second < from.Unix() || !to.IsZero() && m.Second > to.Unix()
	}), nil
}
