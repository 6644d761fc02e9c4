package export

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/ports"
)

// Kind is what a stream exports.
type Kind string

// The kinds of streams. See docs/protocol.md#exporting for the times that they follow.
const (
	Alerts Kind = "alerts" // new alerts by creation or, with changes, versions by their last update
	Cases  Kind = "cases"  // the same for cases
	Events Kind = "events" // events by their own time
	Audits Kind = "audits" // audit events by their time
	Assets Kind = "assets" // all assets, as a snapshot once in a while
)

// Kinds returns the kinds of streams.
func Kinds() []Kind { return []Kind{Alerts, Cases, Events, Audits, Assets} }

// DefaultEvery is the time between two snapshots.
const DefaultEvery = 24 * time.Hour

// StreamConfig describes a stream.
type StreamConfig struct {
	Kind Kind
	// Name is the name of the stream in records and in the state. Empty means the kind.
	Name string
	// Query narrows alerts, cases and events, in the query language. Its bounds narrow the export; it
	// has no functions, for example head.
	Query string
	// Filter narrows audit events, as an AuditSearchInput, and assets, as an AssetWhereInputV2.
	Filter map[string]any
	// Changes exports each version of an alert or a case: again whenever it has been updated.
	Changes bool
	// Every is the time between two snapshots; zero means [DefaultEvery].
	Every time.Duration
}

// Stream is what an export reads, for any tenant. Its fields are those of its configuration.
type Stream struct {
	config StreamConfig
	query  *cql.Query // nil for a kind without queries
	text   string     // query or filter as text
	rules
}

// rules are what distinguishes the kinds.
type rules struct {
	service  cql.Service // "" for a kind without queries
	snapshot bool
	changes  bool // the kind has versions
	// most is how many records one search returns. A window with more is divided.
	most int
	// longest is the longest window of a search.
	longest time.Duration
	// Paths of a record.
	id, tenant, time, version, arrived []string
	pages                              func(ctx context.Context, s *Stream, t ports.Transport, r search, options []paging.Option) rows
}

type rows = iter.Seq2[json.RawMessage, error]

// search is what a stream reads: a window, or everything if it is a snapshot.
type search struct {
	window Window
	began  time.Time // relative times of the query count from it
}

// NewStream returns a stream. It returns a [*core.SettingError] for a setting that is wrong, and the
// errors of [cql.Parse] for a query.
func NewStream(c StreamConfig) (*Stream, error) {
	r, found := kinds()[c.Kind]
	if !found {
		return nil, wrong("kind", fmt.Sprintf("%q is none", c.Kind), "use one of "+strings.Join(names(), ", "))
	}
	if c.Name == "" {
		c.Name = string(c.Kind)
	}
	s := &Stream{config: c, rules: r}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, s.parse()
}

func names() []string {
	var list []string
	for _, kind := range Kinds() {
		list = append(list, string(kind))
	}
	return list
}

func wrong(setting, reason, hint string) error {
	return &core.SettingError{Setting: setting, Reason: reason, HintText: hint}
}

// check looks for settings that the kind does not have.
func (s *Stream) check() error {
	kind := string(s.config.Kind)
	switch {
	case s.config.Query != "" && s.service == "":
		return wrong("query", kind+" have no query", "use filter")
	case s.config.Filter != nil && s.service != "":
		return wrong("filter", kind+" have no filter", "use query")
	case s.config.Changes && !s.changes:
		return wrong("changes", kind+" have no versions", "leave it out")
	case s.config.Every != 0 && !s.snapshot:
		return wrong("every", kind+" are no snapshot", "leave it out")
	case s.config.Every < 0:
		return wrong("every", "it is negative", "")
	}
	return nil
}

// parse reads the query or the filter.
func (s *Stream) parse() error {
	if s.service == "" {
		if s.config.Filter == nil {
			return nil
		}
		text, err := json.Marshal(s.config.Filter)
		s.text = string(text)
		return err
	}
	query, err := cql.Parse(s.config.Query)
	if err != nil {
		return err
	}
	if len(query.Functions) > 0 {
		return wrong("query", "it has a function after a pipe", "an export reads all records: leave the function out")
	}
	s.query, s.text = query, strings.TrimSpace(s.config.Query)
	return nil
}

// Name returns the name of the stream.
func (s *Stream) Name() string { return s.config.Name }

// Kind returns the kind of the stream.
func (s *Stream) Kind() Kind { return s.config.Kind }

// ID returns the id of the feed of a tenant.
func (s *Stream) ID(environment, tenant string) FeedID {
	return FeedID{
		Stream: s.config.Name, Environment: environment, Tenant: tenant, Query: s.text, Changes: s.config.Changes,
	}
}

// bounds returns the bounds of the query, each zero if there is none.
func (s *Stream) bounds(began time.Time) (from, to time.Time, err error) {
	if s.query == nil {
		return from, to, nil
	}
	from, to, err = s.query.Window(began)
	if s.query.Latest == nil {
		to = time.Time{}
	}
	return from, to, err
}

// narrowed returns the query of a window.
func (s *Stream) narrowed(r search) (*cql.Query, error) {
	return s.query.Narrow(r.began, r.window.From, r.window.To)
}

// record returns a record as a sink receives it, without stream and environment of the feed, and when
// it arrived at the server, if that is known.
func (s *Stream) record(data json.RawMessage) (r core.Record, arrived time.Time, err error) {
	fields := rawjson.NewReader(data)
	if r.Time, err = timeAt(fields, s.time); err != nil {
		return r, arrived, err
	}
	r.ID, r.Data = rawjson.Text(fields.At(s.id...)), data
	if r.ID == "" {
		return r, arrived, absent(s.id)
	}
	if s.tenant != nil {
		r.Tenant = rawjson.Text(fields.At(s.tenant...))
	}
	if s.config.Changes {
		if r.Time, err = timeAt(fields, s.version); err != nil {
			return r, arrived, err
		}
		r.Version = core.FormatTime(r.Time)
	}
	if s.arrived != nil && !s.config.Changes {
		arrived, _ = timeAt(fields, s.arrived)
	}
	return r, arrived, nil
}

func absent(path []string) error {
	return fmt.Errorf("a record has no %s: the server's schema differs, or the selection leaves it out", strings.Join(path, "."))
}

// timeAt returns a time of a record.
func timeAt(fields *rawjson.Reader, path []string) (time.Time, error) {
	if path == nil {
		return time.Time{}, nil
	}
	value := fields.At(path...)
	if value == nil {
		return time.Time{}, absent(path)
	}
	if seconds := rawjson.Member(value, "seconds"); seconds != "" { // the common form, without decoding
		return unix(seconds, rawjson.Member(value, "nanos"))
	}
	var t core.Time
	if err := t.UnmarshalJSON(value); err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", strings.Join(path, "."), err)
	}
	return t.UTC(), nil
}
