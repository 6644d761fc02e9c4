package crash_test

import (
	"context"
	"fmt"
	"strconv"
)

// workerProgram is a program whose workers write to one store at once, without an end. Each writes
// numbers, of which every one is by one more than that before.
type workerProgram struct {
	name    string
	setup   func(dir string) error
	workers map[string]worker // by where a state has their number
	look    looking
	next    writing
}

type worker func(ctx context.Context, dir string, number int) error

var workerPrograms = []workerProgram{{
	name:  "workers at the shared file",
	setup: writeForeign,
	workers: map[string]worker{
		"one":   func(ctx context.Context, dir string, n int) error { return keep(ctx, shared(dir, nil), "one", n) },
		"two":   func(ctx context.Context, dir string, n int) error { return keep(ctx, shared(dir, nil), "two", n) },
		"three": func(ctx context.Context, dir string, n int) error { return keep(ctx, shared(dir, nil), "three", n) },
		"colour": func(ctx context.Context, dir string, n int) error {
			return shared(dir, nil).Set(ctx, "lab", "colour", strconv.Itoa(n))
		},
	},
	look: lookShared, next: nextShared,
}, {
	name:  "workers at the sealed file",
	setup: func(string) error { return nil },
	workers: map[string]worker{
		"one":   func(ctx context.Context, dir string, n int) error { return keep(ctx, sealed(dir, nil), "one", n) },
		"two":   func(ctx context.Context, dir string, n int) error { return keep(ctx, sealed(dir, nil), "two", n) },
		"three": func(ctx context.Context, dir string, n int) error { return keep(ctx, sealed(dir, nil), "three", n) },
		"four":  func(ctx context.Context, dir string, n int) error { return keep(ctx, sealed(dir, nil), "four", n) },
	},
	look: lookSealed, next: nextSealed,
}}

func init() {
	for _, c := range workerPrograms {
		programs[c.name] = c.run
	}
}

// run is the program: after each write it says by whom and which number.
func (c workerProgram) run(ctx context.Context, dir string, finished func(string)) error {
	found, err := c.look(ctx, dir, silent)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for name, work := range c.workers {
		go func() {
			for n := atoi(found, name) + 1; ; n++ {
				if err := work(ctx, dir, n); err != nil {
					failed <- err
					return
				}
				finished(fmt.Sprint(name, " ", n))
			}
		}()
	}
	return <-failed
}

// atoi returns a worker's number; 0 where it has not written yet.
func atoi(s state, worker string) int {
	n, _ := strconv.Atoi(s[worker])
	return n
}
