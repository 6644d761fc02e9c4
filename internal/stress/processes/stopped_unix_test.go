//go:build unix

package processes_test

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// stop returns once a process has stopped.
func stop(t testing.TB, p *os.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(p.Pid, &status, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil || !status.Stopped():
			t.Fatalf("it did not stop: %v, %v", status, err)
		}
		return
	}
}

func resume(t testing.TB, p *os.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// The process that logs in is stopped. A caller that needs its token waits as long as its context
// allows; no other caller waits.
func TestHolderIsStopped(t *testing.T) {
	t.Parallel()
	n := stress.Scale(8, 64, 64)
	h := newHome(t, newServer(t))
	h.writeForeign(t)
	processes, other := h.startMany(t, n, nil), h.start(t, as(0)...)
	admit := h.server.close()
	holder := processes[0].begin(order{Do: calling})
	h.server.await(t, 1)
	stop(t, processes[0].Process)
	admit() // the answer waits for it

	var waits []func() outcome
	for i, p := range processes[1:] {
		o := order{Do: calling}
		if i%2 == 0 {
			o.Patience = time.Duration(50+i) * time.Millisecond
		}
		waits = append(waits, p.begin(o))
	}
	var unconcerned, all tally
	unconcerned.count(t, other.do(order{Do: calling}))
	gaveUp, late := 0, time.Duration(0)
	for i, wait := range waits {
		if i%2 != 0 {
			continue
		}
		came := wait()
		if !came.GaveUp {
			t.Errorf("its context ended: %+v", came)
		}
		gaveUp, late = gaveUp+1, max(late, came.Late)
		waits[i] = processes[1+i].begin(order{Do: calling})
	}
	awaitNamed(t, processes, 0)
	stopped := h.server.logins()
	resume(t, processes[0].Process)
	all.count(t, holder())
	for _, wait := range waits {
		all.count(t, wait())
	}
	together(append(processes, other), order{Do: open}) // and all of them find what was stored
	all.count(t, together(processes, order{Do: calling})...)
	unconcerned.count(t, other.do(order{Do: calling}))
	wantSilence(t, end(t, append(processes, other)...))
	stress.Report(t, stress.Processes, "who logs in is stopped, and goes on", "1 login, 1 token, 0 failures, 0 lost foreign lines, each context obeyed, another client not held up",
		"%d processes, %d gave up and tried again, at most %v late: %d login, %d token, %d failures, %d lost foreign lines; another client called after %v",
		n, gaveUp, late.Round(10*time.Microsecond), h.server.logins()-1, len(all.tokens), all.failed+unconcerned.failed, h.lostForeign(t), unconcerned.slowest.Round(time.Millisecond))
	if stopped != 2 || h.server.logins() != 2 || len(all.tokens) != 1 || len(unconcerned.tokens) != 1 {
		t.Error("not as promised")
	}
	wantPunctual(t, late)
	wantSoon(t, unconcerned.slowest)
}

// Processes of different clients log in again and again, and one after the other is stopped for a
// moment that are random: some while they rewrite the file.
func TestStoppedAtRandom(t *testing.T) {
	t.Parallel()
	n, stops := stress.Scale(4, 16, 16), stress.Scale(20, 300, 2000)
	h := newHome(t, newServer(t))
	h.writeForeign(t)
	processes := h.startMany(t, n, as)
	w := sign(t, processes)
	for range stops {
		p := processes[rand.IntN(n)]
		stop(t, p.Process)
		time.Sleep(rand.N(20 * time.Millisecond)) // how long it stands still
		resume(t, p.Process)
	}
	written, lost, failed := w.end(t)
	wantSilence(t, end(t, processes...))
	stress.Report(t, stress.Processes, "stopped at random while they log in, and go on", "0 failures, 0 lost tokens, 0 lost foreign lines",
		"%d stops of %d processes among %d logins: %d failures, %d lost tokens, %d lost foreign lines",
		stops, n, written, failed, lost, h.lostForeign(t))
}

// Python is stopped while it holds the lock that it shares with this SDK. A caller with a token
// notices nothing. A caller that needs one waits for a second to read and for ten to write, unless
// Python goes on before that.
func TestPeerProcessIsStopped(t *testing.T) {
	t.Parallel()
	n, stays := stress.Scale(4, 32, 32), stress.Scale(false, true, true)
	h := newHome(t, newServer(t))
	h.writeForeign(t)
	processes, newcomer := h.startMany(t, n, nil), h.start(t, as(0)...)
	var before, meanwhile, without tally
	before.count(t, together(processes, order{Do: calling})...)
	together(processes, order{Do: open})
	python := startPeerProcess(t, "hold", h.file().Path)
	stop(t, python.Process)

	meanwhile.count(t, together(processes, order{Do: calling})...)
	waits := newcomer.begin(order{Do: calling})
	newcomer.stderr.await(t, "keeps the configuration file locked")
	if stays {
		newcomer.stderr.await(t, "was not saved")
		without.count(t, waits())
	}
	resume(t, python.Process)
	python.end(t)
	if !stays {
		without.count(t, waits())
	}
	saved := h.server.logins()
	newcomer.do(order{Do: open})
	without.count(t, newcomer.do(order{Do: calling}))
	again := h.server.logins() - saved
	wantSilence(t, end(t, processes...))
	end(t, newcomer)
	stress.Report(t, stress.Processes, "Python is stopped while it holds the shared lock", "0 failures, no wait with a token; without one, a wait for the lock of 12 s at most; 0 lost foreign lines",
		"%d processes with a token, 1 without: %d failures; the former had called after %v, the latter after %v; %d logged in again as its token could not be saved; %d lost foreign lines",
		n, before.failed+meanwhile.failed+without.failed, meanwhile.slowest.Round(time.Millisecond), without.slowest.Round(time.Millisecond), again, h.lostForeign(t))
	if len(meanwhile.tokens) != 1 || again != len(without.tokens)-1 || stays != (again == 1) || without.slowest > 120*time.Second {
		t.Error("not as promised")
	}
	wantSoon(t, meanwhile.slowest)
}
