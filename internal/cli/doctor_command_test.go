package cli_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestDoctorFindsOtherCommands checks the finding for the vendor's notebook tool, which installs a
// command with the same name as a script of pip.
func TestDoctorFindsOtherCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("what pip installs there is a program, not a script")
	}
	const magic = "#!/usr/bin/python3\nimport re\nimport sys\nfrom taegis_magic.cli import cli\nif __name__ == '__main__':\n    sys.exit(cli())\n"
	script := func(t *testing.T, text string, mode os.FileMode) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "taegis")
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return filepath.Dir(path)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	own := t.TempDir()
	if err := os.Symlink(self, filepath.Join(own, "taegis")); err != nil {
		t.Fatal(err)
	}
	tool := script(t, magic, 0o755)
	for name, c := range map[string]struct {
		path   []string
		status string
		texts  []string
	}{
		"nothing of that name":     {[]string{t.TempDir(), "", "/nonexistent"}, "ok", []string{"no other program"}},
		"this program alone":       {[]string{own, own}, "ok", []string{"no other program"}},
		"the tool alone":           {[]string{tool}, "warning", []string{"the vendor's notebook tool, taegis-magic", filepath.Join(tool, "taegis")}},
		"the tool first":           {[]string{tool, own}, "warning", []string{"is another program than this one", "taegis-magic"}},
		"the tool behind":          {[]string{own, tool}, "ok", []string{"later in PATH", "taegis-magic"}},
		"another script of Python": {[]string{script(t, "#!/usr/bin/env python3\nprint()\n", 0o755)}, "warning", []string{"(a Python program)"}},
		"another program":          {[]string{script(t, "\x7fELF", 0o755)}, "warning", []string{"is another program"}},
		"what cannot be started":   {[]string{script(t, magic, 0o644)}, "ok", []string{"no other program"}},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			path := ""
			for _, folder := range c.path {
				path += folder + string(filepath.ListSeparator)
			}
			t.Setenv("PATH", path)
			got := doctor(t, "--offline").want("command", c.status, c.texts...)
			if want := "alias taegis-go=" + self; (c.status == "warning") != (got.Hint == want) {
				t.Errorf("hint %q", got.Hint)
			}
		})
	}
}

// TestDoctorWithTheNullDevice checks that doctor reports that tokens are not stored, without a hint about
// the null device.
func TestDoctorWithTheNullDevice(t *testing.T) {
	home(t)
	t.Setenv("TAEGIS_CONFIG_FILE", os.DevNull)
	e := doctor(t, "--offline")
	e.want("configuration", "ok", "stores nothing")
	e.want("locks", "ok", "needs none")
	e.want("token-store", "ok", "stores no tokens")
}
