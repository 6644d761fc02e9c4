package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// build measures what a program with one service costs before it runs: the first build on a machine
// that has built nothing yet, and the size of what comes out.
func build(b *bench) error {
	if !b.quick { // it takes half a minute, whatever is built
		ours, err := b.cold("programs/library")
		if err != nil {
			return err
		}
		theirs, err := b.cold("programs/floor")
		if err != nil {
			return err
		}
		const most = 15 * time.Second
		b.add(row{
			title: "first build of a program with one service, empty cache", reach: fmt.Sprintf("under %.0f s", most.Seconds()),
			reached: duration(ours.Seconds()), peers: "floor " + duration(theirs.Seconds()), met: ours < most,
			note: "the standard library, which an empty cache does not hold either, is compiled with it: see the floor",
		})
	}
	size := func(folder string) contender {
		return contender{folder, func() (s sample, err error) {
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
	r, err := rounds(1, size("programs/library"), size("programs/floor"))
	if err != nil {
		return err
	}
	b.add(atMost(1.35, "the floor's").row("size of that program, stripped", r, memory, megabytes))
	return nil
}

// cold builds a program with a cache of its own.
func (b *bench) cold(folder string) (time.Duration, error) {
	cache, err := os.MkdirTemp(b.dir, "cache-")
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(b.ctx, "go", "build", "-C", folder, "-o", filepath.Join(cache, "program"), ".")
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	return time.Since(start), nil
}
