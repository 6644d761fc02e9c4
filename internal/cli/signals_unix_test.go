//go:build unix

package cli_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/cli"
)

// The time from the signal to the end of the command: the goal and the limit.
const (
	endGoal  = 100 * time.Millisecond
	endLimit = 10 * time.Second
)

// awaitLimit is the time limit of an event, for example that the command opens a FIFO.
const awaitLimit = time.Minute

// TestEveryCommandEndsWithASignal checks that SIGTERM and the first SIGINT end every command during
// each of its waits. A new command needs an entry in commandWaits.
func TestEveryCommandEndsWithASignal(t *testing.T) {
	if testing.Short() {
		t.Skip("runs other programs; the race detector adds nothing")
	}
	// The commands inherit ignored signals from this process, as a job in the background does.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt)
	t.Cleanup(func() { signal.Stop(caught) })

	paths := cli.CommandPaths()
	for name := range commandWaits {
		if !slices.Contains(paths, name) {
			t.Errorf("%q is not a command", name)
		}
	}
	var times endTimes
	t.Run("all", func(t *testing.T) {
		for _, path := range paths {
			w, ok := commandWaits[path]
			if !ok || (w.never == "") == (len(w.on)+len(w.with) == 0) {
				t.Errorf("%q has to say what it waits for, or the reason why it waits for nothing", path)
				continue
			}
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				testWaits(t, w, &times)
			})
		}
	})
	t.Logf("%d commands, %d ends: median %v, longest %v (goal %v)", len(paths), len(times.all), times.median(), slices.Max(times.all), endGoal)
}

// testWaits runs a command once for each wait and signal, and once for each FIFO that it must not
// open.
func testWaits(t *testing.T, w waits, times *endTimes) {
	lines := map[waited][][]string{}
	for _, on := range w.on {
		lines[on] = append(lines[on], w.args)
	}
	for on, with := range w.with {
		lines[on] = append(lines[on], with...)
	}
	for _, on := range slices.Sorted(maps.Keys(lines)) {
		for i, args := range lines[on] {
			for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
				t.Run(fmt.Sprintf("waits for %s/%d/%v", on, i, s), func(t *testing.T) {
					took := newWait(t, on, args).end(s, w.quiet)
					times.add(took)
					t.Logf("%v (goal %v)", took, endGoal)
				})
			}
		}
	}
	for _, fifo := range []waited{forProfiles, forBundle} {
		if lines[fifo] == nil && lines[forSignal] == nil {
			t.Run("does not wait for "+string(fifo), func(t *testing.T) { newWait(t, fifo, w.args).endsAlone() })
		}
	}
}

// endTimes are the times from a signal to the end of a command.
type endTimes struct {
	mu  sync.Mutex
	all []time.Duration
}

func (e *endTimes) add(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, d)
}

func (e *endTimes) median() time.Duration {
	slices.Sort(e.all)
	return e.all[len(e.all)/2]
}

// wait is a command that waits for an event.
type wait struct {
	t      *testing.T
	on     waited
	dir    string
	cmd    *exec.Cmd
	stderr *screen
	begun  chan struct{} // closed when the command waits; for a FIFO that is when it opens it
	exited chan struct{} // closed when the command has ended
	left   chan struct{} // if not nil, closed when all processes of the command have ended
}

// newWait starts a command that is expected to wait.
func newWait(t *testing.T, on waited, args []string) *wait {
	t.Helper()
	program, err := exec.LookPath("taegis")
	if err != nil {
		t.Fatal(err)
	}
	w := &wait{
		t: t, on: on, dir: t.TempDir(), cmd: exec.Command(program, args...),
		begun: make(chan struct{}), exited: make(chan struct{}),
	}
	w.cmd.Dir = w.dir
	w.settle()
	blocks[on](w)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w.cmd.Stderr, w.stderr = writer, watchScreen(reader)
	if w.cmd.Stdout == nil && args[0] == "clients" { // a command with a secret prints none to the null device
		file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		w.cmd.Stdout = file
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	go func() {
		defer close(w.exited)
		_ = w.cmd.Wait() // the exit code is checked
	}()
	t.Cleanup(func() {
		_ = w.cmd.Process.Kill()
		<-w.exited
	})
	if on == forLogin {
		go w.noteText(w.stderr, "waiting for another program")
	}
	return w
}

// end sends a signal when the command waits, and returns the time that it takes to end.
func (w *wait) end(s syscall.Signal, quiet bool) time.Duration {
	w.t.Helper()
	select {
	case <-w.begun:
	case <-w.exited:
		w.printStacks()
		w.t.Fatalf("it ends before it waits, %v; stderr %q", w.cmd.ProcessState, w.stderr)
	case <-time.After(awaitLimit):
		w.printStacks()
		w.t.Fatalf("it does not come to wait; stderr %q", w.stderr)
	}
	sent := time.Now()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
	w.await(w.exited, "it does not end")
	took := time.Since(sent)
	code, message := 128+int(s), map[syscall.Signal]string{syscall.SIGINT: "taegis: interrupted\n", syscall.SIGTERM: "taegis: terminated\n"}[s]
	if quiet {
		code, message = 0, ""
	}
	w.await(w.stderr.ended, "it leaves stderr open")
	if got := w.cmd.ProcessState.ExitCode(); got != code || !strings.HasSuffix(w.stderr.String(), message) {
		w.t.Errorf("%v, stderr %q; want exit code %d and %q", w.cmd.ProcessState, w.stderr, code, message)
	}
	if w.left != nil {
		w.await(w.left, "it leaves a process behind")
	}
	return took
}

// endsAlone waits for the end of a command that must not wait for the event.
func (w *wait) endsAlone() {
	w.t.Helper()
	select {
	case <-w.exited:
	case <-w.begun:
		w.t.Errorf("it waits for %s; say so in the table", w.on)
	case <-time.After(awaitLimit):
		w.printStacks()
		w.t.Errorf("it does not end; stderr %q", w.stderr)
	}
}

// await waits for an event after the signal.
func (w *wait) await(event <-chan struct{}, otherwise string) {
	w.t.Helper()
	select {
	case <-event:
	case <-time.After(endLimit):
		w.printStacks()
		w.t.Fatalf("%s within %v; stderr %q", otherwise, endLimit, w.stderr)
	}
}

// printStacks makes the command print the stacks of its goroutines to stderr.
func (w *wait) printStacks() {
	_ = w.cmd.Process.Signal(syscall.SIGQUIT) // a command that has ended prints nothing
	select {
	case <-w.stderr.ended:
	case <-time.After(endLimit):
	}
}
