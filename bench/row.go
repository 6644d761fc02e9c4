package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// row is a line of the table.
type row struct {
	title, reach, reached, peers string
	met                          bool
	note                         string // the reason if the target is missed
}

// line is a target, a ratio to the baseline.
type line struct {
	limit float64
	rate  bool // a minimum share of the baseline's rate; otherwise a maximum multiple of its cost
	of    string
}

func atMost(limit float64, of string) line  { return line{limit, false, of} }
func atLeast(limit float64, of string) line { return line{limit, true, of} }

func (l line) String() string {
	if l.rate {
		return fmt.Sprintf("at least %v of %s", l.limit, l.of)
	}
	return fmt.Sprintf("at most %v times %s", l.limit, l.of)
}

// ratio returns the ratio of candidate i to the baseline in the unit of the target.
func (l line) ratio(r results, i int, f figure) float64 {
	if l.rate {
		return r.ratio(1, i, f)
	}
	return r.ratio(i, 1, f)
}

func (l line) met(ratio float64) bool {
	if l.rate {
		return ratio >= l.limit
	}
	return ratio <= l.limit
}

// row compares the first candidate and the peers with the baseline.
func (l line) row(title string, r results, f figure, unit func(float64) string) row {
	ratio := l.ratio(r, 0, f)
	var peers []string
	for i := range r.names[2:] {
		peers = append(peers, fmt.Sprintf("%s %s", r.names[i+2], digits(l.ratio(r, i+2, f))))
	}
	return row{
		title: title, reach: l.String(), met: l.met(ratio), peers: strings.Join(peers, ", "),
		reached: fmt.Sprintf("%s (%s to %s)", digits(ratio), unit(r.of(0, f)), unit(r.of(1, f))),
	}
}

// digits formats a number with three significant digits.
func digits(x float64) string {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return fmt.Sprint(x)
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(math.Abs(x)))))
	return fmt.Sprintf("%.*f", min(decimals, 4), x)
}

// duration formats seconds.
func duration(s float64) string { return per(1)(s) }

// per returns a function that formats the seconds of one of n.
func per(n int) func(float64) string {
	return func(s float64) string {
		d := s / float64(n) * float64(time.Second)
		switch {
		case d < 1e3:
			return digits(d) + " ns"
		case d < 1e6:
			return digits(d/1e3) + " µs"
		case d < 1e9:
			return digits(d/1e6) + " ms"
		}
		return digits(d/1e9) + " s"
	}
}

// megabytes formats bytes.
func megabytes(n float64) string { return digits(n/1e6) + " MB" }
