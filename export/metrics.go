package export

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Metrics counts what an export does. The zero value is ready; it can be read while the export runs.
type Metrics struct {
	mu       sync.Mutex
	feeds    map[string]*feedMetrics
	failures int64 // of the sink
	sink     string
	commits  int64
	last     time.Time // of the last commit
}

type feedMetrics struct {
	progress Progress
	at       time.Time // the server's time of the last pass
	failures int64
	err      string // of the last pass, "" if it succeeded
}

func (m *Metrics) feed(p Progress) *feedMetrics {
	if m.feeds == nil {
		m.feeds = map[string]*feedMetrics{}
	}
	f := m.feeds[p.Feed.Key()]
	if f == nil {
		f = &feedMetrics{}
		m.feeds[p.Feed.Key()] = f
	}
	return f
}

// passed notes the end of a pass over a feed.
func (m *Metrics) passed(p Progress, now time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.feed(p)
	if f.progress.Feed == (FeedID{}) {
		f.progress = p
	}
	f.at, f.err = now, ""
	if err != nil {
		f.failures++
		f.err = err.Error()
	}
}

// released removes a feed that another exporter reads from now on.
func (m *Metrics) released(id FeedID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.feeds, id.Key())
}

// committed notes a commit.
func (m *Metrics) committed(c Commit, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	m.last, m.sink = now, ""
	for _, change := range c.Feeds {
		m.feed(change.Progress).progress = change.Progress
	}
}

// sinkFailed notes an attempt to deliver that failed.
func (m *Metrics) sinkFailed(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures++
	m.sink = err.Error()
}

// Health is the state of an export in one look.
type Health struct {
	OK bool `json:"ok"`
	// Sink is the error of the sink, "" if it takes records.
	Sink string `json:"sink,omitempty"`
	// Committed is when the last batch was committed.
	Committed time.Time    `json:"committed,omitzero"`
	Feeds     []FeedHealth `json:"feeds"`
}

// FeedHealth is the state of one feed.
type FeedHealth struct {
	Feed    FeedID    `json:"feed"`
	Through time.Time `json:"through,omitzero"`
	// Behind is how far Through is behind the server's clock, in seconds.
	Behind float64 `json:"behind_seconds"`
	// Error is the error of the last pass, "" if it succeeded.
	Error string `json:"error,omitempty"`
}

// Health returns the state of the export. It is OK unless the sink or a feed fails.
func (m *Metrics) Health() Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := Health{OK: m.sink == "", Sink: m.sink, Committed: m.last, Feeds: []FeedHealth{}}
	for _, f := range m.list() {
		h.OK = h.OK && f.err == ""
		h.Feeds = append(h.Feeds, FeedHealth{
			Feed: f.progress.Feed, Through: f.progress.Through, Behind: f.behind(), Error: f.err,
		})
	}
	return h
}

func (f *feedMetrics) behind() float64 {
	if f.at.IsZero() || f.progress.Through.IsZero() {
		return 0
	}
	return max(f.at.Sub(f.progress.Through).Seconds(), 0)
}

func (m *Metrics) list() []*feedMetrics {
	return slices.SortedFunc(maps.Values(m.feeds), func(a, b *feedMetrics) int {
		return compareIDs(a.progress.Feed, b.progress.Feed)
	})
}

// WriteOpenMetrics writes the metrics in the text format of OpenMetrics 1.0.
func (m *Metrics) WriteOpenMetrics(w io.Writer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	feeds := m.list()
	family := func(name, kind, help string, value func(*feedMetrics) string) {
		suffix := ""
		if kind == "counter" {
			suffix = "_total"
		}
		fmt.Fprintf(&b, "# TYPE %s %s\n# HELP %s %s\n", name, kind, name, help)
		for _, f := range feeds {
			fmt.Fprintf(&b, "%s%s{%s} %s\n", name, suffix, labels(f.progress.Feed), value(f))
		}
	}
	integer := func(n int64) string { return strconv.FormatInt(n, 10) }
	family("taegis_export_records", "counter", "Records that were delivered.",
		func(f *feedMetrics) string { return integer(f.progress.Records - f.progress.Refused) })
	family("taegis_export_duplicates", "counter", "Records that were read again and dropped.",
		func(f *feedMetrics) string { return integer(f.progress.Duplicates) })
	family("taegis_export_refused", "counter", "Records that went to the dead-letter file.",
		func(f *feedMetrics) string { return integer(f.progress.Refused) })
	family("taegis_export_failures", "counter", "Passes over a feed that failed.",
		func(f *feedMetrics) string { return integer(f.failures) })
	family("taegis_export_behind_seconds", "gauge", "How far a feed is behind the server's clock.",
		func(f *feedMetrics) string { return strconv.FormatFloat(f.behind(), 'g', -1, 64) })
	family("taegis_export_lateness_seconds", "gauge", "The longest time by which a record arrived late.",
		func(f *feedMetrics) string { return strconv.FormatFloat(f.progress.Lateness.Seconds(), 'g', -1, 64) })
	for _, f := range []struct {
		name, kind, suffix, help string
		value                    int64
	}{
		{"taegis_export_sink_failures", "counter", "_total", "Deliveries that failed and were repeated.", m.failures},
		{"taegis_export_commits", "counter", "_total", "Batches or groups of batches that were committed.", m.commits},
		{"taegis_export_committed_timestamp_seconds", "gauge", "", "When the last batch was committed.", m.last.Unix()},
	} {
		if f.value < 0 { // no commit yet
			f.value = 0
		}
		fmt.Fprintf(&b, "# TYPE %s %s\n# HELP %s %s\n%s%s %d\n", f.name, f.kind, f.name, f.help, f.name, f.suffix, f.value)
	}
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func labels(id FeedID) string {
	return fmt.Sprintf(`stream="%s",environment="%s",tenant="%s"`,
		labelEscapes.Replace(id.Stream), labelEscapes.Replace(id.Environment), labelEscapes.Replace(id.Tenant))
}
