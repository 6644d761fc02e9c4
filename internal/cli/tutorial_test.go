package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/cli"
)

// The commands of the tutorial on plugins, as they stand there, build, install and try the plugin
// that it explains.
func TestTutorialOnPlugins(t *testing.T) {
	tutorial, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := filepath.Abs("../../plugins/example")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} { // they lie in the home
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, strings.TrimSpace(string(out)))
	}
	home := t.TempDir()
	for _, name := range []string{"HOME", "USERPROFILE", "LocalAppData"} {
		t.Setenv(name, home)
	}
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("TAEGIS_PROFILES_FILE", filepath.Join(home, "config.toml"))
	t.Setenv("ACME_BADGE", "4711")
	t.Chdir(t.TempDir())

	ran := map[string]int{} // exit codes
	_, commands, _ := strings.Cut(string(tutorial), "### 3.")
	commands, _, _ = strings.Cut(commands, "### 4.")
	for line := range strings.Lines(commands) {
		words, isCommand := strings.CutPrefix(strings.TrimSpace(line), "$ taegis ")
		if !isCommand {
			continue
		}
		args := strings.Fields(words)
		if args[1] == "build" { // the reader is in the plugin's folder
			args = append(args, example)
		}
		var said bytes.Buffer
		ran[args[1]] = cli.Run(t.Context(), append(args, "--no-input"), strings.NewReader(""), &said, &said)
		t.Logf("taegis %s\n%s", words, &said)
		if args[1] == "run" && !strings.Contains(said.String(), "plugin:acme") {
			t.Errorf("the plugin was not asked")
		}
	}
	// Nobody is there to type the badge's code, so the last one says that nobody is signed in.
	for name, want := range map[string]int{"build": 0, "install": 0, "verify": 0, "run": 4} {
		if got, ok := ran[name]; !ok || got != want {
			t.Errorf("taegis plugin %s: exit code %d, want %d", name, got, want)
		}
	}
}
