//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/taegis-go/taegis/internal/testutil"
)

func TestTerminalScripts(t *testing.T) {
	needTerminal(t)
	runScripts(t, filepath.Join("testdata", "terminal"))
}

func needTerminal(t *testing.T) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		testutil.Missing(t, "a pseudo-terminal")
	}
	master.Close()
	slave.Close()
}

func init() {
	programs["answer"] = func() { os.Exit(runAnswer(os.Args[1:])) }
	programs["session"] = func() { os.Exit(runSession(os.Args[1:])) }
}

// atTerminal marks processes with a terminal of the test. All others leave the developer's terminal.
const atTerminal = "TAEGIS_TEST_AT_TERMINAL"

func leaveTerminal() {
	if os.Getenv(atTerminal) == "" {
		_, _ = syscall.Setsid() // fails only for a session leader, which has left already
	}
}

// Exit codes of answer for errors of the test or the terminal.
const (
	exitNoQuestion   = 124
	exitModesChanged = 125
	exitBroken       = 126
)

// answerLimit is the time limit for a prompt.
const answerLimit = 20 * time.Second

// runAnswer runs a program at a new terminal and answers its prompts:
//
//	answer [QUESTION ANSWER]... -- PROGRAM ARGUMENT...
//
// The answers ^C and ^D are keys. The program inherits the streams of answer. The contents of the
// terminal are written to the file "terminal" at the end.
func runAnswer(args []string) int {
	master, slave, err := pty.Open()
	if err != nil {
		return broken(err)
	}
	var pairs []string
	for len(args) > 0 && args[0] != "--" {
		pairs, args = append(pairs, args[0]), args[1:]
	}
	session, err := exec.LookPath("session")
	if err != nil {
		return broken(err)
	}
	cmd := exec.Command(session, args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{slave}
	cmd.Env = append(os.Environ(), atTerminal+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if err := cmd.Start(); err != nil {
		return broken(err)
	}
	slave.Close()
	screen := watchScreen(master)
	for i := 0; i+1 < len(pairs); i += 2 {
		if !screen.await(pairs[i]) {
			_ = cmd.Process.Kill()
			fmt.Fprintf(os.Stderr, "the question %q did not come; the terminal shows %q\n", pairs[i], screen)
			return exitNoQuestion
		}
		_, _ = io.WriteString(master, keys(pairs[i+1]))
	}
	err = cmd.Wait()
	<-screen.ended
	if err := os.WriteFile("terminal", []byte(screen.String()), 0o600); err != nil {
		return broken(err)
	}
	return exitCodeOf(err)
}

// runSession is the leader of a terminal's session, like a shell. It runs a program and checks that the
// program restores the terminal.
func runSession(args []string) int {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // only the program handles it
	const tty = 3
	before, err := term.GetState(tty)
	if err != nil {
		return broken(err)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	code := exitCodeOf(cmd.Run())
	if after, err := term.GetState(tty); err != nil || !reflect.DeepEqual(before, after) {
		fmt.Fprintln(os.Stderr, "the terminal is not as it was", err)
		return exitModesChanged
	}
	return code
}

func broken(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return exitBroken
}

func exitCodeOf(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return broken(err)
	}
	return 0
}

// keys returns the bytes of an answer as typed.
func keys(answer string) string {
	switch answer {
	case "^C":
		return "\x03"
	case "^D":
		return "\x04"
	}
	return answer + "\n"
}

// screen is the output at a terminal.
type screen struct {
	mu      sync.Mutex
	shown   bytes.Buffer
	seen    int // length of shown up to the last prompt
	changed chan struct{}
	ended   chan struct{}
}

func watchScreen(master io.Reader) *screen {
	s := &screen{changed: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		chunk := make([]byte, 4096)
		for {
			n, err := master.Read(chunk)
			s.mu.Lock()
			s.shown.Write(chunk[:n])
			s.mu.Unlock()
			select {
			case s.changed <- struct{}{}:
			default:
			}
			if err != nil {
				return // the last process has closed the terminal
			}
		}
	}()
	return s
}

// await waits until the terminal shows a text after the previous one.
func (s *screen) await(text string) bool {
	limit := time.After(answerLimit)
	for {
		s.mu.Lock()
		at := strings.Index(s.shown.String()[s.seen:], text)
		if at >= 0 {
			s.seen += at + len(text)
		}
		s.mu.Unlock()
		if at >= 0 {
			return true
		}
		select {
		case <-s.changed:
		case <-s.ended:
			return false
		case <-limit:
			return false
		}
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}
