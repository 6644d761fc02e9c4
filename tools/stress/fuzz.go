package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// target is a fuzz target of a package.
type target struct{ folder, name string }

// atOnce is how many targets are fuzzed at the same time, each by one worker.
const atOnce = 2

// progress matches the progress lines of `go test -fuzz`; the last one counts.
var progress = regexp.MustCompile(`execs: (\d+) .*new interesting: (\d+)`)

// effort is how much each target is fuzzed: for how long, and how many executions that has to give.
// A target below that has not explored: an execution of it takes too long, for example because it
// starts a process.
type effort struct {
	each  time.Duration
	least int
}

// fuzz fuzzes each target with that effort. What fails stays in the package's testdata/fuzz.
func fuzz(ctx context.Context, dir string, e effort) ([]figure, error) {
	targets, err := fuzzTargets(ctx, dir)
	if err != nil {
		return nil, err
	}
	figures, failures := make([]figure, len(targets)), make([]error, len(targets))
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, t := range targets {
		slots <- struct{}{}
		all.Go(func() {
			figures[i], failures[i] = t.fuzz(ctx, dir, e)
			<-slots
		})
	}
	all.Wait()
	return figures, errors.Join(failures...)
}

// fuzzTargets lists the targets of the module, sorted by folder.
func fuzzTargets(ctx context.Context, dir string) ([]target, error) {
	list := command(ctx, dir, "git", "grep", "--untracked", "-oE", "^func Fuzz[A-Za-z0-9]+", "--", "*_test.go")
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the fuzz targets: %w", err)
	}
	var targets []target
	for line := range strings.Lines(string(out)) {
		file, declared, _ := strings.Cut(strings.TrimSpace(line), ":")
		folder := "."
		if end := strings.LastIndexByte(file, '/'); end >= 0 {
			folder = file[:end]
		}
		targets = append(targets, target{folder, strings.TrimPrefix(declared, "func ")})
	}
	return targets, nil
}

func (t target) fuzz(ctx context.Context, dir string, e effort) (figure, error) {
	f := figure{
		Topic: input, Case: fmt.Sprintf("`%s` of `%s`", t.name, t.folder),
		Promise: fmt.Sprintf("nothing found in at least %s executions", thousands(strconv.Itoa(e.least))),
	}
	cmd := command(ctx, dir, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+e.each.String(),
		// Making an input smaller that is merely new may take a minute and counts as no execution.
		"-fuzzminimizetime=100x", "-parallel=1", "./"+t.folder)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err != nil {
		f.Seen = "see testdata/fuzz of the folder and what the command printed"
	} else {
		f.Seen, err = e.counted(out.Bytes())
	}
	if err != nil {
		f.Failed = true
		return f, fmt.Errorf("%s in %s: %w\n%s", t.name, t.folder, err, out.Bytes())
	}
	fmt.Printf("%s\t%s\n", t.name, f.Seen)
	return f, nil
}

// counted returns what a run that found nothing has done, and an error if it has not explored. If it was over before
// all seeds were, it has not begun.
func (e effort) counted(out []byte) (string, error) {
	lines := progress.FindAllSubmatch(out, -1)
	if lines == nil {
		return "0 executions", errors.New("the time was over before anything but the seeds was executed")
	}
	last := lines[len(lines)-1]
	executions, err := strconv.Atoi(string(last[1]))
	if err == nil && executions < e.least {
		err = fmt.Errorf("%d executions, fewer than %d: it has not explored", executions, e.least)
	}
	return fmt.Sprintf("%s executions, %s of them took new ways: nothing", thousands(string(last[1])), last[2]), err
}

// thousands writes 1234567 as 1,234,567.
func thousands(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
