//go:build unix

package spool_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/internal/spool"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The variables of a child process.
const (
	childServer = "SPOOL_TEST_SERVER"
	childDir    = "SPOOL_TEST_DIR"
	childInput  = "SPOOL_TEST_INPUT" // "-" for standard input, "" to resume all
	childKill   = "SPOOL_TEST_KILL"  // the number of the step at which it is killed
)

func TestMain(m *testing.M) {
	if os.Getenv(childServer) == "" {
		os.Exit(m.Run())
	}
	if err := child(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// partSize makes three parts of the text that the tests send.
const partSize = 40

// child sends an input as the command line does, and kills itself at a step.
func child() error {
	kill, _ := strconv.Atoi(os.Getenv(childKill))
	steps := 0
	spool.SetStep(func(string) {
		if steps++; steps == kill {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	})
	client, err := taegis.New(
		taegis.WithBaseURL(os.Getenv(childServer)), taegis.WithTenant("11063"), taegis.WithTokenStore(new(tokenstore.Memory)),
		taegis.WithLookupEnv(func(name string) (string, bool) {
			value, ok := map[string]string{"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret}[name]
			return value, ok
		}),
	)
	if err != nil {
		return err
	}
	ctx := context()
	s, err := spool.Open(os.Getenv(childDir))
	if err != nil {
		return err
	}
	job, err := childJob(s)
	if err != nil {
		return err
	}
	err = job.Send(ctx, files.New(client), func(*spool.Part) {})
	return errors.Join(err, job.Release(), client.Close())
}

func childJob(s *spool.Spool) (*spool.Job, error) {
	path := os.Getenv(childInput)
	if path == "" {
		jobs, err := s.Jobs(context())
		if err != nil || len(jobs) != 1 {
			return nil, fmt.Errorf("%d jobs: %w", len(jobs), err)
		}
		job, err := s.Take(context(), jobs[0].ID)
		if err != nil {
			return nil, err
		}
		return s.Accept(context(), job)
	}
	var in io.Reader = os.Stdin
	if path != spool.Pipe {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	return s.Add(context(), in, spool.Job{
		Source: path, Name: "fw.log", Target: spool.Target{Environment: os.Getenv(childServer), Tenant: "11063"},
	}, partSize)
}

// run runs a child and returns whether it was killed.
func run(t *testing.T, server *emulator.Server, dir, input, stdin string, kill int) (killed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childServer+"="+server.URL, childDir+"="+dir, childInput+"="+input, childKill+"="+strconv.Itoa(kill))
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Fatalf("killed at step %d: %v\n%s", kill, err, out)
	}
	return false
}

// text has three parts.
var text = strings.Repeat("a line of 20 bytes.\n", 5)

// A file is sent by a process that is killed at each of its steps in turn. The next process sends
// the rest: the host has stored each part exactly once, with exactly its bytes. The server of the
// test fails it if a token or a tenant has come to the host.
func TestAFileIsSentOnceByProcessesThatAreKilled(t *testing.T) {
	for kill := 1; ; kill++ {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.AnyTenant = true })
		dir, input := t.TempDir()+"/spool", t.TempDir()+"/fw.log"
		if err := os.WriteFile(input, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		killed := run(t, server, dir, input, "", kill)
		run(t, server, dir, input, "", 0)
		wantOnce(t, server, kill)
		requests := len(server.Requests())
		run(t, server, dir, input, "", 0) // it is known to be sent
		if now := len(server.Requests()); now != requests {
			t.Errorf("killed at step %d: the third run has sent %d requests", kill, now-requests)
		}
		if !killed {
			if kill < 20 {
				t.Errorf("only %d steps", kill)
			}
			return
		}
	}
}

// Of a pipe, what was read before the process was killed can be sent later.
func TestAPipeIsSentOnceByProcessesThatAreKilled(t *testing.T) {
	for kill := 1; ; kill++ {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.AnyTenant = true })
		dir := t.TempDir() + "/spool"
		killed := run(t, server, dir, spool.Pipe, text, kill)
		s, err := spool.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		jobs, err := s.Jobs(context())
		if err != nil || len(jobs) > 1 {
			t.Fatalf("killed at step %d: %d jobs, %v", kill, len(jobs), err)
		}
		if len(jobs) == 0 { // nothing was read yet
			run(t, server, dir, spool.Pipe, text, 0)
		} else {
			run(t, server, dir, "", "", 0)
		}
		wantOnce(t, server, kill)
		if !killed {
			return
		}
	}
}

// wantOnce checks that the host has all parts exactly once.
func wantOnce(t *testing.T, server *emulator.Server, kill int) {
	t.Helper()
	var all string
	for _, u := range server.Uploads() {
		if u.Stored > 1 || u.Tenant == "" {
			t.Errorf("killed at step %d: %s was stored %d times", kill, u.Name, u.Stored)
		}
		all += string(u.Content)
	}
	if all != text {
		t.Errorf("killed at step %d: the host has %q", kill, all)
	}
}
