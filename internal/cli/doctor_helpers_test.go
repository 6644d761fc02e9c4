package cli_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// checked is the result of one check.
type checked struct{ ID, Status, Found, Hint string }

// examined is the output of doctor.
type examined struct {
	t      *testing.T
	code   int
	checks map[string]checked
	order  []string
}

// doctor runs taegis doctor --json. It checks that exactly the warnings and failures have hints.
func doctor(t *testing.T, args ...string) examined {
	t.Helper()
	run := invoke(t, "", append([]string{"doctor", "--json"}, args...)...)
	var report struct {
		Healthy bool
		Checks  []checked
	}
	if err := json.Unmarshal([]byte(run.out), &report); err != nil || run.stderr != "" {
		t.Fatalf("%v: %s%s", err, run.out, run.stderr)
	}
	e := examined{t, run.code, map[string]checked{}, nil}
	failed := false
	for _, c := range report.Checks {
		e.checks[c.ID], e.order = c, append(e.order, c.ID)
		troubled := c.Status == "warning" || c.Status == "failure"
		failed = failed || troubled
		if troubled != (c.Hint != "") || c.Found == "" || strings.Contains(c.Found+c.Hint, "\n") {
			t.Errorf("not one line, with a hint if needed: %+v", c)
		}
	}
	if failed == report.Healthy || failed != (run.code == 1) || run.code > 1 {
		t.Errorf("exit code %d, healthy %v, trouble %v", run.code, report.Healthy, failed)
	}
	return e
}

// want checks the status of a check, and that its result contains the texts.
func (e examined) want(id, status string, texts ...string) checked {
	e.t.Helper()
	c, ok := e.checks[id]
	if !ok || c.Status != status {
		e.t.Errorf("%s is %+v, want %s", id, c, status)
	}
	for _, text := range texts {
		if !strings.Contains(c.Found, text) {
			e.t.Errorf("%s: %q is missing in %q", id, text, c.Found)
		}
	}
	return c
}

// home sets a new home folder and unsets the variables of the developer.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{
		"CLIENT_ID", "CLIENT_SECRET", "TAEGIS_ACCESS_TOKEN", "TAEGIS_ENVIRONMENT", "TAEGIS_API_URL", "TAEGIS_TENANT_ID",
		"TAEGIS_CONFIG_FILE", "TAEGIS_CA_BUNDLE", "TAEGIS_PROFILE", "TAEGIS_PROFILES_FILE", "TAEGIS_TOKEN_STORE",
		"TAEGIS_KEYRING_PASSPHRASE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
		"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy",
	} {
		t.Setenv(name, "")
		os.Unsetenv(name) // t.Setenv restores it
	}
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Setenv("AppData", filepath.Join(dir, "AppData"))
	t.Setenv("LocalAppData", filepath.Join(dir, "LocalAppData"))
	t.Setenv("TAEGIS_NO_INPUT", "1")
	return dir
}

// sharedFile returns the path of the file that is shared with the Python SDK.
func sharedFile(home string) string { return filepath.Join(home, ".taegis_sdk_python", "config") }

// write creates a file with its folder.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// asClient sets the variables that log in to a server.
func asClient(t *testing.T, url string) {
	t.Helper()
	t.Setenv("TAEGIS_API_URL", url)
	t.Setenv("CLIENT_ID", emulator.DemoClientID)
	t.Setenv("CLIENT_SECRET", emulator.DemoClientSecret)
}

// logIn caches a token.
func logIn(t *testing.T, args ...string) {
	t.Helper()
	var stderr bytes.Buffer
	if code := cli.Run(t.Context(), append([]string{"auth", "login"}, args...), strings.NewReader(""), &stderr, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
}

// well starts an emulator and logs in to it from a new home folder.
func well(t *testing.T, config emulator.Config) (*emulator.Server, string) {
	t.Helper()
	dir := home(t)
	server, err := emulator.Start("127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	asClient(t, server.URL)
	logIn(t)
	return server, dir
}

// tree returns the names, modes, times and contents of everything below a folder.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().String() + "\n")
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			b.Write(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
