package crash_test

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// A writer is killed before and after each of its system calls that touch its folder, in a process
// of its own each time. Others are not counted: they leave the files as they are, and a Go
// program's runtime makes them when it likes, so that the n-th call of one run would not be that of
// another.
func TestKilledAtEverySystemCall(t *testing.T) {
	for _, w := range writers {
		t.Run(w.name, func(t *testing.T) {
			j := newChecker(t)
			versions := j.versions(w)
			stops := undisturbed(j, w)
			chosen := stress.Scale(6, len(stops)/3, len(stops))
			var killed, left atomic.Int64
			inParallel(chosen, func(i int) {
				n := i * len(stops) / chosen
				dir, ok := killAndCheck(j, w, versions, stops, n)
				if ok {
					killed.Add(1)
					left.Add(int64(j.proceed("killed "+stops[n], w.name, w.next, dir)))
				}
			})
			j.report(t, w.name+", killed at every system call", "%d kills before and after %d system calls, after which %d new files were left",
				killed.Load(), len(stops)/2, left.Load())
		})
	}
}

// killAndCheck kills a writer at its n-th stop, and looks at what it has left in dir.
func killAndCheck(j *checker, w writer, versions []state, stops []string, n int) (dir string, ok bool) {
	j.Helper()
	dir = j.prepared(w)
	finished, ended := killAt(j, w, dir, n)
	if ended {
		j.Errorf("%s: it came to its end before stop %d", w.name, n)
		return dir, false
	}
	j.check("killed "+stops[n], w, dir, versions, finished)
	return dir, true
}

// undisturbed returns the stops of a writer that is not killed.
func undisturbed(j *checker, w writer) (stops []string) {
	j.Helper()
	_, ended, err := trace(w.name, j.prepared(w), j.Output(), func(c call, before bool) bool {
		if c.name == "say" {
			return true
		}
		moment := "after "
		if before {
			moment = "before "
		}
		stops = append(stops, moment+c.String())
		return true
	})
	requireTracing(j, err)
	if !ended || len(stops) == 0 {
		j.Fatalf("%s: ended: %v, after %d stops", w.name, ended, len(stops))
	}
	return stops
}

func requireTracing(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, unix.EPERM) {
		testutil.Missing(t, "the right to trace its own child processes")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// killAt kills a writer at its n-th stop, and returns how many steps it has finished.
func killAt(j *checker, w writer, dir string, n int) (finished int, ended bool) {
	j.Helper()
	said, ended, err := trace(w.name, dir, j.Output(), func(c call, before bool) bool {
		if c.name != "say" {
			n--
		}
		return n >= 0
	})
	if err != nil {
		j.Errorf("%s: %v", w.name, err)
	}
	lines := strings.Fields(string(said))
	if len(lines) > 0 {
		finished, err = strconv.Atoi(lines[len(lines)-1])
	}
	if err != nil {
		j.Errorf("%s said %q", w.name, said)
	}
	return finished, ended
}
