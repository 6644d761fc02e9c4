package processes_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// peerProcess is a Python process that does something until it is ended.
type peerProcess struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

// startPeerProcess returns once the peer does it.
func startPeerProcess(t testing.TB, does, path string) *peerProcess {
	t.Helper()
	n := &peerProcess{Cmd: exec.CommandContext(t.Context(), testutil.Program(t, "python3"), filepath.Join("testdata", "peer.py"), does, path)}
	n.Stderr = t.Output()
	in, inErr := n.StdinPipe()
	out, outErr := n.StdoutPipe()
	if err := errors.Join(inErr, outErr, n.Start()); err != nil {
		t.Fatal(err)
	}
	n.in, n.out = in, bufio.NewReader(out)
	if line, err := n.out.ReadString('\n'); err != nil {
		t.Fatalf("%q, %v, %v", line, err, n.Wait())
	}
	return n
}

// end ends it, and returns what it has to say in the end.
func (n *peerProcess) end(t testing.TB) string {
	t.Helper()
	_ = n.in.Close()
	last, readErr := io.ReadAll(n.out)
	if err := errors.Join(readErr, n.Wait()); err != nil {
		t.Error(err)
	}
	return string(last)
}

// unlinked ends a peer that unlinks, and returns how often it did.
func (n *peerProcess) unlinked(t testing.TB) (times int) {
	t.Helper()
	if _, err := fmt.Sscan(n.end(t), &times); err != nil || times == 0 {
		t.Errorf("it unlinked nothing: %v", err)
	}
	return times
}

// Python unlinks the lock that it shares with this SDK as soon as there is one: while it is held,
// while it is waited for, and between the two.
func TestLockFileIsUnlinked(t *testing.T) {
	t.Parallel()
	n, rounds, loginCount := stress.Scale(8, 64, 64), stress.Scale(2, 5, 20), stress.Scale(200, 5000, 20_000)
	var logins, unlinked int
	var all tally
	for range rounds {
		h := newHome(t, newServer(t))
		h.writeForeign(t)
		python := startPeerProcess(t, "unlink", h.sharedLock(t))
		processes := h.startMany(t, n, nil)
		all.count(t, together(processes, order{Do: calling})...)
		unlinked += python.unlinked(t)
		logins += h.server.logins()
		end(t, processes...)
		h.lostForeign(t)
	}
	stress.Report(t, stress.Processes, "Python unlinks the lock file while processes start together", "1 login, 1 token, 0 failures",
		"%d times %d processes, %d times unlinked: %d logins, %d tokens, %d failures", rounds, n, unlinked, logins, len(all.tokens), all.failed)
	if logins != rounds || len(all.tokens) != rounds {
		t.Error("not as promised")
	}

	n = stress.Scale(4, 16, 16)
	h := newHome(t, newServer(t))
	h.writeForeign(t)
	python := startPeerProcess(t, "unlink", h.sharedLock(t))
	processes := h.startMany(t, n, as)
	w := sign(t, processes)
	h.server.await(t, loginCount)
	written, lost, failed := w.end(t)
	unlinked = python.unlinked(t)
	wantSilence(t, end(t, processes...))
	stress.Report(t, stress.Processes, "Python unlinks the lock file while processes log in", "0 failures, 0 lost tokens, 0 lost foreign lines",
		"%d logins of %d clients, %d times unlinked: %d failures, %d lost tokens, %d lost foreign lines",
		written, n, unlinked, failed, lost, h.lostForeign(t))
}

func (h *home) sharedLock(t testing.TB) string {
	t.Helper()
	path, _, err := h.file().Locks()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Python reads outside its lock and truncates in place, so a token can get lost, but no call.
func TestPythonWrites(t *testing.T) {
	t.Parallel()
	script := filepath.Join("..", "..", "inifile", "testdata", "python_config.py")
	pythons, n, writes := stress.Scale(4, 8, 8), stress.Scale(4, 8, 8), stress.Scale(100, 1000, 4000)
	python := testutil.Program(t, "python3")
	h := newHome(t, newServer(t))
	processes := h.startMany(t, n, nil)
	var running sync.WaitGroup
	var left, written atomic.Int64
	left.Store(int64(pythons))
	for i := range pythons {
		running.Go(func() {
			defer left.Add(-1)
			// Its failures are its own: it says how many there were.
			out, err := exec.CommandContext(t.Context(), python, script, "hammer", h.file().Path, fmt.Sprint("python", i), strconv.Itoa(writes)).Output()
			if failed, parseErr := strconv.Atoi(strings.TrimSpace(string(out))); errors.Join(err, parseErr) == nil {
				written.Add(int64(writes - failed))
			}
		})
	}
	var mu sync.Mutex
	var all tally
	calls := 0
	for _, p := range processes {
		running.Go(func() {
			for left.Load() > 0 {
				p.do(order{Do: open})
				came := p.do(order{Do: calling})
				mu.Lock()
				all.count(t, came)
				calls++
				mu.Unlock()
			}
		})
	}
	running.Wait()
	end(t, processes...) // they say which lines of Python's they could not read
	stress.Report(t, stress.Processes, "Python processes write the file in place", "0 failures",
		"%d Python processes, %d writes: of %d clients of %d processes %d logged in, %d failures", pythons, written.Load(), calls, n, h.server.logins(), all.failed)
	if calls == 0 || written.Load() == 0 {
		t.Error("there were no calls or no writes")
	}
}
