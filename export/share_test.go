package export_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
)

// sharedState is what exporters share.
type sharedState struct {
	export.Memory

	mu     sync.Mutex
	owners map[string]string // by feed
	terms  map[string]uint64
	lost   int // commits of feeds that were lost
}

// share is the store of one exporter.
type share struct {
	*sharedState
	name string
	most int // feeds that it may hold
}

func (s *share) Position(context.Context) (string, error) { return "", nil }

func (s *share) Join(_ context.Context, feeds []export.FeedID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners == nil {
		s.owners, s.terms = map[string]string{}, map[string]uint64{}
	}
	return nil
}

func (s *share) held() (n int) {
	for _, owner := range s.owners {
		if owner == s.name {
			n++
		}
	}
	return n
}

func (s *share) Acquire(_ context.Context, id export.FeedID) (export.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch owner := s.owners[id.Key()]; {
	case owner == s.name && s.held() <= s.most:
	case owner == "" && s.held() < s.most:
		s.owners[id.Key()] = s.name
		s.terms[id.Key()]++
	default:
		return export.Lease{Retry: 5 * time.Second}, nil
	}
	return export.Lease{Term: s.terms[id.Key()]}, nil
}

func (s *share) Release(_ context.Context, id export.FeedID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners[id.Key()] == s.name {
		s.owners[id.Key()] = ""
	}
	return nil
}

func (s *share) Commit(ctx context.Context, c export.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := &export.LostError{}
	var kept export.Commit
	for _, change := range c.Feeds {
		if key := change.Progress.Feed.Key(); s.owners[key] == s.name && s.terms[key] == change.Term {
			kept.Feeds = append(kept.Feeds, change)
		} else {
			lost.Feeds = append(lost.Feeds, change.Progress.Feed)
			s.lost++
		}
	}
	if err := s.Memory.Commit(ctx, kept); err != nil || len(lost.Feeds) == 0 {
		return err
	}
	return lost
}

// steal gives some feeds of an exporter, "" for any, away.
func (s *sharedState) steal(r *rand.Rand, from string, part int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, owner := range s.owners {
		if (owner == from || from == "") && r.IntN(part) == 0 {
			s.owners[key] = ""
		}
	}
}

// lateSink is a sink that takes time.
type lateSink struct {
	*memorySink
	time func() time.Duration
}

func (s *lateSink) Deliver(ctx context.Context, records []core.Record) error {
	time.Sleep(s.time())
	return s.memorySink.Deliver(ctx, records)
}

// sharing is a set of exporters that share feeds.
type sharing struct {
	state   sharedState
	server  *auditServer
	streams []*export.Stream
	sink    *memorySink // of all exporters
	slow    func() time.Duration
	total   export.Summary
	mu      sync.Mutex
}

func newSharing(t *testing.T, feeds int) *sharing {
	s := &sharing{server: &auditServer{}, sink: &memorySink{blind: true}}
	for i := range feeds {
		s.streams = append(s.streams, newStream(t, export.StreamConfig{Kind: export.Audits, Name: fmt.Sprint("audits", i)}))
	}
	return s
}

// run exports all feeds.
func (s *sharing) run(ctx context.Context, name string, most int, c export.Config) error {
	c.Store, c.Sink, c.Batch = &share{&s.state, name, most}, &lateSink{s.sink, s.slow}, 5
	for _, stream := range s.streams {
		c.Feeds = append(c.Feeds, export.Feed{Stream: stream, Environment: "fake", Tenant: stream.Name(), Transport: s.server, Since: start2026})
	}
	summary, err := export.Run(ctx, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.Records += summary.Records
	s.total.Uncommitted += summary.Uncommitted
	return err
}

var start2026 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // of the clock in a bubble

// check returns how many records came more than once.
func (s *sharing) check(t *testing.T) (twice int64) {
	t.Helper()
	got := s.sink.keys()
	for _, stream := range s.streams {
		for _, row := range s.server.rows {
			n := got[stream.Name()+"/"+row.ID]
			if n == 0 {
				t.Fatalf("%s of %s is lost", row.ID, stream.Name())
			}
			twice += int64(n - 1)
		}
	}
	if want := int64(len(s.streams) * len(s.server.rows)); s.total.Records != want {
		t.Errorf("%d records were committed, want %d", s.total.Records, want)
	}
	if twice != s.total.Uncommitted {
		t.Errorf("%d came again, and %d were counted", twice, s.total.Uncommitted)
	}
	return twice
}

// TestFollowTogether has three exporters, of which feeds are taken at any moment, and which end and
// begin again.
func TestFollowTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newSharing(t, 6), rand.New(rand.NewPCG(1, 2))
		slow := rand.New(rand.NewPCG(3, 4))
		var one sync.Mutex
		s.slow = func() time.Duration {
			one.Lock()
			defer one.Unlock()
			if slow.IntN(5) == 0 {
				s.state.steal(slow, "", 3)
			}
			return time.Duration(slow.IntN(900)) * time.Millisecond
		}
		var all sync.WaitGroup
		begin := func(name string) (stop func()) {
			ctx, cancel := context.WithCancelCause(t.Context())
			ended := make(chan struct{})
			all.Go(func() {
				defer close(ended)
				if err := s.run(ctx, name, 3, export.Config{Follow: true}); !errors.Is(err, errStopped) {
					t.Errorf("%s ended with %v", name, err)
				}
			})
			return func() { cancel(errStopped); <-ended; s.state.steal(r, name, 1) }
		}
		stops := map[string]func(){}
		names := []string{"a", "b", "c"}
		for _, name := range names {
			stops[name] = begin(name)
		}
		for i := range 300 {
			s.server.insert(fmt.Sprint("audit", i), time.Now().Add(-time.Duration(r.IntN(int(min(time.Since(start2026), time.Hour))+1))))
			time.Sleep(time.Duration(r.IntN(120_000)) * time.Millisecond)
			switch i % 10 {
			case 3, 6:
				s.state.steal(r, "", 3)
			case 8:
				name := names[r.IntN(3)]
				stops[name]()
				stops[name] = begin(name)
			}
		}
		time.Sleep(2 * time.Hour)
		for _, name := range names {
			stops[name]()
		}
		all.Wait()
		twice := s.check(t)
		if s.state.lost == 0 || twice == 0 {
			t.Errorf("%d commits were lost, and %d records came again: the test tests nothing", s.state.lost, twice)
		}
	})
}

// TestOnceTogether has exporters that end when everything was exported, by any of them.
func TestOnceTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, 20)
		time.Sleep(24 * time.Hour)
		for i := range 40 {
			s.server.insert(fmt.Sprint("audit", i), time.Now().Add(-time.Duration(i)*time.Minute))
		}
		by := map[string]int{}
		s.sink.fail = func(step string, records []core.Record) error {
			for _, record := range records {
				by[record.Tenant]++
			}
			return nil
		}
		s.slow = func() time.Duration { return time.Second }
		var all sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			all.Go(func() {
				errs[i] = s.run(t.Context(), fmt.Sprint(i), 20, export.Config{Parallel: 2})
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if twice := s.check(t); twice != 0 || len(by) != 20 {
			t.Errorf("%d came again; feeds: %v", twice, by)
		}
		if held := slices.Collect(func(yield func(string) bool) {
			for _, owner := range s.state.owners {
				if owner != "" && !yield(owner) {
					return
				}
			}
		}); len(held) > 0 {
			t.Errorf("exporters that ended hold %v", held)
		}
	})
}

// TestSharedStoresAreNotVerified has what needs more than the overlap.
func TestSharedStoresAreNotVerified(t *testing.T) {
	s := newSharing(t, 1)
	c := export.Config{Store: &share{&s.state, "a", 1}, Sink: s.sink, Feeds: []export.Feed{{Stream: s.streams[0], Transport: s.server}}}
	_, verified := export.Verify(t.Context(), c, export.VerifyOptions{})
	_, filled := export.Backfill(t.Context(), c, start2026, time.Now())
	for _, err := range []error{verified, filled} {
		if err == nil || !strings.Contains(err.Error(), "share") {
			t.Errorf("%v", err)
		}
	}
}
