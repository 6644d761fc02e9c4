package cql

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// maxEventWindow is the longest window of a search of events.
const maxEventWindow = 31 * 24 * time.Hour

// checkTime checks the bounds.
func (l *linter) checkTime() {
	valid := true
	for _, b := range []*Bound{l.Earliest, l.Latest} {
		if b != nil && !l.checkBound(b, b == l.Latest) {
			valid = false
		}
	}
	l.checkPresence()
	l.checkMinutes()
	if valid {
		l.checkWindow()
	}
}

// checkBound reports a bound that is not a time.
func (l *linter) checkBound(b *Bound, isLatest bool) bool {
	_, err := b.Time(l.now)
	switch {
	case err == nil && !b.Relative():
		if _, fraction, ok := strings.Cut(strings.TrimSuffix(b.Text, "Z"), "."); ok &&
			len(fraction) != 3 {
			l.warn(b.Pos, "decimals other than milliseconds may not be accepted",
				"write three decimals or none")
		}
		return true
	case err == nil:
		return true
	}
	reason, suggestion := rightBound(b.Text, isLatest)
	l.error(b.Pos, reason, suggestion)
	return false
}

// looseLayouts are forms of times that users write, with whether they have an offset.
var looseLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", "2006/01/02 15:04:05",
}

// spelledOut is a relative bound with the word of its unit, for example -3days.
var spelledOut = pattern(`^-? ?([0-9]{1,6}) ?([A-Za-z]+)(?: ago)?$`)

// unitWords are the units by the words that begin so.
var unitWords = []struct {
	prefix string
	unit   Unit
}{
	{"sec", Second}, {"mon", Month}, {"min", Minute}, {"h", Hour}, {"d", Day}, {"w", Week}, {"y", Year},
}

// rightBound says what is wrong with the text of an absolute bound, and its right form.
func rightBound(s string, isLatest bool) (reason, suggestion string) {
	trimmed := strings.TrimSpace(s)
	for _, sign := range []string{"", "-"} {
		if b, ok := parseRelative(sign + trimmed); ok {
			return "a quoted bound is an absolute time", "write it without quotes: " + relativeText(b)
		}
	}
	switch strings.ToLower(trimmed) {
	case "now", "now()":
		return "now is not a time", "leave LATEST out for now"
	case "today":
		return "today is not a time", "write -0d@d"
	case "yesterday":
		return "yesterday is not a time", "write -1d@d"
	}
	if match := spelledOut().FindStringSubmatch(trimmed); match != nil {
		for _, u := range unitWords {
			if strings.HasPrefix(strings.ToLower(match[2]), u.prefix) {
				return "units are s m h d w mo y", "write -" + match[1] + string(u.unit)
			}
		}
	}
	for _, layout := range []string{time.DateOnly, "2006/01/02", "20060102"} {
		if t, err := time.Parse(layout, trimmed); err == nil {
			if isLatest {
				t = t.Add(24*time.Hour - time.Second)
			}
			return "an absolute time is quoted and has a time of day", "write '" + At(t).Text + "'"
		}
	}
	for _, layout := range looseLayouts {
		if t, err := time.Parse(layout, strings.ToUpper(trimmed)); err == nil {
			return "times are written in UTC, without offset, as YYYY-MM-DDTHH:MM:SSZ",
				"write '" + At(t).Text + "'"
		}
	}
	return fmt.Sprintf("'%s' is not a time", text.Short(s, 40)), boundForm
}

// checkPresence reports bounds that are missing.
func (l *linter) checkPresence() {
	switch {
	case l.Earliest != nil:
	case l.Latest != nil:
		l.warn(l.Latest.Pos, "LATEST alone leaves the start to the server", "add "+earlierThan(l.Latest))
	case l.service == Events || l.chosen && !l.isByID():
		l.warn(l.start(), "without EARLIEST the server searches about a day", "add EARLIEST=-1d")
	}
}

// isByID reports whether the condition names records by their id.
func (l *linter) isByID() bool {
	found := false
	Inspect(l.Where, func(e Expr) bool {
		f, ok := fieldIn(e)
		found = found || ok &&
			(strings.EqualFold(f.Name, "resource_id") || strings.EqualFold(f.Name, "id"))
		return true
	})
	return found
}

// earlierThan returns an EARLIEST that fits a LATEST.
func earlierThan(latest *Bound) string {
	if latest.Relative() {
		return "EARLIEST=" + relativeText(Ago(max(1, 2*latest.Amount), latest.Unit))
	}
	t, ok := parseTime(latest.Text)
	if !ok {
		return "EARLIEST=-1d"
	}
	return "EARLIEST='" + At(t.Add(-24*time.Hour)).Text + "'"
}

// checkMinutes reports minutes that are probably meant as months.
func (l *linter) checkMinutes() {
	if l.Earliest == nil || l.Earliest.Unit != Minute || l.Latest != nil {
		return
	}
	capital := false
	if at := l.Earliest.Pos.Offset; l.text != "" {
		capital = strings.HasSuffix(l.text[at:at+amountLength(l.text[at:])], "M")
	}
	if amount := l.Earliest.Amount; capital || slices.Contains([]int{1, 2, 3, 6, 12}, amount) {
		l.warn(l.Earliest.Pos, "m is minutes",
			fmt.Sprintf("write -%dmo for months, or -%ds to say that seconds are meant", amount, 60*amount))
	}
}

// checkWindow compares the bounds.
func (l *linter) checkWindow() {
	from, to, ok := l.window()
	if l.Earliest == nil || !ok {
		return
	}
	switch length := to.Sub(from); {
	case length < 0:
		l.error(l.Earliest.Pos, "EARLIEST is after LATEST", "exchange them")
	case length > maxEventWindow && l.service == Events:
		l.error(l.Earliest.Pos, "a search of events spans at most 31 days",
			"search parts of at most 31 days, one after another")
	}
}

// window returns the bounds as times, if they can be compared: without the time of the search a
// relative and an absolute one cannot.
func (l *linter) window() (from, to time.Time, ok bool) {
	now := l.now
	earliest, latest := l.Earliest, l.Latest
	if earliest == nil {
		return from, to, false
	}
	if latest == nil {
		latest = Ago(0, Second)
	}
	if now.IsZero() {
		if earliest.Relative() != latest.Relative() {
			return from, to, false
		}
		now = time.Date(2000, 1, 5, 12, 0, 0, 0, time.UTC)
	}
	from, err := earliest.Time(now)
	if err != nil {
		return from, to, false
	}
	to, err = latest.Time(now)
	return from, to, err == nil
}
