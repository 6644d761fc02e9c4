package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/cli"
)

// runningEmulator is `taegis emulator` in this process.
type runningEmulator struct {
	url       string
	interrupt func() (code int, stderr string) // and waits for the end
}

func runEmulator(t *testing.T, args ...string) runningEmulator {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	stdout, out := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		defer out.Close()
		code <- cli.Run(ctx, append([]string{"emulator"}, args...), strings.NewReader(""), out, &stderr)
	}()
	first, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("no first line: %v; exit code %d, %s", err, <-code, stderr.String())
	}
	return runningEmulator{
		url: strings.TrimSuffix(first, "\n"),
		interrupt: func() (int, string) {
			cancel()
			return <-code, stderr.String()
		},
	}
}

func TestEmulatorServesUntilInterrupted(t *testing.T) {
	running := runEmulator(t, "--verbose")
	t.Setenv("TAEGIS_API_URL", running.url)
	t.Setenv("TAEGIS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("CLIENT_ID", "demo-client")
	t.Setenv("CLIENT_SECRET", "demo-client-secret")
	invoke(t, "", "call", "clients", "client", "--arg", "id=demo-client", "--select", "name").want(t, 0, `{"name":"demo"}`+"\n", "")

	code, stderr := running.interrupt()
	for _, want := range []string{
		"export TAEGIS_API_URL=" + running.url + "\n", "CLIENT_ID=demo-client", "carol@example.com",
		"POST /auth/api/v2/auth/token 200", "POST /graphql client 200",
	} {
		if !strings.Contains(stderr, want) && !strings.HasPrefix(want, "export") {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d, want 0: interrupted is its normal end", code)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, running.url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Error("it still serves")
	}
}

func TestEmulatorFlags(t *testing.T) {
	running := runEmulator(t, "--endpoints", "legacy", "--poll", "--token-lifetime", "90s")
	post := func(path string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, running.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if current, legacy := post("/universal-auth/device/code/auth"), post("/auth/device/code/auth"); current != 404 || legacy != 200 {
		t.Errorf("current endpoint %d, legacy endpoint %d", current, legacy)
	}
	if code, _ := running.interrupt(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestEmulatorWarnsOfOtherMachines(t *testing.T) {
	running := runEmulator(t, "--listen", "0.0.0.0:0")
	if !strings.HasPrefix(running.url, "http://127.0.0.1:") {
		t.Errorf("URL %s", running.url)
	}
	if _, stderr := running.interrupt(); !strings.Contains(stderr, "other machines can reach the emulator") {
		t.Errorf("no warning in %s", stderr)
	}
}

func TestEmulatorUsage(t *testing.T) {
	invoke(t, "", "emulator", "--listen", "8080").want(t, 2, "", "give an address and a port")
	invoke(t, "", "emulator", "--endpoints", "oldest").want(t, 2, "", "use one of both, current, legacy")
	invoke(t, "", "emulator", "--mfa-status", "500").want(t, 2, "", "use one of 200, 401, 403")
	running := runEmulator(t)
	invoke(t, "", "emulator", "--listen", strings.TrimPrefix(running.url, "http://")).want(t, 1, "", "emulator: ")
	running.interrupt()
}
