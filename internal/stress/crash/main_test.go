package crash_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// TestMain lets the test binary be the process that is killed: it then runs the program that a test
// has named instead of the tests.
func TestMain(m *testing.M) {
	if run, ok := programs[os.Getenv("CRASH_PROGRAM")]; ok {
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin) // the parent closes its input once all is set up
		if err := run(context.Background(), os.Args[1], func(what string) { fmt.Println(what) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A program writes in a folder and says of each write that it has finished. What it has said
// counts: it must still be there whatever happens to the process.
type program func(ctx context.Context, dir string, finished func(string)) error

// programs are all that there are, by name.
var programs = map[string]program{}

// process is a program that runs in a process of its own.
type process struct {
	*exec.Cmd
	out *bufio.Reader // what it says to have finished
	gun io.Closer     // it begins once this is closed
}

// launch starts a program, and returns once it waits for the gun.
func launch(name, dir string, stderr io.Writer, with ...func(*exec.Cmd)) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{Cmd: exec.Command(self, dir)}
	p.Env = append(os.Environ(), "CRASH_PROGRAM="+name, "GORACE=atexit_sleep_ms=0")
	p.Stderr = stderr
	for _, change := range with {
		change(p.Cmd)
	}
	gun, err := p.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	p.out, p.gun = bufio.NewReader(out), gun
	if line, err := p.out.ReadString('\n'); line != "ready\n" {
		return nil, errors.Join(fmt.Errorf("the program %s said %q: %w", name, line, err), p.Process.Kill(), p.Wait())
	}
	return p, nil
}
