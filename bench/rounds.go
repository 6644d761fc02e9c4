package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// candidate is one side of a comparison. The first of a case is the SDK, the second the baseline.
type candidate struct {
	name string
	run  func() (sample, error)
}

// sample is the cost of one turn of a candidate.
type sample struct {
	time        time.Duration
	memory      float64 // bytes: the peak of a process, or the allocations of a turn
	allocations float64
}

// figure is one of the numbers of a sample.
type figure func(sample) float64

func seconds(s sample) float64     { return s.time.Seconds() }
func memory(s sample) float64      { return s.memory }
func allocations(s sample) float64 { return s.allocations }

// turn returns a candidate that runs work in this process. Garbage is collected before and after the
// turn, so that each candidate's sample includes only its own.
func turn(name string, work func() error) candidate {
	return candidate{name, func() (sample, error) {
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

// turns returns a candidate that runs so many turns without a pause; the sample is their average. So
// garbage of work that is shorter than a collection is included.
func turns(name string, n int, work func() error) candidate {
	all := turn(name, times(n, work))
	return candidate{name, func() (sample, error) {
		s, err := all.run()
		return sample{s.time / time.Duration(n), s.memory / float64(n), s.allocations / float64(n)}, err
	}}
}

// times returns work that repeats n times.
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

// results are the samples by candidate and round.
type results struct {
	names   []string
	samples [][]sample
}

// rounds runs n rounds with one turn of each candidate. Each round reverses the order, so that a busy
// moment of the machine affects all. The first round is a warm-up and not counted.
func rounds(n int, candidates ...candidate) (results, error) {
	r := results{samples: make([][]sample, len(candidates))}
	order := make([]int, len(candidates))
	for i, c := range candidates {
		r.names = append(r.names, c.name)
		order[i] = i
	}
	for round := range n + 1 {
		slices.Reverse(order)
		for _, i := range order {
			s, err := candidates[i].run()
			if err != nil {
				return r, fmt.Errorf("%s: %w", candidates[i].name, err)
			}
			if round > 0 {
				r.samples[i] = append(r.samples[i], s)
			}
		}
	}
	return r, nil
}

// of returns the median of a figure of candidate i.
func (r results) of(i int, f figure) float64 {
	var list []float64
	for _, s := range r.samples[i] {
		list = append(list, f(s))
	}
	return median(list)
}

// ratio returns the median of the rounds' ratios of candidate i to candidate j. The turns of a round
// follow each other, so longer disturbances of the machine cancel out.
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
