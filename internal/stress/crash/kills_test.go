package crash_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// A process whose goroutines all write is killed at a random moment, again and again. The next one
// finds what it left, and goes on with it.
func TestKilledAtRandom(t *testing.T) {
	for _, c := range workerPrograms {
		t.Run(c.name, func(t *testing.T) {
			const lanes = 4 // folders at once
			j := newChecker(t)
			kills := stress.Scale(10, 200, 1000)
			var finished, left, slowest atomic.Int64
			inParallel(lanes, func(lane int) {
				dir := t.TempDir()
				if err := c.setup(dir); err != nil {
					j.Errorf("%v", err)
					return
				}
				for i := lane; i < kills; i += lanes {
					said, first := killSoon(j, c, dir)
					finished.Add(int64(len(said)))
					raise(&slowest, int64(first))
					c.checker(j, fmt.Sprint("kill ", i), dir, said)
				}
				left.Add(int64(j.proceed("after all kills", c.name, c.next, dir)))
			})
			t.Logf("the first write of the next process had finished after %v at most", time.Duration(slowest.Load()))
			j.report(t, c.name+", killed at random", "%d kills among %d finished writes of %d goroutines, after which %d new files were left",
				kills, finished.Load(), len(c.workers), left.Load())
		})
	}
}

// killSoon starts a program and kills it while it writes. It returns what the program said to have
// finished, and after what time it said so for the first time.
func killSoon(j *checker, c workerProgram, dir string) (said []string, first time.Duration) {
	j.Helper()
	p, err := launch(c.name, dir, j.Output())
	if err != nil {
		j.Errorf("%v", err)
		return nil, 0
	}
	begin := time.Now()
	_ = p.gun.Close()
	for range 1 + rand.N(15) {
		line, err := p.out.ReadString('\n')
		if err != nil {
			j.Errorf("%s ended by itself: %v, %v", c.name, err, p.Wait())
			return said, 0
		}
		if said = append(said, line); len(said) == 1 {
			first = time.Since(begin)
		}
	}
	time.Sleep(rand.N(3 * time.Millisecond)) // to come in the midst of a write, and not only right after one
	err = p.Process.Kill()
	rest, readErr := io.ReadAll(p.out)
	if err := errors.Join(err, readErr); err != nil {
		j.Errorf("%v", err)
	}
	_ = p.Wait() // it was killed
	for line := range strings.Lines(string(rest)) {
		said = append(said, line)
	}
	return said, first
}

// checker looks at what a killed program has left. Of each worker the last finished number is
// there, or the one after that, whose end it did not live to see.
func (c workerProgram) checker(j *checker, what, dir string, said []string) {
	j.Helper()
	found := j.look(what, c.name, c.look, dir)
	if found == nil {
		return
	}
	if found[foreignLines] != "" && found[foreignLines] != allForeign {
		j.foreign.Add(1)
		j.Errorf("%s: %s: of what others have in the file %s lines are left", c.name, what, found[foreignLines])
	}
	last := map[string]int{}
	for _, line := range said {
		var name string
		var number int
		if _, err := fmt.Sscan(line, &name, &number); err != nil {
			j.Errorf("%s said %q", c.name, line)
		}
		last[name] = number
	}
	for name, number := range last {
		if got := atoi(found, name); got != number && got != number+1 {
			j.lost.Add(1)
			j.Errorf("%s: %s: %s had finished %d, and %d is there", c.name, what, name, number, got)
		}
	}
}
