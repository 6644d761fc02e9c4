package cql_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// at parses a time of 2026-03-DD HH:MM:SS, with or without a fraction.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	parsed, err := time.Parse("2006-01-02T15:04:05", "2026-03-"+s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// short leaves out of a text of a query what all of them have.
func short(text string) string {
	return strings.NewReplacer("2026-03-", "", "EARLIEST=", "", "LATEST=", "", "'", "", "Z",
		"").Replace(text)
}

func TestResolve(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"EARLIEST=-1d":            "03T15:16:17",
		"EARLIEST=-1d@d":          "03T00:00:00",
		"LATEST=-1m":              "04T15:15:18",
		"EARLIEST=-1d LATEST=-0s": "03T15:16:17 04T15:16:18",
		"EARLIEST='2026-03-01T00:00:00.500Z' LATEST=-1d": "01T00:00:00.500 03T15:16:18",
	} {
		q := mustParse(t, text)
		got, err := q.Resolve(now)
		if err != nil || short(got.String()) != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
		if !q.Equal(mustParse(t, text)) {
			t.Errorf("%s was changed to %s", text, q)
		}
	}
}

func TestNarrow(t *testing.T) {
	for _, c := range []struct{ text, earliest, latest, want string }{
		{"", "", "", ""},
		{"", "02T00:00:00", "", "02T00:00:00"},
		{"", "", "02T00:00:00", "02T00:00:00"},
		{"", "02T00:00:00.7", "02T00:00:00.7", "02T00:00:00 02T00:00:01"},
		{"EARLIEST=-1d", "02T00:00:00", "", "03T15:16:17"},
		{"EARLIEST=-1d", "04T00:00:00", "", "04T00:00:00"},
		{"EARLIEST=-1d LATEST=-1h", "", "04T00:00:00", "03T15:16:17 04T00:00:00"},
		{"EARLIEST=-1d LATEST=-1h", "", "05T00:00:00", "03T15:16:17 04T14:16:18"},
		{
			"EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-02T00:00:00Z'", "01T00:00:00", "02T00:00:00",
			"01T00:00:00 02T00:00:00",
		},
		{
			"EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-02T00:00:00Z'", "02T00:00:00", "03T00:00:00",
			"02T00:00:00 02T00:00:00",
		},
		{"EARLIEST='2026-03-01T00:00:00.500Z'", "01T00:00:00.2", "", "01T00:00:00.500"},
	} {
		q := mustParse(t, c.text)
		got, err := q.Narrow(now, at(t, c.earliest), at(t, c.latest))
		if err != nil || short(got.String()) != c.want {
			t.Errorf("%s with %s, %s: %s, %v; want %s", c.text, c.earliest, c.latest, got, err, c.want)
		}
	}
}

func TestEmptyWindows(t *testing.T) {
	for _, c := range []struct{ text, earliest, latest string }{
		{"EARLIEST=-1h LATEST=-1d", "", ""},
		{"EARLIEST=-1d", "", "03T15:16:17"},
		{"LATEST='2026-03-01T00:00:00Z'", "01T00:00:01", ""},
		{"", "02T00:00:00", "01T00:00:00"},
		{"", "05T00:00:00", ""}, // after now
	} {
		q := mustParse(t, c.text)
		if got, err := q.Narrow(now, at(t, c.earliest), at(t, c.latest)); !errors.Is(err,
			cql.ErrEmptyWindow) || got != nil {
			t.Errorf("%s with %s, %s: %v, %v", c.text, c.earliest, c.latest, got, err)
		}
	}
	q := mustParse(t, "EARLIEST=-1h LATEST=-1d")
	if _, err := q.Resolve(now); !errors.Is(err, cql.ErrEmptyWindow) {
		t.Error(err)
	}
	if _, err := q.Split(now, time.Hour, cql.AnyOrder); !errors.Is(err, cql.ErrEmptyWindow) {
		t.Error(err)
	}
}

func TestWindowsOfInvalidBounds(t *testing.T) {
	for _, text := range []string{"EARLIEST='-1d'", "EARLIEST=-1d LATEST='now'"} {
		q := mustParse(t, text)
		var bad *cql.BoundError
		if _, _, err := q.Window(now); !errors.As(err, &bad) {
			t.Errorf("%s: %v", text, err)
		}
		if got, err := q.Narrow(now, now, now); got != nil || !errors.As(err, &bad) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if got, err := q.Split(now, time.Hour, cql.AnyOrder); got != nil || !errors.As(err, &bad) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, year := range []int{0, 10_000} {
		far := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		q := mustParse(t, "EARLIEST=-1d LATEST=-1h")
		var bad *cql.ValueError
		if got, err := q.Resolve(far); got != nil || !errors.As(err, &bad) {
			t.Errorf("%d: %v, %v", year, got, err)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit time.Duration
		order cql.Order
		want  string
	}{
		{
			"EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-03T12:00:00Z'", 24 * time.Hour, cql.OldestFirst,
			"01T00:00:00 02T00:00:00; 02T00:00:00 03T00:00:00; 03T00:00:00 03T12:00:00",
		},
		{
			"EARLIEST='2026-03-01T00:00:00Z' LATEST='2026-03-03T00:00:00Z'", 24 * time.Hour, cql.AnyOrder,
			"02T00:00:00 03T00:00:00; 01T00:00:00 02T00:00:00",
		},
		{
			"EARLIEST=-2h", time.Hour, cql.OldestFirst,
			"04T13:16:17 04T14:16:17; 04T14:16:17 04T15:16:17; 04T15:16:17 04T15:16:18",
		},
		{"EARLIEST=-2h", 24 * time.Hour, cql.AnyOrder, "04T13:16:17 04T15:16:18"},
		{"EARLIEST=-0s LATEST=-0s", time.Second, cql.AnyOrder, "04T15:16:17 04T15:16:18"},
		{
			"EARLIEST=-2s LATEST=-0s", 1999 * time.Millisecond, cql.OldestFirst,
			"04T15:16:15 04T15:16:16; 04T15:16:16 04T15:16:17; 04T15:16:17 04T15:16:18",
		},
		{
			"EARLIEST='2026-03-01T00:00:00.250Z' LATEST='2026-03-01T00:00:01.750Z'", time.Second,
			cql.OldestFirst,
			"01T00:00:00.250 01T00:00:01; 01T00:00:01 01T00:00:01.750",
		},
		{
			"FROM http WHERE a = 1 EARLIEST=-2h LATEST=-0h@h | sort event_time_usec, uri | fields uri | head 5", 2 * time.Hour, cql.AnyOrder,
			"FROM http WHERE a = 1 04T13:16:17 04T15:00:00 | sort event_time_usec, uri | fields uri | head 5",
		},
	} {
		q := mustParse(t, c.text)
		parts, err := q.Split(now, c.limit, c.order)
		var got []string
		for _, part := range parts {
			got = append(got, short(part.String()))
			mustParse(t, part.String())
		}
		if text := strings.Join(got, "; "); err != nil || text != c.want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", c.text, text, err, c.want)
		}
		if !q.Equal(mustParse(t, c.text)) {
			t.Errorf("%s was changed to %s", c.text, q)
		}
	}
}

func TestSplitFollowsTheSort(t *testing.T) {
	for text, newestFirst := range map[string]bool{
		"EARLIEST=-3d | sort event_time_usec":           false,
		"EARLIEST=-3d | sort Event_Time_usec ASC":       false,
		"EARLIEST=-3d | sort event_time_usec DESC, uri": true,
		"EARLIEST=-3d": true,
	} {
		parts, err := mustParse(t, text).Split(now, 24*time.Hour, cql.AnyOrder)
		if err != nil {
			t.Fatal(err)
		}
		if got := parts[0].Earliest.Text > parts[1].Earliest.Text; got != newestFirst {
			t.Errorf("%s: %v", text, parts)
		}
	}
}

func TestQueriesThatCannotBeSplit(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit time.Duration
		order cql.Order
	}{
		{"FROM http", time.Hour, cql.AnyOrder},
		{"LATEST=-1h", time.Hour, cql.AnyOrder},
		{"EARLIEST=-1d | tail 3", time.Hour, cql.AnyOrder},
		{"EARLIEST=-1d | aggregate count", time.Hour, cql.AnyOrder},
		{"EARLIEST=-1d | head 3 | sort event_time_usec", time.Hour, cql.AnyOrder},
		{"EARLIEST=-1d | sort uri", time.Hour, cql.AnyOrder},
		{"EARLIEST=-1d | sort ingest_time_usec", time.Hour, cql.AnyOrder},
		{"EARLIEST=-1d | sort event_time_usec", time.Hour, cql.NewestFirst},
		{"EARLIEST=-1d | sort event_time_usec DESC", time.Hour, cql.OldestFirst},
		{"EARLIEST=-1d", time.Second - 1, cql.AnyOrder},
		{"EARLIEST=-1d", 0, cql.AnyOrder},
		{"EARLIEST=-1d", -time.Hour, cql.AnyOrder},
		{"EARLIEST='0001-01-01T00:00:00Z'", time.Second, cql.AnyOrder},
	} {
		var bad *cql.ValueError
		if parts, err := mustParse(t, c.text).Split(now, c.limit, c.order); parts != nil ||
			!errors.As(err, &bad) {
			t.Errorf("%s: %v, %v", c.text, parts, err)
		}
	}
}

// TestSplitLosesNothing holds that each instant of the window is in a part, for servers that
// compare exactly and for those that compare whole seconds, and outside of boundaries in one part
// only.
func TestSplitLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		length := time.Duration(random.Int64N(int64(100 * time.Hour)))
		q := &cql.Query{Earliest: cql.At(now.Add(-length)), Latest: cql.At(now)}
		limit := time.Duration(1+random.Int64N(int64(200*time.Hour/time.Second))) * time.Second
		parts, err := q.Split(now, limit, cql.Order(random.IntN(3)))
		if err != nil {
			t.Fatal(err)
		}
		from, to, _ := q.Window(now)
		records := []time.Time{from, to}
		for range 20 {
			records = append(records, from.Add(time.Duration(random.Int64N(int64(to.Sub(from))+1))))
		}
		for _, part := range parts {
			start, end, _ := part.Window(now)
			if end.Sub(start) > limit || end.Before(start) {
				t.Fatalf("%s is longer than %s", part, limit)
			}
			records = append(records, start.Add(500*time.Millisecond), end.Add(-1))
		}
		records = slices.DeleteFunc(records,
			func(r time.Time) bool { return r.Before(from) || r.After(to) })
		for _, record := range records {
			exact, seconds := 0, 0
			for _, part := range parts {
				start, end, _ := part.Window(now)
				if !record.Before(start) && !record.After(end) {
					exact++
				}
				if whole := record.Truncate(time.Second); !whole.Before(start) && !whole.After(end) {
					seconds++
				}
			}
			if exact < 1 || exact > 2 || seconds < 1 || seconds > 2 {
				t.Fatalf("%s is in %d and %d parts of %v", record, exact, seconds, parts)
			}
		}
	}
}
