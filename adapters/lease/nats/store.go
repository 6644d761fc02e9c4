package nats

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
)

// DefaultLease is the time after which the feeds of an exporter are free if it is gone.
const DefaultLease = 30 * time.Second

// Store is a [export.Leaser] in a bucket. Open connects it. Calls wait while the servers cannot be
// reached, and return a [*core.SinkError] for what does not pass.
type Store struct {
	// URL is the address of a server, or of several with commas in between, for example
	// "tls://nats.example:4222". The schemes are tls and nats.
	URL string
	// PlainTCP permits addresses without TLS on other machines.
	PlainTCP bool
	// Bucket is the name of the bucket. Open creates it if it is missing, on as many servers as
	// Replicas says; 0 means 1.
	Bucket   string
	Replicas int
	// Name is the name of this exporter, which no other one of the bucket may have at the same time.
	// It consists of letters, digits, "-" and "_".
	Name string
	// Lease is the time after which the feeds of an exporter are free if it is gone; 0 means
	// [DefaultLease].
	Lease time.Duration
	// Credentials is the path of a file with credentials (NKey and JWT), User and Password are
	// those of a user, and Token is a token. At most one kind can be set.
	Credentials string
	User        string
	Password    core.Secret
	Token       core.Secret
	// CABundle is the path of a PEM file with certificate authorities to trust in addition to the
	// system's.
	CABundle string
	// GiveUp is how long a call waits for servers that cannot be reached; 0 means without end.
	GiveUp time.Duration
	// Logger logs what happens to leases; nil logs nothing.
	Logger *slog.Logger

	isOpen   bool
	link     link
	position entry // of the sink
	stop     context.CancelFunc
	beating  sync.WaitGroup

	members members

	mu        sync.Mutex
	feeds     int              // of this exporter, held or not
	held      map[string]*feed // by key
	acquiring int
	leaving   int
	failed    error // after which the store cannot be used
}

// entry is an entry of the bucket.
type entry struct {
	value    []byte
	revision uint64 // 0 if there is none
	time     time.Time
}

const (
	positionPrefix = "position."
	feedPrefix     = "feed."
	marksPrefix    = "marks."
	membersKey     = "exporters"
)

// Open connects to a server, and creates the bucket if it is missing.
func (s *Store) Open(ctx context.Context) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	s.held = map[string]*feed{}
	s.members = members{store: s, instance: rand.Text(), silent: map[string]silence{}, gone: map[string]bool{}}
	if err := s.configure(); err != nil {
		return err
	}
	opening, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	var last error
	err := s.try(opening, func(ctx context.Context) error {
		last = s.create(ctx)
		return last
	})
	if err != nil {
		s.link.close()
		if ctx.Err() == nil && opening.Err() != nil {
			err = s.fault(last)
		}
		return err
	}
	s.isOpen = true
	return nil
}

// Close leaves the other exporters, which take over the feeds at once, and closes the connection.
func (s *Store) Close() error {
	if !s.isOpen {
		return nil
	}
	defer s.link.close()
	if s.stop != nil {
		s.stop()
		s.beating.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
		defer cancel()
		if err := s.members.leave(ctx); err != nil {
			s.Logger.Warn("the feeds of this exporter are free only after the time of a lease", "error", err)
		}
	}
	return nil
}

// openTime is how long Open waits for servers that cannot be reached.
const openTime = 20 * time.Second

// leaveTime is how long an exporter that ends tries to say so.
const leaveTime = 300 * time.Millisecond

// Position returns the position of this exporter's sink.
func (s *Store) Position(ctx context.Context) (string, error) {
	e, err := s.get(ctx, positionPrefix+s.Name)
	s.position = e
	return string(e.value), err
}

// Commit stores the position, and then the changes of all feeds that are still held.
func (s *Store) Commit(ctx context.Context, c export.Commit) error {
	if c.Position != string(s.position.value) {
		revision, err := s.put(ctx, positionPrefix+s.Name, []byte(c.Position), s.position.revision)
		if errors.Is(err, errConflict) {
			return s.members.twice()
		}
		if err != nil {
			return err
		}
		s.position = entry{value: []byte(c.Position), revision: revision}
	}
	errs := make([]error, len(c.Feeds))
	var all sync.WaitGroup
	for i := range c.Feeds {
		all.Go(func() { errs[i] = s.commit(ctx, &c.Feeds[i]) })
	}
	all.Wait()
	var lost export.LostError
	for i, err := range errs {
		if errors.Is(err, errConflict) {
			s.drop(c.Feeds[i].Progress.Feed.Key(), c.Feeds[i].Term)
			lost.Feeds = append(lost.Feeds, c.Feeds[i].Progress.Feed)
			errs[i] = nil
		}
	}
	if err := errors.Join(errs...); err != nil || len(lost.Feeds) == 0 {
		return err
	}
	return &lost
}

// lease returns the time of a lease.
func (s *Store) lease() time.Duration { return cmp.Or(s.Lease, DefaultLease) }

// retry is the time between two counts of an exporter, and after which a feed can be asked for again.
func (s *Store) retry() time.Duration { return s.lease() / (countsOfLease + 3) }

var _ export.Leaser = (*Store)(nil)
