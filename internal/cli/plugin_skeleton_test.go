package cli_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
)

// TestTheSkeletonIsAPlugin checks that a new plugin passes its own tests, is built twice to the
// same bytes, can be installed and logs in.
func TestTheSkeletonIsAPlugin(t *testing.T) {
	if testing.Short() {
		t.Skip("runs other programs; the race detector adds nothing")
	}
	toolchain(t)
	const secret = "the-secret-of-the-broker"
	broker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret || r.FormValue("environment") != "delta" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"access_token": "a-token-of-the-broker", "expires_in": 3600}`)
	}))
	t.Cleanup(broker.Close)

	began := time.Now()
	first, second := begin(t, "first"), begin(t, "second place")
	test := exec.Command("go", "test", "-count=1", ".")
	test.Dir = first
	if out, err := test.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantFormatted(t, first)
	for _, name := range []string{"go.mod", "go.sum"} { // as go mod tidy writes them
		text, err := os.ReadFile(filepath.Join(first, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(second, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hash, program, _ := strings.Cut(strings.TrimSpace(taegis(t, 0, "plugin", "build", first)), "  ")
	again, _, _ := strings.Cut(taegis(t, 0, "plugin", "build", second, "--output", filepath.Join(t.TempDir(), "other")), "  ")
	if hash != again {
		t.Errorf("built in two settings the program has the hashes %s and %s", hash, again)
	}
	t.Logf("testing it and building it twice took %v", time.Since(began).Round(time.Millisecond))

	t.Setenv("ACME_SECRET", secret)
	taegis(t, 0, "plugin", "install", program, "--var", "ACME_SECRET", "--set", "broker_url="+broker.URL)
	taegis(t, 0, "plugin", "verify", "acme")
	if out := taegis(t, 0, "--environment", "delta", "plugin", "run", "acme"); !strings.Contains(out, "21 characters") || strings.Contains(out, "a-token") {
		t.Error(out)
	}
	taegis(t, 4, "plugin", "run", "acme")
}

// toolchain creates a home folder in which the go command finds the caches of the developer. The
// module cache may lack go.mod files that the graph of this module does not need; the go command
// fetches them.
func toolchain(t *testing.T) {
	t.Helper()
	program := testutil.Program(t, "go")
	out, err := exec.Command(program, "env", "GOCACHE", "GOMODCACHE", "GOPROXY").Output()
	settings := strings.Fields(string(out))
	if err != nil || len(settings) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	home := t.TempDir()
	for name, value := range map[string]string{
		"GOCACHE": settings[0], "GOMODCACHE": settings[1], "GOPROXY": settings[2], "GOSUMDB": "off", "GOFLAGS": "-mod=mod",
		"HOME": home, "USERPROFILE": home, "LocalAppData": home, "XDG_DATA_HOME": "",
		"TAEGIS_PROFILES_FILE": filepath.Join(home, "config.toml"),
	} {
		t.Setenv(name, value)
	}
}

// begin creates the plugin acme with this SDK.
func begin(t *testing.T, folder string) string {
	t.Helper()
	sdk, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), folder)
	if out := taegis(t, 0, "plugin", "new", "acme", "--dir", dir, "--sdk", sdk); out != dir+"\n" {
		t.Fatalf("stdout %q", out)
	}
	return dir
}

func wantFormatted(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command(filepath.Join(goRoot(t), "bin", "gofmt"), "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("not formatted: %s %v", out, err)
	}
}

func goRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// taegis runs the command line and returns its stdout.
func taegis(t *testing.T, code int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := cli.Run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		t.Fatalf("taegis %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, &stdout, &stderr)
	}
	return stdout.String()
}

// TestBuildFails checks that the errors of the go command are shown.
func TestBuildFails(t *testing.T) {
	toolchain(t)
	dir := t.TempDir()
	for name, c := range map[string]struct{ source, message string }{
		"not a program": {"package acme\n", "package acme is not a program"},
		"no sources":    {"", "go list"},
		"not compiled":  {"package main\n\nfunc main() { nothing() }\n", "go build"},
	} {
		t.Run(name, func(t *testing.T) {
			for file, text := range map[string]string{"go.mod": "module acme\n\ngo 1.26\n", "main.go": c.source} {
				path := filepath.Join(dir, file)
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr bytes.Buffer
			code := cli.Run(t.Context(), []string{"plugin", "build", dir}, strings.NewReader(""), &stdout, &stderr)
			if code != 1 || stdout.Len() > 0 || !strings.Contains(stderr.String(), c.message) {
				t.Errorf("exit code %d\n%s%s", code, &stdout, &stderr)
			}
		})
	}
}
