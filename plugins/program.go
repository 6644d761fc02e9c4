package plugins

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/taegis-go/taegis/internal/subprocess"
)

// program is one run of a plugin program: what go-plugin needs of a process, in a form in which
// nothing that the process does can make the host wait. Its stdin is closed, it has a session
// of its own, without a terminal, and its output is always read.
type program struct {
	image   *image
	name    string // the path that was asked for, which the process sees as its name
	env     []string
	printed *printed

	mu     sync.Mutex // guards end and killed
	end    func()     // ends the process at once; nil before the start and after the end
	killed bool

	pid       int
	handshake *io.PipeReader // the first line of stdout, for go-plugin
	line      string         // the same, once spoken is closed
	spoken    chan struct{}
	exited    chan struct{}
	status    string // how it ended, once exited is closed
}

var _ runner.Runner = (*program)(nil)

const (
	// maxHandshake bounds the first line, in bytes; a real one has about 1 KB, a certificate.
	maxHandshake = 16 << 10
	// drainTime is how long output is still read after the process has ended: what it started
	// may hold the pipes for ever.
	drainTime = 20 * time.Millisecond
)

func newProgram(image *image, name string, printed *printed) *program {
	return &program{image: image, name: name, printed: printed, spoken: make(chan struct{}), exited: make(chan struct{})}
}

var errKilled = errors.New("the start was given up")

// Start is part of [runner.Runner].
func (p *program) Start(context.Context) error {
	stdout, stdoutEnd, err := os.Pipe()
	if err != nil {
		return err
	}
	stderr, stderrEnd, err := os.Pipe()
	if err != nil {
		_, _ = stdout.Close(), stdoutEnd.Close()
		return err
	}
	cmd, err := p.launch(stdoutEnd, stderrEnd)
	_, _ = stdoutEnd.Close(), stderrEnd.Close()
	p.image.started()
	if err != nil {
		p.image.ended()
		_, _ = stdout.Close(), stderr.Close()
		return err
	}
	go p.reap(cmd, p.read(stdout, stderr), stdout, stderr)
	return nil
}

// read begins to read the output. The group returned is done when both streams have ended.
func (p *program) read(stdout, stderr io.Reader) *sync.WaitGroup {
	handshake, first := io.Pipe()
	p.handshake = handshake
	var reading sync.WaitGroup
	reading.Go(func() { p.listen(stdout, first) })
	reading.Go(func() {
		said := &stream{to: p.printed}
		defer said.end()
		_, _ = io.Copy(said, stderr)
	})
	return &reading
}

const (
	// busyTries and busyPause bound how long a start is repeated because the program is open for
	// writing: a process that this one has just started holds what is copied until it runs.
	busyTries = 100
	busyPause = 5 * time.Millisecond
)

// launch starts the process. A process that opens the program for writing has to wait for the end
// of the lease, and yet the system runs no program that anyone is opening so. Then a copy runs.
func (p *program) launch(stdout, stderr *os.File) (*exec.Cmd, error) {
	for try := 1; ; try++ {
		cmd, err := p.launchOnce(stdout, stderr)
		if !errors.Is(err, syscall.ETXTBSY) || try == busyTries {
			return cmd, err
		}
		if p.image.copy == nil {
			time.Sleep(busyPause)
			continue
		}
		other, err := p.image.copy()
		if err != nil {
			return nil, err
		}
		p.image.ended()
		p.image = other
	}
}

func (p *program) launchOnce(stdout, stderr *os.File) (*exec.Cmd, error) {
	cmd := &exec.Cmd{
		Path: p.image.path, Args: []string{p.name}, Env: p.env,
		Stdout: stdout, Stderr: stderr, ExtraFiles: p.image.files,
	}
	subprocess.Detach(cmd)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return nil, errKilled
	}
	if p.image.intact != nil && !p.image.intact() { // the lease has been, or is about to be, taken away
		return nil, syscall.ETXTBSY
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.end, p.pid = func() { subprocess.Kill(cmd.Process) }, cmd.Process.Pid
	return cmd, nil
}

// listen passes the first line of stdout on if it begins as a handshake does, and reads the rest to
// nowhere. What is too long for a handshake is none.
func (p *program) listen(stdout io.Reader, first *io.PipeWriter) {
	r := bufio.NewReaderSize(stdout, maxHandshake)
	line, err := r.ReadSlice('\n')
	p.line = string(line)
	close(p.spoken)
	p.image.loaded()
	said := &stream{to: p.printed}
	defer said.end()
	switch handshake := bytes.HasPrefix(line, []byte("1|")); {
	case !handshake: // go-plugin would accept some of these, for example with a space in front
		_, _ = said.Write(line)
	case err == nil:
		_, _ = first.Write(line)
	}
	_ = first.Close()
	_, _ = io.Copy(said, r)
}

// reap waits for the process, and for its output as long as that makes sense.
func (p *program) reap(cmd *exec.Cmd, reading *sync.WaitGroup, pipes ...*os.File) {
	_ = cmd.Wait() // how it ended is in its state
	p.mu.Lock()
	p.status = cmd.ProcessState.String()
	if p.killed && !cmd.ProcessState.Exited() {
		p.status = "it was killed by this program"
	}
	subprocess.Kill(cmd.Process) // what it has started, too
	p.end = nil                  // its number may soon be another's
	p.mu.Unlock()
	end := time.AfterFunc(drainTime, func() {
		for _, pipe := range pipes {
			_ = pipe.Close()
		}
	})
	reading.Wait()
	end.Stop()
	for _, pipe := range pipes {
		_ = pipe.Close()
	}
	p.image.ended()
	close(p.exited)
}

// Wait is part of [runner.AttachedRunner].
func (p *program) Wait(context.Context) error {
	<-p.exited
	return nil
}

// Kill ends the process and all that it has started, at once.
func (p *program) Kill(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	if p.end != nil {
		p.end()
	}
	return nil
}

// Stdout is part of [runner.Runner].
func (p *program) Stdout() io.ReadCloser { return p.handshake }

// Stderr is part of [runner.Runner]. It is empty, since this type reads stderr itself.
func (p *program) Stderr() io.ReadCloser { return io.NopCloser(eof{}) }

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// Name is part of [runner.Runner].
func (p *program) Name() string { return p.name }

// ID is part of [runner.AttachedRunner].
func (p *program) ID() string {
	if p.pid == 0 {
		return ""
	}
	return strconv.Itoa(p.pid)
}

// Diagnose is part of [runner.Runner]. The link's error says more.
func (p *program) Diagnose(context.Context) string { return "" }

// errAddress is what a plugin's address is refused with.
var errAddress = errors.New("its address is neither a socket of this machine nor a port of a loopback address")

// PluginToHost is part of [runner.AddrTranslator]. It refuses every address of another machine, and
// every host name: go-plugin would resolve it in the DNS, which no time limit of the login ends.
func (p *program) PluginToHost(network, address string) (string, string, error) {
	if network == "unix" {
		return network, address, nil
	}
	at, err := netip.ParseAddrPort(address)
	if network != "tcp" || err != nil || !at.Addr().Unmap().IsLoopback() {
		return "", "", errAddress
	}
	return network, address, nil
}

// HostToPlugin is part of [runner.AddrTranslator].
func (p *program) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
