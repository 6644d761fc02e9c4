package cql_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// now is a Wednesday.
var now = time.Date(2026, 3, 4, 15, 16, 17, 500_000_000, time.UTC)

func TestBoundTime(t *testing.T) {
	for _, c := range []struct{ bound, want string }{
		{"-0s", "2026-03-04T15:16:17.5Z"},
		{"-90s", "2026-03-04T15:14:47.5Z"},
		{"-1m", "2026-03-04T15:15:17.5Z"},
		{"-24h", "2026-03-03T15:16:17.5Z"},
		{"-1D", "2026-03-03T15:16:17.5Z"},
		{"-2w", "2026-02-18T15:16:17.5Z"},
		{"-1mo", "2026-02-02T15:16:17.5Z"},
		{"-1y", "2025-03-04T15:16:17.5Z"},
		{"-0s@s", "2026-03-04T15:16:17Z"},
		{"-1h@m", "2026-03-04T14:16:00Z"},
		{"-1d@h", "2026-03-03T15:00:00Z"},
		{"-1d@d", "2026-03-03T00:00:00Z"},
		{"-0d@W", "2026-03-02T00:00:00Z"},
		{"-3d@w", "2026-02-23T00:00:00Z"},
		{"-1d@MO", "2026-03-01T00:00:00Z"},
		{"-1mo@y", "2026-01-01T00:00:00Z"},
		{"'2026-03-01T00:00:00Z'", "2026-03-01T00:00:00Z"},
		{"'2026-03-01T00:00:00'", "2026-03-01T00:00:00Z"},
		{"'2026-03-01T00:00:00.250Z'", "2026-03-01T00:00:00.25Z"},
		{"'2026-03-01T00:00:00.000001'", "2026-03-01T00:00:00.000001Z"},
	} {
		b := mustParse(t, "EARLIEST="+c.bound).Earliest
		got, err := b.Time(now.In(time.FixedZone("", 3600)))
		if err != nil || got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.bound, got.Format(time.RFC3339Nano), err, c.want)
		}
		if b.Relative() != (c.bound[0] == '-') {
			t.Errorf("%s: Relative is %v", c.bound, b.Relative())
		}
	}
}

func TestBoundsThatAreNoTime(t *testing.T) {
	var bounds []*cql.Bound
	for _, s := range []string{
		"", "-1d", "now", "2026-03-01", "2026-03-01T00:00:00+01:00", "2026-03-01 00:00:00",
		"2026-03-01T00:00Z",
		"2026-03-01T00:00:00,5Z", "2026-03-01T00:00:00.Z", "2026-03-01T00:00:00.1234567890Z",
		"2026-03-01T24:00:00Z",
		"2026-02-29T00:00:00Z", "2026-3-1T0:00:00Z", "1772323200", "2026-03-01T00:00:00z",
		"2026-03-01T00:00:00ZZ",
		"2026-03-01T00:00:00.-1", strings.Repeat("x", 10_000),
	} {
		bounds = append(bounds, &cql.Bound{Text: s})
	}
	bounds = append(bounds,
		cql.Ago(-1, cql.Day), cql.Ago(300, cql.Year), cql.Ago(1, "fortnight"),
		&cql.Bound{Amount: 1, Unit: cql.Day, Snap: "q"})
	for _, b := range bounds {
		_, err := b.Time(now)
		var bad *cql.BoundError
		if !errors.As(err, &bad) || bad.Hint() == "" || len(err.Error()) > 300 {
			t.Errorf("%.40q: %v", b.Text, err)
		}
	}
}

func TestAt(t *testing.T) {
	b := cql.At(time.Date(2026, 3, 1, 1, 30, 0, 999, time.FixedZone("", 3600)))
	if b.Text != "2026-03-01T00:30:00Z" || b.Relative() {
		t.Errorf("%+v", b)
	}
}
