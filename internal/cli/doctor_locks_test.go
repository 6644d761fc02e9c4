package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// runHold takes a lock as a login does, prints a line, and holds the lock until its stdin ends.
func runHold() {
	l, err := filelock.Try(os.Args[1], 0o600)
	if err == nil {
		err = l.SetNote(strconv.Itoa(os.Getpid()))
	}
	fmt.Println("held", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// hold starts a process that holds a lock.
func hold(t *testing.T, path string) (holder *exec.Cmd) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	holder = exec.CommandContext(t.Context(), testutil.Program(t, "hold"), path)
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = holder.Wait()
	})
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "held <nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return holder
}

func TestDoctorOfLocks(t *testing.T) {
	_, dir := well(t, emulator.Config{})
	logins, err := filepath.Glob(filepath.Join(sharedFile(dir)+".logins", "*.lock"))
	if err != nil || len(logins) != 1 {
		t.Fatalf("%v, %v", logins, err)
	}
	doctor(t).want("locks", "ok", "no lock is held")

	holder := hold(t, logins[0])
	process := fmt.Sprintf("process %d has held it for ", holder.Process.Pid)
	doctor(t).want("locks", "ok", process, "is logging in")
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(logins[0], long, long); err != nil {
		t.Fatal(err)
	}
	doctor(t).want("locks", "warning", process, "1h0m", "still runs")

	// The system releases the lock of a process that is killed.
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	doctor(t).want("locks", "ok", "no lock is held")

	// A lock on a folder that several machines share may be held elsewhere.
	held, err := filelock.Try(logins[0], 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := held.SetNote(strconv.Itoa(holder.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	doctor(t).want("locks", "warning", process, "does not run on this machine")
	if err := held.SetNote(""); err != nil {
		t.Fatal(err)
	}
	doctor(t).want("locks", "warning", "an unknown process has held it")
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}

	// The lock of the file is held only during a rewrite.
	rewriting, err := filelock.Try(sharedFile(dir)+".lock", 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer rewriting.Unlock()
	e := doctor(t)
	e.want("locks", "warning", "config.lock", "for more than 1s")
	e.want("token", "ok")
}
