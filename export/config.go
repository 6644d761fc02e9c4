package export

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// The defaults of a [Config].
const (
	DefaultLag      = 5 * time.Minute
	DefaultOverlap  = time.Hour
	DefaultInterval = time.Minute
	DefaultBatch    = 100
	DefaultParallel = 8
	// DefaultSince is how far before its first run an export begins.
	DefaultSince = 24 * time.Hour
)

// Feed is one stream of one tenant.
type Feed struct {
	Stream *Stream
	// Environment is the section of the environment, for example "charlie". It is part of each record
	// and of the state.
	Environment string
	// Tenant is sent as the context of each request. Empty means the tenant of the credentials.
	Tenant string
	// Transport sends the requests, for example a [taegis.Client].
	Transport ports.Transport
	// Since is the time of the first record. Later runs continue with that of the first run. Zero
	// means [DefaultSince] before it.
	Since time.Time
}

func (f *Feed) id() FeedID { return f.Stream.ID(f.Environment, f.Tenant) }

// Config is what an export needs. The fields without a default are Feeds, Sink and Store.
type Config struct {
	Feeds []Feed
	Sink  ports.Sink
	Store Store

	// Follow exports until the context ends. Otherwise the export ends once all feeds have reached the
	// time of its start.
	Follow bool
	// Lag is how long before now a window ends. Zero means none or, with Follow, [DefaultLag]. A
	// negative lag is none.
	Lag time.Duration
	// Overlap is by how much a window reaches into the one before it. Zero means [DefaultOverlap], a
	// negative overlap none.
	Overlap time.Duration
	// Interval is the pause before a feed that is up to date is read again, with Follow. Zero means
	// [DefaultInterval].
	Interval time.Duration
	// Batch is how many records of a feed are committed at once, at most. Zero means [DefaultBatch].
	Batch int
	// Parallel is how many feeds are read at the same time. Zero means [DefaultParallel].
	Parallel int
	// GiveUp is how long the export tries to deliver to a sink that cannot be reached. Zero means five
	// minutes or, with Follow, without end.
	GiveUp time.Duration

	// Transform changes the data of each record, for example to chosen fields of it. Nil leaves it as
	// the server sent it.
	Transform func(core.Record) (core.Record, error)
	// DeadLetters is the path of the file for records that the sink refuses, one JSON object a line.
	// Without it, a refused record ends the export.
	DeadLetters string
	// Metrics, if not nil, is kept up to date.
	Metrics *Metrics
	// Logger logs failures that are tried again, and records that arrive too late. Nil logs nothing.
	Logger *slog.Logger
	// Now returns the local time. Nil means [time.Now].
	Now func() time.Time
}

// withDefaults returns the configuration with its defaults.
func (c Config) withDefaults() Config {
	if c.Follow {
		c.Lag = cmp.Or(c.Lag, DefaultLag)
	} else {
		c.GiveUp = cmp.Or(c.GiveUp, 5*time.Minute)
	}
	c.Lag = max(c.Lag, 0)
	c.Overlap = max(cmp.Or(c.Overlap, DefaultOverlap), 0)
	c.Interval = cmp.Or(c.Interval, DefaultInterval)
	c.Batch = cmp.Or(c.Batch, DefaultBatch)
	c.Parallel = cmp.Or(c.Parallel, DefaultParallel)
	if c.Metrics == nil {
		c.Metrics = &Metrics{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// ids returns the ids of the feeds.
func (c *Config) ids() []FeedID {
	var ids []FeedID
	for i := range c.Feeds {
		ids = append(ids, c.Feeds[i].id())
	}
	return ids
}

// check looks for what is missing or wrong.
func (c *Config) check(sink bool) error {
	if c.Store == nil || sink && c.Sink == nil {
		return errors.New("an export needs a sink and a store")
	}
	if len(c.Feeds) == 0 {
		return errors.New("an export needs a feed: a stream and a tenant")
	}
	if c.Batch < 0 || c.Parallel < 0 || c.Interval < 0 {
		return errors.New("batch, parallel and interval of an export cannot be negative")
	}
	known := map[string]bool{}
	for i := range c.Feeds {
		f := &c.Feeds[i]
		if f.Stream == nil || f.Transport == nil {
			return fmt.Errorf("feed %d of the export has no stream or no transport", i+1)
		}
		id := f.id()
		if known[id.Key()] {
			return fmt.Errorf("the export has the stream %q of tenant %q twice: give one of them another name", id.Stream, id.Tenant)
		}
		known[id.Key()] = true
	}
	return nil
}
