package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/taegistest/emulator"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// eventCriterion draws a condition on one field of events of the types process and auth.
func eventCriterion(t *rapid.T) criterion[*corpus.Event] {
	text := func(e *corpus.Event, field string) string { s, _ := e.Value(field).(string); return s }
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		kind := rapid.SampledFrom([]string{"ENDPOINT_SOPHOS", "CLOUD", "SYSLOG"}).Draw(t, "sensor")
		return criterion[*corpus.Event]{"sensor_type = '" + kind + "'", func(e *corpus.Event) bool { return text(e, "sensor_type") == kind }}
	case 1:
		prefix := rapid.SampledFrom([]string{"wks", "srv", "lab"}).Draw(t, "prefix")
		return criterion[*corpus.Event]{"@host MATCHES '" + prefix + "-*'", func(e *corpus.Event) bool {
			return strings.HasPrefix(text(e, "hostname"), prefix+"-")
		}}
	case 2:
		part := rapid.SampledFrom([]string{"A", "svc", "nothing"}).Draw(t, "part")
		return criterion[*corpus.Event]{"username contains '" + part + "'", func(e *corpus.Event) bool {
			return strings.Contains(strings.ToLower(text(e, "username")), strings.ToLower(part))
		}}
	case 3:
		digit := rapid.IntRange(0, 9).Draw(t, "digit")
		return criterion[*corpus.Event]{fmt.Sprintf("sensor_id !MATCHES_REGEX '%d$'", digit), func(e *corpus.Event) bool {
			return !strings.HasSuffix(text(e, "sensor_id"), fmt.Sprint(digit))
		}}
	default:
		return criterion[*corpus.Event]{"hostname IS NOT NULL", func(*corpus.Event) bool { return true }}
	}
}

// The emulator sends exactly the events that a filter over all of them finds, over all pages.
func TestEventsFindWhatAFilterFinds(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := start(t, emulator.Config{Now: func() time.Time { return at }, TokenLifetime: 24 * time.Hour})
	access := token(t, s)
	found := 0
	t.Cleanup(func() { t.Logf("%d events found", found) })
	test := t
	rapid.Check(t, func(t *rapid.T) {
		size := emulator.Corpus{
			Seed: rapid.Uint64().Draw(t, "seed"), Events: rapid.SampledFrom([]int{-1, 1, 400}).Draw(t, "events"), Span: 40 * time.Hour,
			Late: rapid.SampledFrom([]time.Duration{0, 2 * time.Hour}).Draw(t, "late"),
		}
		s.Configure(func(c *emulator.Config) { c.Corpus = size })
		of := sizeOf(size, at)
		of.Events = max(size.Events, 0)
		records := corpus.New(emulator.DemoTenant, of)
		where := anyCriterion(t, 2, eventCriterion)
		earliest := at.Add(-time.Duration(rapid.IntRange(0, 48*3600).Draw(t, "earliest")) * time.Second)
		query := "FROM process, auth WHERE " + where.text + " EARLIEST='" + earliest.Format(time.RFC3339) + "'"
		want := []string{}
		for i := range records.Events.Len() {
			e := records.Events.At(i)
			if (e.Type.Name == "process" || e.Type.Name == "auth") && !e.Created.Before(earliest) && !e.Inserted.After(at) && where.holds(e) {
				want = append(want, e.ID())
			}
		}
		got := findEvents(test, s, access, query, rapid.IntRange(1, 50).Draw(t, "page"))
		if found += len(got); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Fatalf("%s\nfound %d events, want %d", query, len(got), len(want))
		}
	})
}

// findEvents returns the IDs of the events of all pages.
func findEvents(t *testing.T, s *emulator.Server, access, query string, size int) []string {
	t.Helper()
	ids := []string{}
	for field := fmt.Sprintf(`eventQuery(query: %q, options: {pageSize: %d})`, query, size); field != ""; {
		next := ""
		for _, m := range subscribe(t, s, access, field) {
			next += m.Next
			if m.Result == nil {
				continue
			}
			for _, r := range m.Result.Rows {
				ids = append(ids, fmt.Sprint(r["resource_id"]))
			}
		}
		if field = ""; next != "" {
			field = fmt.Sprintf("eventPage(id: %q)", next)
		}
	}
	return ids
}
