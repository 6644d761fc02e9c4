// Bench compares the SDK with its alternatives. In each case all of them take turns on the same server
// in the same run.
//
//	go run . -write ../docs/evidence  all cases, and docs/evidence/performance.md with plots
//	go run . -case warm,token         some of them
//	go run . -quick                   all of them, in about a minute
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/bench/server"
)

// testCase measures one target, or several related ones.
type testCase struct {
	name string
	run  func(*bench) error
}

var cases = []testCase{
	{"start", start},
	{"warm", warm},
	{"token", token},
	{"file", file},
	{"processes", processes},
	{"decode", decode},
	{"stream", streams},
	{"paging", pageAll},
	{"output", printing},
	{"tenants", tenants},
	{"limit", limit},
	{"export", exports},
	{"plugin", plugin},
	{"drift", drift},
	{"build", build},
}

// roleVariable selects another role of this program: a server, or one side of a case that needs a
// separate process.
const roleVariable = "TAEGIS_BENCH_ROLE"

var roles = map[string]func() error{
	"server":   server.Run,
	"reader":   read,
	"printer":  printer,
	"emulator": emulate,
	"exporter": exporter,
}

func main() {
	run := roles[os.Getenv(roleVariable)]
	if run == nil {
		run = compare
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare() error {
	quick := flag.Bool("quick", false, "fewer and smaller rounds")
	only := flag.String("case", "", "`names` of cases, separated by commas; all where empty")
	write := flag.String("write", "", "the `folder` with performance.md, in which the figures are replaced")
	flag.Parse()
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if *write != "" && (*quick || *only != "") {
		return errors.New("-write needs all cases at full length")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "taegis-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is in the temporary folder
	b, err := newBench(ctx, *quick, dir)
	if err != nil {
		return err
	}
	if err := b.run(chosen); err != nil {
		return err
	}
	if *write != "" {
		return b.write(*write)
	}
	return nil
}

// run runs the cases and prints each row when it is complete.
func (b *bench) run(chosen []testCase) error {
	for _, c := range chosen {
		began, known := time.Now(), len(b.rows)
		if err := c.run(b); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		for _, r := range b.rows[known:] {
			fmt.Println(r)
		}
		fmt.Printf("  (%s: %.1f s)\n", c.name, time.Since(began).Seconds())
	}
	return nil
}

func choose(names string) ([]testCase, error) {
	if names == "" {
		return cases, nil
	}
	var chosen []testCase
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(cases, func(c testCase) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no case %q", name)
		}
		chosen = append(chosen, cases[i])
	}
	return chosen, nil
}
