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
	b.add(atMost(1.35, "the baseline's").row("size of that program, stripped", r, memory, megabytes))
	return nil
}

// firstBuilds builds a program with one service, and the quickstart with its emulator.
func (b *bench) firstBuilds() error {
	var wall, cpu []time.Duration
	for _, folder := range []string{"programs/library", "../examples/quickstart", "programs/baseline"} {
		w, c, err := b.cold(folder)
		if err != nil {
			return err
		}
		wall, cpu = append(wall, w), append(cpu, c)
	}
	const most = 15 * time.Second
	b.add(row{
		title: "first build of a program with one service, empty cache", reach: fmt.Sprintf("under %.0f s", most.Seconds()),
		reached: duration(wall[0].Seconds()), peers: "baseline " + duration(wall[2].Seconds()), met: wall[0] < most,
		note: "an empty cache does not contain the standard library, so it is compiled too: see the baseline",
	})
	r := results{
		names:   []string{"quickstart", "baseline"},
		samples: [][]sample{{{time: cpu[1]}}, {{time: cpu[2]}}},
	}
	b.add(atMost(1.6, "the baseline's").row("first build of the quickstart, empty cache, CPU time", r, seconds, duration))
	return nil
}

// cold builds a program with an empty build cache. It returns the duration, and the CPU time of the go
// command and its child processes. Modules are not downloaded again.
func (b *bench) cold(folder string) (wall, cpu time.Duration, err error) {
	cache, err := os.MkdirTemp(b.dir, "cache-")
	if err != nil {
		return 0, 0, err
	}
	cmd := exec.CommandContext(b.ctx, "go", "build", "-C", folder, "-o", filepath.Join(cache, "program"), ".")
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w\n%s", err, out)
	}
	return time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
