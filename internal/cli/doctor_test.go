package cli_test

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestDoctorPassesAndChangesNothing(t *testing.T) {
	server, dir := well(t, emulator.Config{})
	before := tree(t, dir)
	start := time.Now()
	e := doctor(t)
	took := time.Since(start)
	for _, c := range e.checks {
		if c.Status != "ok" {
			t.Errorf("%+v", c)
		}
	}
	want := []string{"policy", "profiles", "environment", "configuration", "proxy", "certificates", "command", "locks", "token-store", "variables", "credentials", "token", "network:api", "clock", "call"}
	if !slices.Equal(e.order, want) {
		t.Errorf("checks %v, want %v", e.order, want)
	}
	e.want("environment", "ok", "charlie (default)", server.URL)
	e.want("token", "ok", "client demo-client, until 20", "left)")
	e.want("network:api", "ok", "(api, auth, tenants) responded in")
	e.want("credentials", "ok", "available: client-credentials, interactive; unavailable: access-token (TAEGIS_ACCESS_TOKEN is not set)")
	if after := tree(t, dir); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
	testutil.Within(t, "taegis doctor", took, 100*time.Millisecond)
}

// TestDoctorOnANewMachine checks that doctor creates no files on a new machine.
func TestDoctorOnANewMachine(t *testing.T) {
	dir := home(t)
	e := doctor(t, "--offline")
	e.want("profiles", "ok", "does not exist")
	e.want("configuration", "ok", "the first login creates it")
	e.want("credentials", "failure", "no authenticator is available", "client-credentials (CLIENT_ID and CLIENT_SECRET are not set)")
	e.want("token", "skipped")
	e.want("variables", "ok", "TAEGIS_NO_INPUT is set")
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) != 0 {
		t.Errorf("made: %v, %v", names, err)
	}
	if hidden, err := os.ReadDir(dir); err != nil || len(hidden) != 0 {
		t.Errorf("made: %v, %v", hidden, err)
	}
}

func TestDoctorOfflineSendsNothing(t *testing.T) {
	server, _ := well(t, emulator.Config{})
	sent := server.Count("")
	e := doctor(t, "--offline")
	for _, id := range []string{"network:api", "clock", "call"} {
		e.want(id, "skipped", "--offline was given")
	}
	if now := server.Count(""); now != sent || e.code != 0 {
		t.Errorf("%d requests, exit code %d", now-sent, e.code)
	}
}

func TestDoctorPrintsText(t *testing.T) {
	server, _ := well(t, emulator.Config{})
	server.RevokeAll()
	run := invoke(t, "", "doctor")
	for _, line := range []string{"ok    environment    charlie (default)", "FAIL  call           the server rejects the token of client demo-client\n        taegis auth login\n", "15 checks: 14 ok, 0 warned, 1 failed, 0 skipped\n"} {
		if !strings.Contains(run.out, line) {
			t.Errorf("%q is missing in\n%s", line, run.out)
		}
	}
	if run.code != 1 || run.stderr != "" {
		t.Errorf("exit code %d, stderr %q", run.code, run.stderr)
	}
}

// TestDoctorCanBeInterrupted checks that an interrupt ends doctor while a server does not respond.
func TestDoctorCanBeInterrupted(t *testing.T) {
	home(t)
	asClient(t, silentServer(t))
	ctx, interrupt := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, interrupt)
	var stdout, stderr bytes.Buffer
	start := time.Now()
	code := cli.Run(ctx, []string{"doctor"}, nil, &stdout, &stderr)
	took := time.Since(start)
	if code != 130 || stdout.Len() != 0 || stderr.String() != "taegis: interrupted\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
	}
	testutil.Within(t, "ending taegis doctor", took, 100*time.Millisecond)
}

// silentServer accepts connections and sends nothing.
func silentServer(t *testing.T) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestDoctorOfAccounts(t *testing.T) {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		env         map[string]string
		id, status  string
		found       string
		hint        string
		tokenStatus string
	}{
		"id alone":    {map[string]string{"CLIENT_ID": "x"}, "credentials", "failure", "CLIENT_ID is set but CLIENT_SECRET is not", "export CLIENT_SECRET=VALUE", "skipped"},
		"an empty id": {map[string]string{"CLIENT_ID": "", "CLIENT_SECRET": "y"}, "variables", "warning", "CLIENT_ID is set but empty", "unset CLIENT_ID", "skipped"},
		"two empty":   {map[string]string{"CLIENT_ID": "", "TAEGIS_TENANT_ID": ""}, "variables", "warning", "CLIENT_ID and TAEGIS_TENANT_ID are set", "unset CLIENT_ID TAEGIS_TENANT_ID", "skipped"},
		"both":        {map[string]string{"CLIENT_ID": "x", "CLIENT_SECRET": "y"}, "token", "ok", "none is cached; the next call logs in with client-credentials", "", "ok"},
		"a token":     {map[string]string{"TAEGIS_ACCESS_TOKEN": server.Token(emulator.DemoUser)}, "call", "ok", "currentSubject returned", "", "ok"},
		"rejected":    {map[string]string{"TAEGIS_ACCESS_TOKEN": "opaque"}, "call", "failure", "rejects the token", "unset TAEGIS_ACCESS_TOKEN", "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			t.Setenv("TAEGIS_API_URL", server.URL)
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			e := doctor(t)
			if got := e.want(c.id, c.status, c.found); got.Hint != c.hint {
				t.Errorf("hint %q, want %q", got.Hint, c.hint)
			}
			e.want("token", c.tokenStatus)
		})
	}
}

func TestDoctorOfTokenStores(t *testing.T) {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	dir := home(t)
	asClient(t, server.URL)
	doctor(t, "--token-store", "memory").want("token-store", "ok", "for one command")

	doctor(t, "--token-store", "encrypted-file").want("token-store", "ok", "encrypted with a passphrase")
	t.Setenv("TAEGIS_KEYRING_PASSPHRASE", "correct-horse")
	logIn(t, "--token-store", "encrypted-file")
	e := doctor(t, "--token-store", "encrypted-file")
	e.want("token-store", "ok")
	e.want("call", "ok")
	t.Setenv("TAEGIS_KEYRING_PASSPHRASE", "")
	e = doctor(t, "--token-store", "encrypted-file")
	e.want("token-store", "skipped", "doctor does not prompt for the passphrase")
	e.want("credentials", "ok", "available: client-credentials")
	e.want("token", "skipped", "was not read")
	t.Setenv("TAEGIS_KEYRING_PASSPHRASE", "wrong")
	doctor(t, "--token-store", "encrypted-file").want("token-store", "failure", "passphrase is wrong")
	doctor(t, "--token-store", "encrypted-file", "--offline").want("token-store", "skipped", "--offline")

	spoilt := 0
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".sealed" {
			spoilt++
			err = os.WriteFile(path, []byte("rubbish"), 0o600)
		}
		return err
	})
	if err != nil || spoilt != 1 {
		t.Fatalf("%d files, %v", spoilt, err)
	}
	e = doctor(t, "--token-store", "encrypted-file")
	if got := e.want("token-store", "warning", ".sealed"); got.Hint != "taegis auth login --token-store encrypted-file" {
		t.Errorf("hint %q", got.Hint)
	}
	e.want("token", "ok", "the next call logs in")
	doctor(t, "--token-store", "fil").want("profiles", "failure", `unknown token store "fil"`)
}
