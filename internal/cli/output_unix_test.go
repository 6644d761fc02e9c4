//go:build unix

package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
)

// A terminal gets indented JSON in colours, unless it or the user does not want them.
func TestColorsOfATerminal(t *testing.T) {
	needTerminal(t)
	server := loggedInServer(t)
	for _, test := range []struct {
		variables map[string]string
		colors    bool
	}{
		{nil, true},
		{map[string]string{"NO_COLOR": "1"}, false},
		{map[string]string{"CLICOLOR": "0"}, false},
		{map[string]string{"TERM": "dumb"}, false},
		{map[string]string{"CLICOLOR": "1"}, true},
	} {
		t.Setenv("TERM", "xterm")
		for _, name := range []string{"NO_COLOR", "CLICOLOR", "PAGER", "TAEGIS_PAGER"} {
			t.Setenv(name, "")
		}
		for name, value := range test.variables {
			t.Setenv(name, value)
		}
		answerWith(server, "client", client)
		code, got := onTerminal(t, "", "api", "{ client(id: 1) { name } }")
		if colored := strings.Contains(got, "\x1b[1;34m\"name\"\x1b[0m"); code != 0 || colored != test.colors || !strings.Contains(got, "\n    ") {
			t.Errorf("%v: exit code %d, %q", test.variables, code, got)
		}
		answerWith(server, "client", client)
		if piped := invoke(t, "", "api", "{ client(id: 1) { name } }"); strings.Contains(piped.out, "\x1b") {
			t.Errorf("%v: a pipe got %q", test.variables, piped.out)
		}
	}
}

// No line of a table is wider than the terminal.
func TestTablesFitTheTerminal(t *testing.T) {
	needTerminal(t)
	loggedInServer(t)
	t.Setenv("COLUMNS", "40")
	t.Setenv("NO_COLOR", "1")
	code, got := onTerminal(t, "", "schema", "services", "--output", "table")
	lines := strings.Split(got, "\n")
	for _, line := range lines {
		if len([]rune(line)) > 40 && !strings.HasPrefix(line, "taegis: note: ") {
			t.Errorf("%q is %d characters wide", line, len([]rune(line)))
		}
	}
	if code != 0 || len(lines) < 20 || !strings.Contains(got, "the terminal is too narrow for 2 of 5 columns") {
		t.Errorf("exit code %d, %s", code, got)
	}
}

// The pager of a terminal gets the output, without secrets in its variables. A pipe has no pager.
func TestPager(t *testing.T) {
	needTerminal(t)
	sh := testutil.Program(t, "sh")
	loggedInServer(t)
	dir := t.TempDir()
	t.Setenv("TERM", "xterm")
	t.Setenv("PAGER", "false")
	script := filepath.Join(dir, "pager")
	if err := os.WriteFile(script, []byte("#!"+sh+"\nenv > "+dir+"/env; sed 's/^/paged /'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TAEGIS_PAGER", script)
	code, got := onTerminal(t, "", "schema", "services", "--jq", ".name")
	if code != 0 || !strings.Contains(got, "paged clients\n") {
		t.Errorf("exit code %d, %s", code, got)
	}
	env, err := os.ReadFile(filepath.Join(dir, "env"))
	if err != nil || strings.Contains(string(env), "CLIENT_SECRET=") || !strings.Contains(string(env), "LESS=") {
		t.Errorf("%v, %s", err, env)
	}
	if piped := invoke(t, "", "schema", "services", "--jq", ".name"); strings.Contains(piped.out, "paged") {
		t.Errorf("a pipe got %q", piped.out)
	}
	t.Setenv("TAEGIS_PAGER", "head -1")
	code, got = onTerminal(t, "", "schema", "operations", "--jq", ".name")
	if code != 0 || strings.Count(got, "\n") != 1 {
		t.Errorf("a closed pager: exit code %d, %q", code, got)
	}
	t.Setenv("TAEGIS_PAGER", "")
	code, got = onTerminal(t, "", "schema", "services", "--jq", ".name")
	if code != 0 || !strings.Contains(got, "clients\n") || strings.Contains(got, "paged") {
		t.Errorf("no pager: exit code %d, %s", code, got)
	}
}

// A full disk is an error in each format.
func TestFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		testutil.Missing(t, "/dev/full")
	}
	defer full.Close()
	loggedInServer(t)
	for _, format := range []string{"table", "json", "jsonl", "csv", "yaml"} {
		var stderr bytes.Buffer
		code := cli.Run(t.Context(), line("schema", "services", "--output", format), strings.NewReader(""), full, &stderr)
		if code != 1 || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("%s: exit code %d, %s", format, code, stderr.String())
		}
	}
}

// A reader that has seen enough ends the program without a message.
func TestHeadOfAList(t *testing.T) {
	loggedInServer(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	taegis := filepath.Join(t.TempDir(), "taegis")
	if err := os.Symlink(self, taegis); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"table", "json", "jsonl", "csv", "yaml"} {
		cmd := exec.CommandContext(t.Context(), testutil.Program(t, "sh"), "-c", taegis+` schema operations --output "$0" | head -1`, format)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || bytes.Count(out, []byte("\n")) != 1 || stderr.Len() > 0 {
			t.Errorf("%s: %v, %q, %s", format, err, out, stderr.String())
		}
	}
}
