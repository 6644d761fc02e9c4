package cli_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/cli/reference"
	"github.com/taegis-go/taegis/internal/testutil"
)

var update = flag.Bool("update", false, "write docs/cli.md")

// TestReference compares docs/cli.md with the commands.
func TestReference(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "cli.md")
	want := reference.Markdown(cli.Root(), samples(t))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("docs/cli.md does not fit the commands; go test ./internal/cli -run TestReference -update writes it:\n%s", diff)
	}
}

// TestCommandsHaveExamples checks that the help of each command has an example that calls it.
func TestCommandsHaveExamples(t *testing.T) {
	for _, cmd := range reference.Commands(cli.Root()) {
		if !strings.Contains(cmd.Example, cmd.CommandPath()) {
			t.Errorf("%s has the example %q", cmd.CommandPath(), cmd.Example)
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s has the short description %q", cmd.CommandPath(), cmd.Short)
		}
		for line := range strings.Lines(cmd.Example) {
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: %q is not indented", cmd.CommandPath(), line)
			}
		}
	}
}

func TestManPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "man1")
	invoke(t, "", "man", dir).want(t, 0, "", "pages are in")
	for _, cmd := range reference.Commands(cli.Root()) {
		path := filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1")
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		requests := []string{".TH", ".SH", ".B", ".BR", ".TP", ".PP", ".br", ".nf", ".fi"}
		for line := range strings.Lines(string(page)) {
			if name, _, _ := strings.Cut(strings.TrimRight(line, "\n"), " "); strings.HasPrefix(line, ".") && !slices.Contains(requests, name) {
				t.Errorf("%s: %q is a request", path, line)
			}
			if strings.HasPrefix(line, "'") {
				t.Errorf("%s: %q is a request", path, line)
			}
		}
	}
	invoke(t, "", "man").want(t, 2, "", "DIR is missing")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	invoke(t, "", "man", file).want(t, 1, "", "not a directory")
	t.Run("man", func(t *testing.T) {
		man := testutil.Program(t, "man")
		out, err := exec.CommandContext(t.Context(), man, "--warnings", filepath.Join(dir, "taegis-auth-login.1")).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "taegis auth login") {
			t.Errorf("%v: %s", err, out)
		}
	})
}
