package plugins_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// wantFault checks that the chain ends here, with an error of this kind that names the plugin,
// says what to do, and holds these words.
func wantFault(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	login, ok := errors.AsType[*core.LoginError](err)
	if !ok || !errors.Is(err, kind) || errors.Is(err, core.ErrUnavailable) || !strings.HasPrefix(login.Authenticator, "plugin:") || login.HintText == "" {
		t.Fatalf("the error is %v (%#v), want a *core.LoginError that is: %v", err, err, kind)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is missing in: %v", word, err)
		}
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) || len(err.Error()) > 1000 {
		t.Errorf("the error is not fit to be shown: %q", err.Error())
	}
}

// within logs how long something took, and fails far above its goal.
func within(t *testing.T, what string, took, goal time.Duration) {
	t.Helper()
	t.Logf("%s: %v (goal %v)", what, took, goal)
	if took > max(10*goal, 10*time.Second) {
		t.Errorf("%s took %v", what, took)
	}
}

func TestAbsent(t *testing.T) {
	s := play(t, "opaque")
	s.Path = filepath.Join(t.TempDir(), "taegis-plugin-absent")
	start := time.Now()
	_, err := s.open(t).Authenticate(t.Context(), s.request())
	within(t, "plugin absent", time.Since(start), 5*time.Millisecond)
	wantFault(t, err, fs.ErrNotExist, s.Path)
	wantFault(t, err, plugins.ErrStart)
	s.Path = t.TempDir()
	_, err = s.open(t).Authenticate(t.Context(), s.request())
	wantFault(t, err, plugins.ErrStart, "regular file")
	s.Path = filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(s.Path, []byte("no program"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.repin(t)
	_, err = s.open(t).Authenticate(t.Context(), s.request())
	wantFault(t, err, plugins.ErrStart)
}

func TestWrongHash(t *testing.T) {
	s := play(t, "opaque")
	right := s.SHA256[0]
	for _, s.SHA256 = range [][]string{nil, {strings.Repeat("0", 64)}, {strings.Repeat("0", 64), strings.Repeat("1", 64)}} {
		start := time.Now()
		_, err := s.open(t).Authenticate(t.Context(), s.request())
		within(t, "wrong hash", time.Since(start), 100*time.Millisecond)
		wantFault(t, err, core.ErrDenied, "pin its new checksum", right)
		wantFault(t, err, core.ErrUntrusted)
		if e, ok := errors.AsType[*plugins.ChecksumError](err); !ok || !slices.Equal(e.Want, s.SHA256) || e.Got != right || e.Path != s.Path {
			t.Errorf("%#v", e)
		}
	}
}

// TestChangedWhileRunning checks that the program is compared at each start.
func TestChangedWhileRunning(t *testing.T) {
	s := play(t, "opaque")
	program, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	s.Path = filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(s.Path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.open(t).Authenticate(t.Context(), s.request()); err != nil {
		t.Fatal(err)
	}
	changed := s.Path + ".new"
	if err := os.WriteFile(changed, append(program, 0), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(changed, s.Path); err != nil { // as installers do, under the running program
		t.Fatal(err)
	}
	_, err = s.open(t).Authenticate(t.Context(), s.request())
	if _, ok := errors.AsType[*plugins.ChecksumError](err); !ok {
		t.Errorf("a changed program gives %v", err)
	}
}

// TestOpenForWriting starts a program that another process holds open for writing: what runs is a
// copy.
func TestOpenForWriting(t *testing.T) {
	s := play(t, "opaque")
	program, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	s.Path = filepath.Join(t.TempDir(), "plugin.exe")
	file, err := os.OpenFile(s.Path, os.O_RDWR|os.O_CREATE, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(program); err != nil {
		t.Fatal(err)
	}
	token, err := s.open(t).Authenticate(t.Context(), s.request())
	if err != nil || token.AccessToken.Reveal() != "opaque" {
		t.Errorf("%+v, %v", token, err)
	}
}

func TestStartFaults(t *testing.T) {
	for act, want := range map[string]struct {
		kind  error
		words []string
	}{
		"crash-at-start":      {plugins.ErrCrashed, []string{"exit status 3", "cannot find the badge reader; key [40 characters]"}},
		"silent-at-start":     {plugins.ErrCrashed, []string{"killed by this program"}},
		"hang-at-start":       {plugins.ErrTimeout, []string{"did not answer within"}},
		"rubbish":             {plugins.ErrStart, []string{"does not speak as a plugin", `Welcome to \x1b[31mACME\x07 login!`}},
		"rubbish-without-end": {plugins.ErrStart, []string{"does not speak as a plugin", "rubbish"}},
		"not-a-listener":      {plugins.ErrCrashed, []string{"the connection broke"}},
		"newer":               {plugins.ErrVersion, []string{"version 7", "versions 1 to 2"}},
		"bare":                {plugins.ErrCrashed, []string{"not meant to be executed directly"}},
	} {
		t.Run(act, func(t *testing.T) {
			s := play(t, act)
			s.Timeout = time.Minute
			if act == "hang-at-start" {
				s.Timeout = 200 * time.Millisecond
			}
			start := time.Now()
			_, err := s.open(t).Authenticate(t.Context(), s.request())
			within(t, act, time.Since(start), 500*time.Millisecond)
			wantFault(t, err, want.kind, want.words...)
		})
	}
}

func TestCrashAndSuspension(t *testing.T) {
	s := play(t, "panic")
	p := s.open(t)
	for range 2 {
		_, err := p.Authenticate(t.Context(), s.request())
		wantFault(t, err, plugins.ErrCrashed, "panic: no badge in the reader", "exit status 2")
	}
	start := time.Now()
	_, err := p.Authenticate(t.Context(), s.request())
	within(t, "suspended", time.Since(start), time.Millisecond)
	wantFault(t, err, plugins.ErrCircuitOpen, "2 times in a row")
}

func TestHang(t *testing.T) {
	s := play(t, "hang")
	s.Timeout = 300 * time.Millisecond
	start := time.Now()
	_, err := s.open(t).Authenticate(t.Context(), s.request())
	within(t, "a plugin that hangs, after its 300ms", time.Since(start)-s.Timeout, 100*time.Millisecond)
	wantFault(t, err, plugins.ErrTimeout)
}

// TestProgramThatDoesNotAnswer lets a plugin hang over a program that it has started: that ends,
// too, though it has a session of its own.
func TestProgramThatDoesNotAnswer(t *testing.T) {
	h := newHolder(t)
	s := play(t, "launch")
	s.Settings = map[string]string{"address": h.listener.Addr().String()}
	for s.Timeout = 500 * time.Millisecond; h.conn == nil; s.Timeout *= 2 { // until it can start within that
		start := time.Now()
		_, err := s.open(t).Authenticate(t.Context(), s.request())
		within(t, "a program that hangs, after its plugin's time", time.Since(start)-s.Timeout, 100*time.Millisecond)
		wantFault(t, err, plugins.ErrTimeout)
		h.listener.(*net.TCPListener).SetDeadline(time.Now().Add(100 * time.Millisecond))
		h.conn, _ = h.listener.Accept()
	}
	h.lines = bufio.NewScanner(h.conn)
	defer h.conn.Close()
	h.read()
	h.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if heard := h.read(); heard != "" || h.lines.Err() != nil {
		t.Errorf("the program is still there: %q, %v", heard, h.lines.Err())
	}
}

func TestMalformed(t *testing.T) {
	for kind, words := range map[string]string{
		"header": "a token of 16 characters that no header can hold",
		"long":   "a token of 102400 characters",
		"huge":   "more than",
	} {
		t.Run(kind, func(t *testing.T) {
			s := play(t, "malformed")
			s.Settings = map[string]string{"kind": kind}
			token, err := s.open(t).Authenticate(t.Context(), s.request())
			wantFault(t, err, plugins.ErrMalformed, words)
			if !token.IsZero() {
				t.Error("there are a token and an error")
			}
		})
	}
	s := play(t, "malformed")
	if _, err := s.open(t).Authenticate(t.Context(), s.request()); err == nil || !strings.Contains(err.Error(), "neither a token nor an error") {
		t.Errorf("nothing at all gives %v", err)
	}
}

func TestFlood(t *testing.T) {
	s := play(t, "flood")
	start := time.Now()
	token, err := s.open(t).Authenticate(t.Context(), s.request())
	within(t, "20 MB on stderr", time.Since(start), 5*time.Second)
	if err != nil || token.AccessToken.Reveal() != "flood" {
		t.Errorf("%+v, %v", token, err)
	}
}

// holder is where a plugin that is "held" reports.
type holder struct {
	listener net.Listener
	conn     net.Conn
	lines    *bufio.Scanner
	pid      int
	sockets  string
}

func newHolder(t *testing.T) *holder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &holder{listener: l}
}

// meet waits until the plugin reports.
func (h *holder) meet(t *testing.T) {
	t.Helper()
	conn, err := h.listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	h.conn, h.lines = conn, bufio.NewScanner(conn)
	if _, err := fmt.Sscan(h.read(), &h.pid, &h.sockets); err != nil {
		t.Fatal(err)
	}
}

// read returns the next line, "" at the end of the process.
func (h *holder) read() string {
	h.lines.Scan()
	return h.lines.Text()
}

func TestKilledDuringACall(t *testing.T) {
	h := newHolder(t)
	s := play(t, "held")
	s.Settings = map[string]string{"address": h.listener.Addr().String()}
	read, write := io.Pipe()
	s.Logger = slog.New(slog.NewTextHandler(write, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := s.open(t)
	failed := make(chan error, 1)
	go func() {
		_, err := p.Authenticate(t.Context(), s.request())
		failed <- err
	}()
	h.meet(t)
	if log, err := bufio.NewReader(read).ReadString('\n'); !strings.Contains(log, "holding on") {
		t.Fatalf("the log says %q, %v", log, err)
	}
	go io.Copy(io.Discard, read)
	defer write.Close()
	process, err := os.FindProcess(h.pid)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	err = <-failed
	within(t, "typed error after the plugin was killed", time.Since(start), 50*time.Millisecond)
	wantFault(t, err, plugins.ErrCrashed, "signal: killed", "holding on")

	// It is started again once.
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { h.meet(t); cancel(errors.New("gave up")) }()
	if _, err := p.Authenticate(ctx, s.request()); err == nil || err.Error() != "gave up" {
		t.Errorf("the second start gives %v", err)
	}
}

func TestCancelledCall(t *testing.T) {
	h := newHolder(t)
	s := play(t, "held")
	s.Settings = map[string]string{"address": h.listener.Addr().String()}
	p := s.open(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	gaveUp := errors.New("gave up")
	failed := make(chan error, 1)
	go func() {
		_, err := p.Authenticate(ctx, s.request())
		failed <- err
	}()
	h.meet(t)
	start := time.Now()
	cancel(gaveUp)
	if err := <-failed; !errors.Is(err, gaveUp) {
		t.Errorf("the error is %v", err)
	}
	within(t, "the host gives up", time.Since(start), 10*time.Millisecond)
	if heard := h.read(); heard != "the context ended" {
		t.Errorf("the plugin heard %q", heard)
	}
	within(t, "the plugin hears of it", time.Since(start), 10*time.Millisecond)
}

// TestCloseDuringACall closes the plugin under a call, of an authenticator that does not notice.
func TestCloseDuringACall(t *testing.T) {
	h := newHolder(t)
	s := play(t, "held")
	s.Settings = map[string]string{"address": h.listener.Addr().String(), "deaf": "1"}
	p := s.open(t)
	failed := make(chan error, 1)
	go func() {
		_, err := p.Authenticate(t.Context(), s.request())
		failed <- err
	}()
	h.meet(t)
	start := time.Now()
	p.Close()
	within(t, "closing", time.Since(start), 2*time.Second)
	if err := <-failed; !errors.Is(err, core.ErrClosed) {
		t.Errorf("the call gives %v", err)
	}
	if heard := h.read(); heard != "" {
		t.Errorf("the plugin still says %q", heard)
	}
	wantNoFolder(t, h.sockets)
}

// TestCloseAwaitsACall closes the plugin under a call that has something to tidy up.
func TestCloseAwaitsACall(t *testing.T) {
	h := newHolder(t)
	s := play(t, "held")
	s.Settings = map[string]string{"address": h.listener.Addr().String(), "slow": "1"}
	p := s.open(t)
	failed := make(chan error, 1)
	go func() {
		_, err := p.Authenticate(t.Context(), s.request())
		failed <- err
	}()
	h.meet(t)
	heard := make(chan []string)
	go func() {
		lines := []string{h.read()}
		fmt.Fprint(h.conn, "x") // lets it tidy up, after Close has begun
		heard <- append(lines, h.read(), h.read())
	}()
	p.Close()
	if err := <-failed; !errors.Is(err, core.ErrClosed) {
		t.Errorf("the call gives %v", err)
	}
	if got, want := <-heard, []string{"the context ended", "tidied up", ""}; !slices.Equal(got, want) {
		t.Errorf("the plugin says %q, want %q", got, want)
	}
	wantNoFolder(t, h.sockets)
}

func wantNoFolder(t *testing.T, dir string) {
	t.Helper()
	if dir == "" {
		t.Fatal("the plugin had no folder for its sockets")
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the sockets are still there: %v", err)
	}
}

// TestKilledHost kills a host, which can do nothing about it, while its plugin works or asks.
func TestKilledHost(t *testing.T) {
	for name, variable := range map[string]string{"it works": "UNUSED=1", "it asks": "ASKS=1", "it does not notice": "DEAF=1"} {
		t.Run(name, func(t *testing.T) {
			h := newHolder(t)
			path, err := self()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(path)
			cmd.Env = append(os.Environ(), actVariable+"=host", "ADDRESS="+h.listener.Addr().String(), variable)
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Wait()
			h.meet(t)
			if info, err := os.Stat(h.sockets); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the folder of the sockets: %v, %v", info, err)
			}
			start := time.Now()
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			for h.lines.Scan() {
			}
			within(t, "plugin gone after its host was killed", time.Since(start), 2*time.Second)
			wantNoFolder(t, h.sockets)
		})
	}
}

func (h *holder) kill() {
	if process, err := os.FindProcess(h.pid); err == nil {
		process.Kill()
	}
}
