package search

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// agoForm is a number of units, for example 24h or 90d.
var agoForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(\d+)(s|m|h|d|w|mo|y)$`) })

// ParseInstant reads the value of a flag such as --since: an amount of time before now (24h, 30d), a date
// or a time in the format of RFC 3339. A date means its first second in UTC, or its last one if end is
// set.
func ParseInstant(flag, text string, now time.Time, end bool) (time.Time, error) {
	if parts := agoForm().FindStringSubmatch(text); parts != nil {
		amount, err := strconv.Atoi(parts[1])
		if err != nil {
			return time.Time{}, fmt.Errorf("%s %q is too long", flag, text)
		}
		return cql.Ago(amount, cql.Unit(parts[2])).Time(now)
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if end {
			return day.AddDate(0, 0, 1).Add(-time.Second), nil
		}
		return day, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%s %q is not a time: use for example 24h, 30d, 2026-03-01 or 2026-03-01T12:00:00Z", flag, text)
}
