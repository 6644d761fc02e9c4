package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// build measures the first build of a program with empty caches, and the size of the program.
func build(b *bench) error {
	if !b.quick { // it takes a minute, even for a small program
		if err := b.firstBuilds(); err != nil {
			return err
		}
	}
	size := func(folder string) candidate {
		return candidate{folder, func() (s sample, err error) {
			path, err := b.build(folder)
			if err != nil {
				return s, err
			}
			info, err := os.Stat(path)
			if err == nil {
				s.memory = float64(info.Size())
			}
			return s, err
		}}
	}
	r, err := rounds(1, size("programs/library"), size("programs/baseline"))
	if err != nil {
		return err
	}
	b.add(atMost(1.4, "the baseline's").row("size of that program, stripped", r, memory, megabytes))
	return nil
}

// firstBuilds builds a program with one service, and the quickstart with its emulator. An empty cache
// does not contain the standard library either, which takes most of the time.
func (b *bench) firstBuilds() error {
	var times []sample
	for _, folder := range []string{"programs/library", "../examples/quickstart", "programs/baseline"} {
		cpu, err := b.cold(folder)
		if err != nil {
			return err
		}
		times = append(times, sample{time: cpu})
	}
	compared := func(i int) results {
		return results{names: []string{"taegis", "baseline"}, samples: [][]sample{{times[i]}, {times[2]}}}
	}
	line := atMost(1.6, "the baseline's")
	b.add(
		line.row("first build of a program with one service, empty cache, CPU time", compared(0), seconds, duration),
		line.row("first build of the quickstart, empty cache, CPU time", compared(1), seconds, duration),
	)
	return nil
}

// cold builds a program with an empty build cache. It returns the CPU time of the go command and its
// child processes. Modules are not downloaded again.
func (b *bench) cold(folder string) (time.Duration, error) {
	cache, err := os.MkdirTemp(b.dir, "cache-")
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(b.ctx, "go", "build", "-C", folder, "-o", filepath.Join(cache, "program"), ".")
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
