package main

import (
	"fmt"

	"github.com/taegis-go/taegis/bench/plot"
)

// scaling is a case that is measured at several loads.
type scaling struct {
	name, title, x string
	loads          []int // ascending
	rounds         int
	unit           float64 // of a load on the axis; 0 means 1
	even           bool    // the turns of all loads have the same work; otherwise short ones are repeated more often
}

// noise is the ratio by which two measurements of the same work can differ.
const noise = 1.1

// scaled measures candidates at each load, draws a chart, and adds a row with the growth of the SDK's
// time from the first load to the last.
func (b *bench) scaled(s scaling, candidates func(load int) []candidate) ([]results, error) {
	var all []results
	c := chart{s.name, plot.Chart{Title: s.title, X: s.x, Y: "seconds"}}
	for _, load := range s.loads {
		more := min(5, s.loads[len(s.loads)-1]/load) // short turns vary more
		if s.even {
			more = 1
		}
		r, err := rounds(s.rounds*more, candidates(load)...)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
		for i, name := range r.names {
			if len(c.Series) <= i {
				c.Series = append(c.Series, plot.Series{Name: name})
			}
			c.Series[i].Points = append(c.Series[i].Points, plot.Point{X: float64(load) / max(s.unit, 1), Y: r.of(i, seconds)})
		}
	}
	b.charts = append(b.charts, c)
	b.add(s.growth(all))
	return all, nil
}

// growth compares the growth of the cost from the first load to the last with the growth of the load.
// If the cost of the baseline grows faster than the load, because the machine is saturated, the
// baseline's growth is the limit.
func (s scaling) growth(all []results) row {
	first, last := all[0], all[len(all)-1]
	load := float64(s.loads[len(s.loads)-1]) / float64(s.loads[0])
	grown := func(i int) float64 { return last.of(i, seconds) / first.of(i, seconds) }
	r := row{
		title:   s.title + ": " + digits(load) + " times the load",
		reach:   "at most " + digits(load) + " times the time",
		reached: fmt.Sprintf("%s times (%s to %s)", digits(grown(0)), duration(first.of(0, seconds)), duration(last.of(0, seconds))),
	}
	if len(first.names) > 1 {
		r.reach += ", or the baseline's"
		r.peers = first.names[1] + " " + digits(grown(1)) + " times"
		load = max(load, grown(1))
	}
	r.met = grown(0) <= noise*load
	return r
}
