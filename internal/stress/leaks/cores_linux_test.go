package leaks

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// unprotected is a program that holds a secret and lets the system decide about core files.
func unprotected() {
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// The limit of core files is raised for a command and a plugin, which are then aborted while they
// hold a secret. Where cores are files here, none may be there.
func TestNoCoreFiles(t *testing.T) {
	s := newFixture(t)
	s.acme("[profiles.p]\nchain = [\"plugin:acme\"]\n")
	s = s.with("ACME_TOKEN="+sideSecret, "VAULT_TOKEN="+vaultToken, "ACT=exchange", "GOTRACEBACK=crash")
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil {
		t.Fatal(err)
	}
	asFiles := !bytes.ContainsAny(pattern, "|/")

	limits := 0
	for _, subject := range []string{"taegis", "plugin"} {
		for _, signal := range []syscall.Signal{syscall.SIGABRT, syscall.SIGQUIT} {
			dir := t.TempDir()
			server := newHolder(t)
			cmd := s.with("TAEGIS_API_URL="+server.URL).unlimited(dir, s.taegis, "--profile", "p", "auth", "login")
			start(t, cmd)
			<-server.reached
			pid := cmd.Process.Pid
			if subject == "plugin" {
				pid = childOf(t, pid)
			}
			if softCoreLimit(t, pid) == "0" {
				limits++
			} else {
				t.Errorf("%s may leave a core", subject)
			}
			if err := syscall.Kill(pid, signal); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // one of both has crashed
			if cores := coresIn(t, dir); len(cores) > 0 {
				t.Errorf("%s left %v", subject, cores)
			}
		}
	}

	// A program that says nothing about it leaves one.
	dir := t.TempDir()
	cmd := s.unlimited(dir, program(t, "unprotected"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	if limit := softCoreLimit(t, cmd.Process.Pid); limit == "0" {
		testutil.Missing(t, "a hard limit of core files above 0")
	}
	if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	_ = stdin.Close()
	control := "the system keeps cores elsewhere"
	if asFiles {
		cores := coresIn(t, dir)
		if len(cores) == 0 {
			t.Error("an unprotected program left no core: nothing was shown")
		}
		control = fmt.Sprintf("%d of an unprotected program", len(cores))
	}
	stress.Report(t, stress.Leaks, "command and plugin aborted where cores are allowed", "0 core files, limit 0 in each process",
		"2 programs x 2 signals: %d limits of 0, 0 cores (%s)", limits, control)
}

// unlimited is a command with the highest limit of core files that is allowed, in a folder for
// cores.
func (s *fixture) unlimited(dir, path string, args ...string) *exec.Cmd {
	cmd := s.command("/bin/sh", append([]string{"-c", `ulimit -c "$(ulimit -Hc)"; exec "$@"`, "sh", path}, args...)...)
	cmd.Dir = dir
	return cmd
}

func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// childOf returns the first child of a process.
func childOf(t testing.TB, pid int) int {
	t.Helper()
	var child int
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range tasks {
		text, _ := os.ReadFile(path)
		if _, err := fmt.Sscan(string(text), &child); err == nil {
			return child
		}
	}
	t.Fatal("there is no child")
	return 0
}

func softCoreLimit(t testing.TB, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			return strings.Fields(rest)[0]
		}
	}
	t.Fatalf("no limit of cores in %s", text)
	return ""
}

func coresIn(t testing.TB, dir string) []string {
	t.Helper()
	cores, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return cores
}
