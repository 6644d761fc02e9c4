package processes_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// home is the home directory of a user with processes that log in at a server.
type home struct {
	server *server
	dir    string
	vars   []string
}

func newHome(t testing.TB, d *server, vars ...string) *home {
	t.Helper()
	h := &home{server: d, dir: t.TempDir()}
	h.vars = append([]string{
		programVariable + "=yes", "GORACE=atexit_sleep_ms=0", "HOME=" + h.dir, "TAEGIS_NO_INPUT=1",
		"TAEGIS_API_URL=" + d.URL, "CLIENT_ID=" + emulator.DemoClientID, "CLIENT_SECRET=" + emulator.DemoClientSecret,
	}, vars...)
	return h
}

// others are clients in addition to the default client of all processes.
func others() (all []emulator.Client) {
	for i := range 64 {
		name := fmt.Sprint("client-", i)
		all = append(all, emulator.Client{ID: name, Secret: name})
	}
	return all
}

// as makes a process another client.
func as(i int) []string {
	c := others()[i]
	return []string{"CLIENT_ID=" + c.ID, "CLIENT_SECRET=" + c.Secret}
}

// file is the one that the processes share.
func (h *home) file() *tokenstore.File {
	return &tokenstore.File{Path: filepath.Join(h.dir, ".taegis_sdk_python", "config")}
}

// foreign is what others have in the file: none of it may get lost.
const foreign = `# kept by hand
[lab]
Client_ID : A1B2
notes = one line
    and a second one

[empty]
novalue =

`

// writeForeign makes the file before any process does.
func (h *home) writeForeign(t testing.TB) {
	t.Helper()
	path := h.file().Path
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(foreign), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// lostForeign counts the lines of it that are not there any more, which fails the test.
func (h *home) lostForeign(t testing.TB) (lost int) {
	t.Helper()
	text, err := os.ReadFile(h.file().Path)
	others := strings.Split(strings.TrimRight(foreign, "\n"), "\n")
	found := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		if found < len(others) && line == others[found] {
			found++
		}
	}
	if lost = len(others) - found; lost > 0 {
		t.Errorf("%d lines of others are not in the file any more: %v\n%s", lost, err, text)
	}
	return lost
}

// process is one of the many.
type process struct {
	*exec.Cmd
	in     io.WriteCloser
	orders *json.Encoder
	came   *json.Decoder
	stderr notes
}

// start starts a process, which then waits for orders. What is left of it ends with the test.
func (h *home) start(t testing.TB, vars ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), self)}
	p.Env = append(append(p.Env, h.vars...), vars...)
	p.Stderr = &p.stderr
	in, inErr := p.StdinPipe()
	out, outErr := p.StdoutPipe()
	if err := errors.Join(inErr, outErr, p.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait() // it has ended, or was killed
	})
	p.in, p.orders, p.came = in, json.NewEncoder(in), json.NewDecoder(out)
	return p
}

// startMany starts so many processes and waits until they are there.
func (h *home) startMany(t testing.TB, n int, vars func(i int) []string) []*process {
	t.Helper()
	var all []*process
	for i := range n {
		if vars == nil {
			all = append(all, h.start(t))
		} else {
			all = append(all, h.start(t, vars(i)...))
		}
	}
	together(all, order{})
	return all
}

// do gives an order and waits for what comes of it.
func (p *process) do(o order) outcome {
	var came outcome
	if err := errors.Join(p.orders.Encode(o), p.came.Decode(&came)); err != nil {
		came.Failure = fmt.Sprintf("the process is not there any more: %v: %s", err, p.stderr.String())
	}
	return came
}

// begin gives an order, and returns what waits for what comes of it.
func (p *process) begin(o order) (wait func() outcome) {
	came := make(chan outcome, 1)
	go func() { came <- p.do(o) }()
	return func() outcome { return <-came }
}

// together gives all of them an order at once, and waits for what comes of it.
func together(all []*process, o order) []outcome {
	came := make([]outcome, len(all))
	var waiters sync.WaitGroup
	for i, p := range all {
		waiters.Go(func() { came[i] = p.do(o) })
	}
	waiters.Wait()
	return came
}

// end ends processes, and returns what they wrote to stderr. That they end well counts, too.
func end(t testing.TB, all ...*process) (stderr []string) {
	t.Helper()
	for _, p := range all {
		_ = p.in.Close()
	}
	for _, p := range all {
		if err := p.Wait(); err != nil {
			t.Errorf("%v: %s", err, p.stderr.String())
		}
		stderr = append(stderr, p.stderr.String())
	}
	return stderr
}

// wantSilence fails the test if processes wrote something, but that they wait, as they do on a busy
// machine.
func wantSilence(t testing.TB, stderr []string) {
	t.Helper()
	for _, text := range stderr {
		if strings.Count(text, "\n") != strings.Count(text, waiting) {
			t.Errorf("a process wrote: %s", text)
		}
	}
}

// tally is what came of many orders.
type tally struct {
	tokens          map[string]int
	failed, expired int
	slowest         time.Duration
}

// count counts what came, and fails the test for what did not go well.
func (c *tally) count(t testing.TB, all ...outcome) {
	t.Helper()
	if c.tokens == nil {
		c.tokens = map[string]int{}
	}
	for _, came := range all {
		c.slowest = max(c.slowest, came.Took)
		switch {
		case came.Failure != "":
			c.failed++
			t.Error(came.Failure)
			continue
		case came.Expired:
			c.expired++
			t.Error("an expired token")
		}
		c.tokens[came.Token]++
	}
}

// notes is what a process wrote so far.
type notes struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed when there is more; nil while there is no waiter
}

func (n *notes) Write(text []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
	return n.text.Write(text)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// await waits until a process has written something with all of these words in it.
func (n *notes) await(t testing.TB, words ...string) {
	t.Helper()
	patience := time.After(time.Minute)
	for {
		n.mu.Lock()
		text := n.text.String()
		if n.changed == nil {
			n.changed = make(chan struct{})
		}
		changed := n.changed
		n.mu.Unlock()
		found := 0
		for _, word := range words {
			if strings.Contains(text, word) {
				found++
			}
		}
		if found == len(words) {
			return
		}
		select {
		case <-changed:
		case <-patience:
			t.Fatalf("%q is not in what the process wrote: %s", words, text)
		}
	}
}
