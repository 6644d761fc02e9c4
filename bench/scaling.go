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
	even           bool    // the turns of all loads have as much to do; else there are more of short ones
}

// noise is by how much two measurements of the same thing differ.
const noise = 1.1

// scaled measures contenders at each load, draws what they took, and adds a row that says how the
// SDK's time grew from the first load to the last.
func (b *bench) scaled(s scaling, contenders func(load int) []contender) ([]results, error) {
	var all []results
	c := chart{s.name, plot.Chart{Title: s.title, X: s.x, Y: "seconds"}}
	for _, load := range s.loads {
		more := min(5, s.loads[len(s.loads)-1]/load) // a short turn says less
		if s.even {
			more = 1
		}
		r, err := rounds(s.rounds*more, contenders(load)...)
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

// growth compares how much more the last load costs than the first with how much more it is. Where
// the floor, too, needs more than that, because the machine has no more to give, it is the measure.
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
		r.reach += ", or the floor's"
		r.peers = first.names[1] + " " + digits(grown(1)) + " times"
		load = max(load, grown(1))
	}
	r.met = grown(0) <= noise*load
	return r
}
