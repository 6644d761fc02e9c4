package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestDoctorOfFiles(t *testing.T) {
	for name, c := range map[string]struct {
		prepare    func(t *testing.T, home string)
		id, status string
		found      string
	}{
		"a section that is none": {func(t *testing.T, home string) { write(t, sharedFile(home), "[charlie\nsecret-thing = 1\n") }, "configuration", "failure", "config:1: "},
		"a line that is none":    {func(t *testing.T, home string) { write(t, sharedFile(home), "[a]\nb = c\nsecret-thing\n") }, "configuration", "warning", "config:3: "},
		"a bad number": {func(t *testing.T, home string) {
			write(t, sharedFile(home), "[backoff.retry]\nmax_tries = secret-thing\n")
		}, "configuration", "warning", "[backoff.retry] max_tries"},
		"a folder":               {func(t *testing.T, home string) { write(t, filepath.Join(sharedFile(home), "x"), "") }, "configuration", "failure", "it is a directory"},
		"profiles that are none": {func(t *testing.T, home string) { profiles(t, home, "[profiles\n") }, "profiles", "failure", "config.toml:1: "},
		"a key that is none":     {func(t *testing.T, home string) { profiles(t, home, "[profiles.work]\nenvironmnt = 'delta'\n") }, "profiles", "failure", "config.toml:2: "},
		"no such profile": {func(t *testing.T, home string) {
			profiles(t, home, "[profiles.work]\n")
			t.Setenv("TAEGIS_PROFILE", "wrok")
		}, "profiles", "failure", `unknown profile "wrok"`},
		"a profile": {func(t *testing.T, home string) {
			profiles(t, home, "profile = 'work'\n[profiles.work]\nenvironment = 'delta'\n")
		}, "environment", "ok", "delta (profile work)"},
		"an environment that is none": {func(t *testing.T, _ string) {
			t.Setenv("TAEGIS_ENVIRONMENT", "charly")
			os.Unsetenv("TAEGIS_API_URL")
		}, "environment", "failure", `"charly"`},
		"a base URL that is none": {func(t *testing.T, _ string) { t.Setenv("TAEGIS_API_URL", "http://example.com") }, "environment", "failure", "plain http"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := home(t)
			t.Setenv("TAEGIS_API_URL", "http://127.0.0.1:1")
			c.prepare(t, dir)
			before := tree(t, dir)
			e := doctor(t, "--offline")
			if got := e.want(c.id, c.status, c.found); strings.Contains(got.Found, "secret-thing") {
				t.Errorf("it shows what it read: %s", got.Found)
			}
			if c.status == "failure" {
				e.want("credentials", "skipped", "the configuration cannot be used")
			}
			// An incomplete line is read again under the lock that is shared with Python, which creates
			// the lock file.
			if tree(t, dir) != before && c.status != "warning" {
				t.Error("something was changed")
			}
		})
	}
}

// profiles writes the profile file.
func profiles(t *testing.T, home, text string) string {
	t.Helper()
	path := write(t, filepath.Join(home, "profiles", "config.toml"), text)
	t.Setenv("TAEGIS_PROFILES_FILE", path)
	return path
}

// TestAHintOfDoctorHelps checks that running the hint in a shell fixes the problem.
func TestAHintOfDoctorHelps(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are not those of Windows")
	}
	for id, test := range map[string]struct {
		status  string
		prepare func(t *testing.T, home string)
	}{
		"configuration": {"warning", func(t *testing.T, home string) { chmod(t, sharedFile(home), 0o644) }},
		"profiles":      {"failure", func(t *testing.T, home string) { chmod(t, profiles(t, home, "version = 1\n"), 0o666) }},
		"locks":         {"warning", func(t *testing.T, home string) { chmod(t, sharedFile(home)+".logins", 0o755) }},
	} {
		t.Run(id, func(t *testing.T) {
			_, dir := well(t, emulator.Config{})
			test.prepare(t, dir)
			e := doctor(t)
			if e.code != 1 {
				t.Errorf("exit code %d", e.code)
			}
			hint := e.want(id, test.status, "its mode is 0").Hint
			if out, err := exec.CommandContext(t.Context(), testutil.Program(t, "sh"), "-c", hint).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", hint, err, out)
			}
			doctor(t).want(id, "ok")
		})
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestDoctorOfAuthenticators(t *testing.T) {
	_, dir := well(t, emulator.Config{})
	target := filepath.Join(dir, "elsewhere")
	if err := os.Rename(sharedFile(dir), target); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, sharedFile(dir)); err != nil {
		testutil.Missing(t, "the right to make symbolic links")
	}
	doctor(t).want("configuration", "ok", "a link to ", "elsewhere")
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	doctor(t).want("configuration", "failure", "which does not exist")
}
