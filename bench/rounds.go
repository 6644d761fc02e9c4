package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// contender is one side of a comparison. The first of a case is this SDK, the second the floor.
type contender struct {
	name string
	run  func() (sample, error)
}

// sample is what one turn of a contender cost.
type sample struct {
	time        time.Duration
	memory      float64 // bytes: the peak of a process, or what a turn allocated
	allocations float64
}

// figure is one of the numbers of a sample.
type figure func(sample) float64

func seconds(s sample) float64     { return s.time.Seconds() }
func memory(s sample) float64      { return s.memory }
func allocations(s sample) float64 { return s.allocations }

// turn makes a contender of work in this process. The garbage of whoever had the last turn is
// collected before it begins, and its own once it has ended, so that everybody pays for his own.
func turn(name string, work func() error) contender {
	return contender{name, func() (sample, error) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		err := work()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		return sample{took, float64(after.TotalAlloc - before.TotalAlloc), float64(after.Mallocs - before.Mallocs)}, err
	}}
}

// turns makes a contender of so many turns without a pause, of which one is the sample. The garbage
// of work that ends before the collector begins would cost nothing.
func turns(name string, n int, work func() error) contender {
	all := turn(name, times(n, work))
	return contender{name, func() (sample, error) {
		s, err := all.run()
		return sample{s.time / time.Duration(n), s.memory / float64(n), s.allocations / float64(n)}, err
	}}
}

// times makes work of n repetitions.
func times(n int, work func() error) func() error {
	return func() error {
		for range n {
			if err := work(); err != nil {
				return err
			}
		}
		return nil
	}
}

// results are what the contenders cost, by contender and round.
type results struct {
	names   []string
	samples [][]sample
}

// rounds lets all contenders have their turn n times, each round in the other order than the one
// before, so that a busy moment of the machine hits all. A first round warms up and is not counted.
func rounds(n int, contenders ...contender) (results, error) {
	r := results{samples: make([][]sample, len(contenders))}
	order := make([]int, len(contenders))
	for i, c := range contenders {
		r.names = append(r.names, c.name)
		order[i] = i
	}
	for round := range n + 1 {
		slices.Reverse(order)
		for _, i := range order {
			s, err := contenders[i].run()
			if err != nil {
				return r, fmt.Errorf("%s: %w", contenders[i].name, err)
			}
			if round > 0 {
				r.samples[i] = append(r.samples[i], s)
			}
		}
	}
	return r, nil
}

// of returns the median of a figure of contender i.
func (r results) of(i int, f figure) float64 {
	var list []float64
	for _, s := range r.samples[i] {
		list = append(list, f(s))
	}
	return median(list)
}

// ratio returns the median of the rounds' ratios of contender i to contender j. Two turns of one
// round are neighbours, so what slows the machine down for longer drops out.
func (r results) ratio(i, j int, f figure) float64 {
	var list []float64
	for round := range r.samples[i] {
		list = append(list, f(r.samples[i][round])/f(r.samples[j][round]))
	}
	return median(list)
}

func median(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}
