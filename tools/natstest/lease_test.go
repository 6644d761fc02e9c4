package natstest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	lease "github.com/taegis-go/taegis/adapters/lease/nats"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
)

func feeds(n int) []export.FeedID {
	var ids []export.FeedID
	for i := range n {
		ids = append(ids, export.FeedID{Stream: "alerts", Environment: "charlie", Tenant: fmt.Sprint(i)})
	}
	return ids
}

// join opens a store, and joins for some feeds.
func join(t *testing.T, url, name string, ids []export.FeedID) *lease.Store {
	t.Helper()
	s := &lease.Store{URL: url, Bucket: "taegis", Name: name, Lease: 2 * time.Second}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Join(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	return s
}

// acquire asks for all feeds, lets go of those that it has to, and returns the terms of those it holds.
func acquire(t *testing.T, s *lease.Store, ids []export.FeedID) map[export.FeedID]uint64 {
	t.Helper()
	held := map[export.FeedID]uint64{}
	for _, id := range ids {
		l, err := s.Acquire(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if l.Term > 0 {
			held[id] = l.Term
		} else if err := s.Release(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	return held
}

// settle lets exporters acquire feeds until each holds as many as are wanted. The deadline of the test
// ends it otherwise.
func settle(t *testing.T, ids []export.FeedID, want []int, stores ...*lease.Store) {
	t.Helper()
	var got []int
	for t.Context().Err() == nil {
		got = nil
		for _, s := range stores {
			got = append(got, len(acquire(t, s, ids)))
		}
		if slices.Equal(got, want) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("they hold %v feeds, want %v", got, want)
}

func progress(id export.FeedID, records int64, from time.Time) export.Progress {
	return export.Progress{Feed: id, Began: from, Since: from, From: from, Through: from, Records: records}
}

func marks(first, n int, second int64) (all export.Marks) {
	for i := first; i < first+n; i++ {
		m := export.Mark{Second: second}
		copy(m.Digest[:], fmt.Sprintf("%016d", i))
		all = append(all, m)
	}
	return all
}

// TestExportersComeAndGo shares feeds among exporters that join, leave, and are gone without leaving.
func TestExportersComeAndGo(t *testing.T) {
	url, ids := start(t, nil).ClientURL(), feeds(12)
	a := join(t, url, "a", ids)
	settle(t, ids, []int{12}, a)
	b := join(t, url, "b", ids)
	settle(t, ids, []int{6, 6}, a, b)
	c := join(t, url, "c", ids)
	settle(t, ids, []int{4, 4, 4}, a, b, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	settle(t, ids, []int{6, 6}, a, b)
	again := join(t, url, "b", ids) // b was killed, and has started again
	settle(t, ids, []int{6, 6}, a, again)
	if _, err := b.Acquire(t.Context(), ids[0]); err == nil {
		// b finds out with its next count
		for err == nil {
			time.Sleep(50 * time.Millisecond)
			_, err = b.Acquire(t.Context(), ids[0])
		}
		if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent {
			t.Errorf("two exporters of one name: %v", err)
		}
	}
	other := join(t, url, "other", feeds(30)[20:]) // of other feeds
	settle(t, feeds(30)[20:], []int{10}, other)
	settle(t, ids, []int{6, 6}, a, again)
	found, err := a.Feeds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]int{}
	for _, f := range found {
		if f.IsHeld {
			owners[f.Owner]++
		}
	}
	if len(found) != 22 || owners["a"] != 6 || owners["b"] != 6 || owners["other"] != 10 {
		t.Errorf("%d feeds, %v", len(found), owners)
	}
}

// TestLostFeedsAreNotCommitted has an exporter that commits feeds after another one has taken over some.
func TestLostFeedsAreNotCommitted(t *testing.T) {
	url, ids := start(t, nil).ClientURL(), feeds(4)
	now := time.Unix(1_800_000_000, 0).UTC()
	a := join(t, url, "a", ids)
	terms := acquire(t, a, ids)
	if err := a.Release(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	b := join(t, url, "b", ids)
	l, err := b.Acquire(t.Context(), ids[0])
	if err != nil || l.Term <= terms[ids[0]] {
		t.Fatalf("the term %d follows on %d: %v", l.Term, terms[ids[0]], err)
	}
	var c export.Commit
	for _, id := range ids {
		c.Feeds = append(c.Feeds, export.Change{Progress: progress(id, 5, now), Marks: marks(0, 5, now.Unix()), Term: terms[id]})
	}
	lost, ok := errors.AsType[*export.LostError](a.Commit(t.Context(), c))
	if !ok || !slices.Equal(lost.Feeds, ids[:1]) {
		t.Errorf("lost: %v", lost)
	}
	if p, found, err := b.Load(t.Context(), ids[0]); err != nil || found {
		t.Errorf("the new owner finds %+v, %v", p, err)
	}
	if p, found, err := b.Load(t.Context(), ids[1]); err != nil || !found || p.Records != 5 {
		t.Errorf("another feed: %+v, %v, %v", p, found, err)
	}
}

// TestMarksOfManyRecords commits more marks than an entry can have, and lets another exporter read them.
func TestMarksOfManyRecords(t *testing.T) {
	url, ids := start(t, nil).ClientURL(), feeds(1)
	a := join(t, url, "a", ids)
	now := time.Unix(1_800_000_000, 0).UTC()
	term := acquire(t, a, ids)[ids[0]]
	total := 0
	for round, n := range []int{10, 45_000, 999, 3, 7000, 1} {
		change := export.Change{Progress: progress(ids[0], int64(total+n), now), Marks: marks(total, n, now.Unix()), Term: term}
		if err := a.Commit(t.Context(), export.Commit{Position: fmt.Sprint(round), Feeds: []export.Change{change}}); err != nil {
			t.Fatal(err)
		}
		total += n
	}
	check := func(s *lease.Store, want int) {
		t.Helper()
		all, err := s.Marks(t.Context(), ids[0], now.Add(-time.Minute), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		distinct := map[export.Mark]bool{}
		for _, m := range all {
			distinct[m] = true
		}
		if len(all) != want || len(distinct) != want {
			t.Errorf("%d marks, %d distinct, want %d", len(all), len(distinct), want)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b := join(t, url, "b", ids)
	term = acquire(t, b, ids)[ids[0]]
	check(b, total)
	if position, err := b.Position(t.Context()); err != nil || position != "" {
		t.Errorf("b begins at the position %q, %v", position, err)
	}
	// The next window begins later, so that all marks are forgotten, and their entries are used again.
	later := now.Add(time.Hour)
	change := export.Change{Progress: progress(ids[0], 1, later), Marks: marks(0, 5000, later.Unix()), Term: term}
	if err := b.Commit(t.Context(), export.Commit{Feeds: []export.Change{change}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again := join(t, url, "a", ids)
	acquire(t, again, ids)
	now = later
	check(again, 5000)
	if position, err := again.Position(t.Context()); err != nil || position != "5" {
		t.Errorf("a continues at the position %q, %v", position, err)
	}
}
