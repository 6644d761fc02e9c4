package cql

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// Bound is the value of EARLIEST or LATEST: relative to the time of the search if Unit is set, else
// an absolute time.
type Bound struct {
	// Amount is the number of units from the bound to the time of the search.
	Amount int
	// Unit is the unit of a relative bound, "" for an absolute one.
	Unit Unit
	// Snap rounds a relative bound down to the start of this unit in UTC, for example of the day;
	// "" does not round it.
	Snap Unit
	// Text is the quoted text of an absolute bound. The parser accepts any text; [Bound.Time]
	// returns an error if it is not a time.
	Text string
	Pos  Position
}

// Unit is a unit of time.
type Unit string

// The units. A month has 30 days and a year 365, as in public clients; how long they are for the
// server is not known. See docs/protocol.md#time-bounds.
const (
	Second Unit = "s"
	Minute Unit = "m"
	Hour   Unit = "h"
	Day    Unit = "d"
	Week   Unit = "w"
	Month  Unit = "mo"
	Year   Unit = "y"
)

// Duration returns the length of the unit, 0 if there is no such unit.
func (u Unit) Duration() time.Duration {
	const day = 24 * time.Hour
	switch u {
	case Second:
		return time.Second
	case Minute:
		return time.Minute
	case Hour:
		return time.Hour
	case Day:
		return day
	case Week:
		return 7 * day
	case Month:
		return 30 * day
	case Year:
		return 365 * day
	}
	return 0
}

// start returns the start of the unit that t lies in, in UTC. Weeks begin on Monday.
func (u Unit) start(t time.Time) time.Time {
	t = t.UTC()
	year, month, day := t.Date()
	switch u {
	case Year:
		return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	case Month:
		return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	case Week:
		sinceMonday := (int(t.Weekday()) + 6) % 7
		return time.Date(year, month, day-sinceMonday, 0, 0, 0, 0, time.UTC)
	case Day:
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return t.Truncate(u.Duration())
}

// At returns the bound that is t in UTC, without fractions of a second.
func At(t time.Time) *Bound { return &Bound{Text: t.UTC().Format(timeLayout)} }

// Ago returns the bound that is an amount of units before the time of the search.
func Ago(amount int, unit Unit) *Bound { return &Bound{Amount: amount, Unit: unit} }

// timeLayout is how absolute times are written.
const timeLayout = "2006-01-02T15:04:05Z"

// Relative reports whether the bound is relative to the time of the search.
func (b *Bound) Relative() bool { return b.Unit != "" }

// Time returns the instant of the bound, in UTC, in a search that runs at now. It returns a
// [*BoundError] for an absolute bound that is not a time in the form of
// docs/protocol.md#time-bounds, and for a relative one that is out of range.
func (b *Bound) Time(now time.Time) (time.Time, error) {
	if !b.Relative() {
		t, ok := parseTime(b.Text)
		if !ok {
			reason := fmt.Sprintf("'%s' is not a time", text.Short(b.Text, 40))
			return time.Time{}, &BoundError{Bound: *b, Reason: reason, HintText: boundForm}
		}
		return t, nil
	}
	if reason := b.problem(); reason != "" {
		return time.Time{}, &BoundError{Bound: *b, Reason: reason, HintText: boundForm}
	}
	t := now.UTC().Add(-time.Duration(b.Amount) * b.Unit.Duration())
	if b.Snap != "" {
		t = b.Snap.start(t)
	}
	return t, nil
}

// boundForm is the hint of a bound that cannot be used.
const boundForm = "" +
	"write '2026-03-01T00:00:00Z', in UTC, or relative without quotes, for example -1d"

// problem says what is wrong with a relative bound, "" if nothing is.
func (b *Bound) problem() string {
	unit := b.Unit.Duration()
	switch {
	case unit == 0:
		return fmt.Sprintf("%q is not a unit of time", text.Short(string(b.Unit), 20))
	case b.Snap != "" && b.Snap.Duration() == 0:
		return fmt.Sprintf("%q is not a unit of time", text.Short(string(b.Snap), 20))
	case b.Amount < 0:
		return "a bound lies in the future"
	case int64(b.Amount) > math.MaxInt64/int64(unit):
		return "a bound lies too far in the past"
	}
	return ""
}

// parseTime parses an absolute bound: YYYY-MM-DDTHH:MM:SS, with up to nine decimals, with or
// without Z, in UTC.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimSuffix(s, "Z")
	whole, fraction, isFraction := strings.Cut(s, ".")
	if isFraction && (fraction == "" || len(fraction) > 9 || !isDigits(fraction)) {
		return time.Time{}, false
	}
	// time.Parse takes decimals after a comma too, and so the length has to fit.
	const layout = "2006-01-02T15:04:05"
	t, err := time.Parse(layout, whole)
	if err != nil || len(whole) != len(layout) {
		return time.Time{}, false
	}
	nanos, _ := strconv.Atoi((fraction + "000000000")[:9])
	return t.Add(time.Duration(nanos)), true
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// parseRelative parses -N and a unit, with or without @unit.
func parseRelative(s string) (*Bound, bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, snap, snapped := strings.Cut(strings.ToLower(s), "@")
	amount, unit, ok := parseSpan(s)
	b := &Bound{Amount: amount, Unit: unit, Snap: Unit(snap)}
	return b, ok && negative && snapped == (snap != "") && b.problem() == ""
}

// parseSpan parses N and a unit.
func parseSpan(s string) (amount int, unit Unit, ok bool) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	amount, err := strconv.Atoi(s[:digits])
	return amount, Unit(strings.ToLower(s[digits:])), err == nil
}
