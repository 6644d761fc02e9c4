package search

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/cql"
)

var now = time.Date(2026, 3, 10, 12, 0, 0, 500_000_000, time.UTC)

func TestParseInstant(t *testing.T) {
	for text, want := range map[string]string{
		"24h":                       "2026-03-09T12:00:00Z",
		"-24h":                      "2026-03-09T12:00:00Z",
		"30d":                       "2026-02-08T12:00:00Z",
		"1mo":                       "2026-02-08T12:00:00Z",
		"1h30m":                     "2026-03-10T10:30:00Z",
		"2026-03-01":                "2026-03-01T00:00:00Z",
		"2026-03-01T12:00:00+01:00": "2026-03-01T11:00:00Z",
		"2026-03-01T12:00:00.25Z":   "2026-03-01T12:00:00Z",
	} {
		got, err := ParseInstant("--since", text, now, false)
		if err != nil || got.UTC().Truncate(time.Second).Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got, err := ParseInstant("--until", "2026-03-01", now, true); err != nil || got.Format(time.RFC3339) != "2026-03-01T23:59:59Z" {
		t.Errorf("the end of a day: %v, %v", got, err)
	}
	for _, text := range []string{"", "yesterday", "5", "1.5d", "2026-13-01", "2026-03-01 12:00", "now", "99999999999999999999d", "1e3h"} {
		if got, err := ParseInstant("--since", text, now, false); err == nil || !strings.HasPrefix(err.Error(), "--since ") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

var (
	alerts = &Source{Noun: "alerts", Service: cql.Detections, ServerHead: true}
	events = &Source{Noun: "events", Service: cql.Events, ServerHead: true, ServerTail: true, MaxWindow: 30*24*time.Hour + time.Minute}
	cases  = &Source{Noun: "cases", Service: cql.Cases}
)

func TestPlans(t *testing.T) {
	day := now.Add(-24 * time.Hour)
	for name, test := range map[string]struct {
		source       *Source
		query        string
		since, until time.Time
		first        string // the first window
		windows      int
		notes        string
	}{
		"no bound": {
			alerts, "severity >= 0.6",
			time.Time{},
			time.Time{},
			"WHERE severity >= 0.6 EARLIEST='2026-03-09T12:00:00Z' LATEST='2026-03-10T12:00:01Z'", 1, "24 hours before 2026-03-10T12:00:00Z",
		},
		"a relative bound": {
			alerts, "FROM alert EARLIEST=-1h",
			time.Time{},
			time.Time{},
			"FROM alert EARLIEST='2026-03-10T11:00:00Z' LATEST='2026-03-10T12:00:01Z'", 1, "",
		},
		"the narrower bounds": {
			alerts, "FROM alert EARLIEST=-7d LATEST=-2d", day.Add(-48 * time.Hour), day,
			"FROM alert EARLIEST='2026-03-07T12:00:00Z' LATEST='2026-03-08T12:00:01Z'", 1, "",
		},
		"only an end": {
			alerts, "FROM alert",
			time.Time{},
			time.Date(2026, 3, 1, 23, 59, 59, 0, time.UTC),
			"FROM alert EARLIEST='2026-02-28T23:59:59Z' LATEST='2026-03-01T23:59:59Z'", 1, "24 hours before 2026-03-01T23:59:59Z",
		},
		"a long window of events": {
			events, "FROM process EARLIEST=-90d",
			time.Time{},
			time.Time{},
			"FROM process EARLIEST='2026-02-08T12:02:00Z' LATEST='2026-03-10T12:00:01Z'", 3, "",
		},
		"head of cases is cut here": {
			cases, "status = 'OPEN' EARLIEST=-1d | head 3",
			time.Time{},
			time.Time{},
			"WHERE status = 'OPEN' EARLIEST='2026-03-09T12:00:00Z' LATEST='2026-03-10T12:00:01Z'", 1, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := test.source.newPlan(test.query, now, test.since, test.until)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.windows[0].String(); got != test.first || len(p.windows) != test.windows {
				t.Errorf("%d windows, the first is %s", len(p.windows), got)
			}
			if notes := strings.Join(p.notes, "\n"); (notes == "") != (test.notes == "") || !strings.Contains(notes, test.notes) {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	for query, source := range map[string]*Source{
		"FROM alert WHERE status NOT IN ('OPEN')": alerts,
		"FROM process":            alerts,
		"FROM alert":              events,
		"EARLIEST=-1d LATEST=-2d": alerts,
		"FROM process EARLIEST=-90d | aggregate count":          events,
		"FROM process EARLIEST=-90d | tail 5":                   events,
		"FROM alert | tail 5 | head 3":                          alerts,
		"FROM alert EARLIEST='2026-03-01T00:00:00+01:00'":       alerts,
		"FROM alert EARLIEST=-1d EARLIEST=-2d":                  alerts,
		"FROM alert WHERE (status = 'OPEN' EARLIEST=-1d":        alerts,
		"FROM alert WHERE metadata.title = 'an's' EARLIEST=-1d": alerts,
	} {
		if p, err := source.newPlan(query, now, time.Time{}, time.Time{}); err == nil {
			t.Errorf("%s: %s, %v", query, p.windows[0], p.notes)
		}
	}
}

func TestCursorFile(t *testing.T) {
	of := identity{Command: "taegis alerts search", Environment: "charlie", Tenant: "1", Query: "a", Since: "1d"}
	path := filepath.Join(t.TempDir(), "cursor")
	open := func(of identity) (*cursor, position, error) { return openCursor(context.Background(), path, of, now) }

	c, at, err := open(of)
	if err != nil || !at.Time.Equal(now.Truncate(time.Second)) || at.Done {
		t.Fatalf("%+v, %v", at, err)
	}
	want := position{Time: at.Time, Window: 2, Page: "1.abc", Edge: []string{"x"}, Rows: 7}
	if err := c.save(want); err != nil {
		t.Fatal(err)
	}
	if _, got, err := open(of); err != nil || got.Window != 2 || got.Page != "1.abc" || got.Rows != 7 || got.Edge[0] != "x" || !got.Time.Equal(at.Time) {
		t.Errorf("%+v, %v", got, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*identity){
		"command":     func(i *identity) { i.Command = "taegis events search" },
		"environment": func(i *identity) { i.Environment = "delta" },
		"tenant":      func(i *identity) { i.Tenant = "2" },
		"query":       func(i *identity) { i.Query = "b" },
		"--since":     func(i *identity) { i.Since = "2d" },
		"--until":     func(i *identity) { i.Until = "1d" },
	} {
		other := of
		change(&other)
		if _, _, err := open(other); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), path) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for _, junk := range []string{"junk", "{}", `{"version":1}`, string(before) + "x", `[1]`, `{"version":2,"time":"2026-03-10T12:00:00Z"}`} {
		if err := os.WriteFile(path, []byte(junk), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := open(of); err == nil {
			t.Errorf("%q was accepted", junk)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != junk {
			t.Errorf("%q became %q, %v", junk, after, err)
		}
	}
	if err := os.WriteFile(path, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, at, err := open(of); err != nil || at.Rows != 0 || at.Done {
		t.Errorf("an empty file: %+v, %v", at, err)
	}
	path = filepath.Join(t.TempDir(), "no", "folder")
	if _, _, err := open(of); err == nil {
		t.Error("a file that cannot be written was accepted")
	}
}
