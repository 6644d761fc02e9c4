package processes_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/stress"
)

// waiting is what a process writes that has waited for a second for another one.
const waiting = "waiting for another program"

// holder returns the process that logs in, as the note in the lock says.
func (h *home) holder(t testing.TB, processes []*process) (i int) {
	t.Helper()
	_, logins, err := h.file().Locks()
	if err != nil {
		t.Fatal(err)
	}
	locks, err := filepath.Glob(filepath.Join(logins, "*.lock"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("locks: %q, %v", locks, err)
	}
	pid, err := filelock.Note(locks[0])
	for i, p := range processes {
		if pid == strconv.Itoa(p.Process.Pid) {
			return i
		}
	}
	t.Fatalf("who holds %s is %q, %v", locks[0], pid, err)
	return 0
}

// awaitNamed waits until all have said that they wait for the holder.
func awaitNamed(t testing.TB, processes []*process, holder int) {
	t.Helper()
	pid := fmt.Sprint("pid=", processes[holder].Process.Pid)
	for i, p := range processes {
		if i != holder {
			p.stderr.await(t, waiting, pid)
		}
	}
}

// wantOneLine fails the test unless each has written one line, with these words.
func wantOneLine(t testing.TB, stderr []string, words string) {
	t.Helper()
	for _, text := range stderr {
		if strings.Count(text, "\n") != 1 || !strings.Contains(text, words) {
			t.Errorf("want one line with %q: %s", words, text)
		}
	}
}

// The process that logs in is killed, the one that takes its place too, and so on.
func TestHolderIsKilled(t *testing.T) {
	t.Parallel()
	n, kills := stress.Scale(8, 64, 64), stress.Scale(3, 30, 60)
	h := newHome(t, newServer(t))
	h.writeForeign(t)
	processes := h.startMany(t, n, nil)
	admit := h.server.close()
	var waits []func() outcome
	for _, p := range processes {
		waits = append(waits, p.begin(order{Do: calling}))
	}
	var slowest time.Duration
	for kill := range kills {
		h.server.await(t, kill+1)
		i := h.holder(t, processes)
		if kill == 0 {
			awaitNamed(t, processes, i)
		}
		killed := time.Now()
		if err := processes[i].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, h.server.await(t, kill+2).Sub(killed))
		waits[i]() // which fails
		processes = append(processes[:i:i], processes[i+1:]...)
		waits = append(waits[:i:i], waits[i+1:]...)
	}
	admit()
	var all tally
	for _, wait := range waits {
		all.count(t, wait())
	}
	wantOneLine(t, end(t, processes...), waiting)
	h.lostForeign(t)
	stress.Report(t, stress.Processes, "who logs in is killed", "1 more login for each, 1 token, 0 failures",
		"%d of %d processes killed: %d logins, %d tokens, %d failures; the next began after %v at most",
		kills, n, h.server.logins(), len(all.tokens), all.failed, slowest.Round(10*time.Microsecond))
	if h.server.logins() != kills+1 || len(all.tokens) != 1 {
		t.Error("not as promised")
	}
	wantSoon(t, slowest)
}

// Logging in takes longer than some can wait.
func TestHolderIsSlow(t *testing.T) {
	t.Parallel()
	n, slow := stress.Scale(8, 64, 64), stress.Scale(600*time.Millisecond, 5*time.Second, 30*time.Second)
	h := newHome(t, newServer(t))
	processes := h.startMany(t, n, nil)
	admit := h.server.close()
	first := processes[0].begin(order{Do: calling})
	h.server.await(t, 1)
	time.AfterFunc(slow, admit)

	var waits []func() outcome
	for i, p := range processes[1:] {
		o := order{Do: calling}
		if i%2 == 0 {
			o.Patience = 100*time.Millisecond + time.Duration(i)*10*time.Millisecond
		}
		waits = append(waits, p.begin(o))
	}
	var all tally
	gaveUp, late := 0, time.Duration(0)
	for i, wait := range waits {
		came := wait()
		if i%2 == 0 {
			if !came.GaveUp {
				t.Errorf("its context ended: %+v", came)
			}
			gaveUp, late = gaveUp+1, max(late, came.Late)
			came = processes[1+i].do(order{Do: calling})
		}
		all.count(t, came)
	}
	all.count(t, first())
	end(t, processes...)
	stress.Report(t, stress.Processes, "who logs in is slow", "1 login, 1 token, 0 failures, each context obeyed within 10 ms",
		"%d processes, a login of %v, %d gave up and tried again: %d login, %d token, %d failures, at most %v late",
		n, slow, gaveUp, h.server.logins(), len(all.tokens), all.failed, late.Round(10*time.Microsecond))
	if h.server.logins() != 1 || len(all.tokens) != 1 {
		t.Error("not as promised")
	}
	wantPunctual(t, late)
}
