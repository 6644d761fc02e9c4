package processes_test

import (
	"sync"
	"sync/atomic"
	"testing"
)

// writing is a group of processes, of which, each another client, log in again and again. After
// each time another client of the process looks for the token.
type writing struct {
	processes []*process
	stop      atomic.Bool
	running   sync.WaitGroup

	mu     sync.Mutex
	last   []outcome // of each process
	count  int
	lost   int
	failed []string
}

// sign lets processes log in until its end is called, or one fails.
func sign(t testing.TB, processes []*process) *writing {
	w := &writing{processes: processes, last: make([]outcome, len(processes))}
	t.Cleanup(func() { w.stop.Store(true) })
	for i, p := range processes {
		w.running.Go(func() {
			for again := true; again; again = again && !w.stop.Load() {
				came := p.do(order{Do: loggingIn})
				w.mu.Lock()
				w.count++
				w.last[i] = came
				w.mu.Unlock()
				again = w.look(i)
			}
		})
	}
	return w
}

// look lets a process look for its last token as a new process would, and counts it if it is lost.
func (w *writing) look(i int) (ok bool) {
	p := w.processes[i]
	p.do(order{Do: open})
	found := p.do(order{Do: getting})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, came := range []outcome{w.last[i], found} {
		if came.Failure != "" {
			w.failed = append(w.failed, came.Failure)
			return false
		}
	}
	if found.Token != w.last[i].Token {
		w.lost++
	}
	return true
}

// end looks for all tokens once more, and counts.
func (w *writing) end(t testing.TB) (written, lost, failed int) {
	t.Helper()
	w.stop.Store(true)
	w.running.Wait()
	for i := range w.processes {
		w.look(i)
	}
	for _, failure := range w.failed {
		t.Error(failure)
	}
	if w.lost > 0 {
		t.Errorf("%d of %d tokens were lost", w.lost, w.count)
	}
	return w.count, w.lost, len(w.failed)
}
