//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The secrets of the test. Each contains characters that encodings change.
const (
	canaryClientSecret = `canary/client+secret="42"&<a>`
	canaryPassword     = `canary pass+word/"%41"\&<b>`
	canaryCode         = "48151623"
	canaryWrong        = `canary-wrong/one+"%42"&<c>`
	canaryNewSecret    = `canary-new/secret+"%43"&<d>`
	canaryUser         = "bird@example.com"
)

// canary runs the command line with full verbosity and keeps its output.
type canary struct {
	t       *testing.T
	server  *emulator.Server
	dir     string
	env     map[string]string
	secrets map[string]string // by description
	outputs []testutil.Output
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{
		RecordSecrets: true,
		Clients:       []emulator.Client{{ID: "canary-client", Secret: canaryClientSecret}},
		Users: []emulator.User{
			{Name: emulator.DemoSSOUser, SSO: true},
			{Name: canaryUser, Password: canaryPassword, MFACodes: []string{canaryCode}},
		},
		Device: emulator.Device{ApproveAfter: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	dir := t.TempDir()
	c := &canary{t: t, server: server, dir: dir, env: map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": dir, "TAEGIS_API_URL": server.URL, "GORACE": raceOptions,
	}, secrets: map[string]string{
		"the client secret": canaryClientSecret, "the password": canaryPassword, "the code": canaryCode,
		"a wrong secret": canaryWrong, "the new secret": canaryNewSecret,
	}}
	c.run("config", "set", "backoff.retry", "max_tries", "1")
	return c
}

// asked expects the secret on stdout.
type asked bool

func (c *canary) run(args ...string) string { return c.taegis(false, "", args...) }
func (c *canary) ask(args ...string) string { return c.taegis(true, "", args...) }

// taegis runs the command line without a terminal.
func (c *canary) taegis(a asked, stdin string, args ...string) string {
	return c.exec(a, stdin, "taegis", append([]string{"--verbose"}, args...)...)
}

// user runs the command line at a terminal and answers its prompts.
func (c *canary) user(answers []string, args ...string) {
	c.exec(false, "", "answer", append(append(answers, "--", "taegis", "--verbose"), args...)...)
	shown, err := os.ReadFile(filepath.Join(c.dir, "terminal"))
	if err != nil {
		c.t.Error(err)
	}
	c.outputs = append(c.outputs, testutil.Output{Run: "terminal of " + strings.Join(args, " "), Text: string(shown)})
}

func (c *canary) exec(a asked, stdin, program string, args ...string) string {
	c.t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	for name, value := range c.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.dir, strings.NewReader(stdin), &stdout, &stderr
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() == exitNoQuestion || exit.ExitCode() == exitBroken) {
		c.t.Errorf("%v: %v: %s", args, err, stderr.String())
	}
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg[:min(len(arg), 40)] // enough to identify the run
	}
	run := fmt.Sprintf("run %d, %s", len(c.outputs), strings.Join(words, " "))
	c.outputs = append(c.outputs,
		testutil.Output{Run: run + ", stdout", Text: stdout.String(), Asked: bool(a)},
		testutil.Output{Run: run + ", stderr", Text: stderr.String()})
	return stdout.String()
}

// broken runs f once for each kind of failure of a route. The responses repeat the secret of the
// requests.
func (c *canary) broken(route, secret string, f func()) {
	c.t.Helper()
	echo, err := json.Marshal(map[string]any{
		"error": "invalid", "error_description": "not " + secret, "message": secret,
		"errors": []any{map[string]any{"message": "no " + secret, "extensions": map[string]any{"value": secret}}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, fault := range []emulator.Fault{
		{Status: http.StatusBadRequest, Body: string(echo)},
		{Status: http.StatusUnauthorized, Body: string(echo)},
		{Status: http.StatusForbidden, Body: string(echo)},
		{Status: http.StatusInternalServerError, Body: string(echo)},
		{Status: http.StatusOK, Body: string(echo)},
		{Status: http.StatusOK, Body: "not JSON: " + secret},
		{HTML: true},
		{Drop: true},
		{Truncate: true},
	} {
		remove := c.server.AddFault(route, fault)
		f()
		remove()
	}
}

// harvest adds the secrets of the server: tokens, challenges and device codes.
func (c *canary) harvest() {
	for i, r := range c.server.Requests() {
		if scheme, account, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
			c.secrets[fmt.Sprintf("the %s credential of request %d", scheme, i)] = account
			if parts := strings.Split(account, "."); len(parts) == 3 {
				c.secrets[fmt.Sprintf("the signature of request %d", i)] = parts[2]
			}
		}
		var body map[string]any
		if json.Unmarshal(r.Body, &body) != nil {
			continue
		}
		for _, name := range []string{"mfa_token", "device_code"} {
			if value, _ := body[name].(string); value != "" {
				c.secrets[fmt.Sprintf("the %s of request %d", name, i)] = value
			}
		}
	}
}

// created adds the secret that a command printed.
func (c *canary) created(stdout string) {
	for line := range strings.Lines(stdout) {
		if secret, ok := strings.CutPrefix(strings.TrimSpace(line), "CLIENT_SECRET="); ok {
			c.secrets["a created secret"] = strings.Trim(secret, "'")
			return
		}
	}
	c.t.Errorf("no secret in %q", stdout)
}

func TestNoSecretIsShownUnasked(t *testing.T) {
	needTerminal(t)
	c := newCanary(t)
	c.asClient()
	c.asUser()
	c.withTokens()
	c.withSlips()
	c.harvest()
	for _, leak := range testutil.Leaks(c.secrets, c.outputs) {
		t.Error(leak)
	}
	t.Logf("%d secrets, %d outputs", len(c.secrets), len(c.outputs))
	for _, kind := range []string{"the Basic", "the Bearer", "the mfa_token", "the device_code"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(c.secrets)), func(name string) bool { return strings.HasPrefix(name, kind) }) {
			t.Errorf("no run has sent what %s is", kind)
		}
	}

	// A requested secret is on stdout, so the search finds secrets.
	for i := range c.outputs {
		c.outputs[i].Asked = false
	}
	found := strings.Join(testutil.Leaks(c.secrets, c.outputs), "\n")
	for _, want := range []string{"auth token, stdout: the Bearer", "clients create canary, stdout: a created secret", "config get charlie client_secret, stdout: the client secret"} {
		if !strings.Contains(found, want) {
			t.Errorf("%q is not among what was asked for:\n%s", want, found)
		}
	}
}

// asClient runs all commands of a client, with success and with failures.
func (c *canary) asClient() {
	c.env["CLIENT_ID"], c.env["CLIENT_SECRET"] = "canary-client", canaryClientSecret
	c.ask("auth", "token")
	c.run("auth", "login")
	c.look()
	c.created(c.ask("clients", "create", "canary"))
	c.ask("clients", "create", "canary", "--json")
	c.ask("call", "clients", "createClient", "--arg", "name=canary")
	c.ask("api", `mutation { createClient(name: "x") { clientSecret } }`)
	c.taegis(true, canaryNewSecret, "call", "clients", "rotateClientSecret", "--arg", "id=canary-client", "--arg", "secret=@-")
	c.run("api", events, "--gateway", "/events/query")
	c.env["CLIENT_SECRET"] = canaryNewSecret
	c.run("auth", "login")
	c.broken("/auth/api/v2/auth/token", canaryNewSecret, func() { c.run("auth", "login") })
	token := strings.TrimSpace(c.ask("auth", "token"))
	c.broken("/graphql", token, func() {
		c.run("auth", "status", "--verify")
		c.run("doctor")
		c.run("clients", "create", "canary")
	})
	c.broken("/events/query", token, func() { c.run("api", events, "--gateway", "/events/query") })
	c.broken("rotateClientSecret", canaryWrong, func() {
		c.taegis(false, canaryWrong, "call", "clients", "rotateClientSecret", "--arg", "id=canary-client", "--arg", "secret=@-")
	})
	c.server.RevokeAll()
	c.run("auth", "status", "--verify")
	c.run("call", "clients", "client", "--arg", "id=canary-client", "--select", "name")
	c.env["CLIENT_SECRET"] = canaryWrong
	c.run("auth", "login")
	c.look()
	c.run("auth", "logout")
	delete(c.env, "CLIENT_ID")
	c.run("auth", "token")
	delete(c.env, "CLIENT_SECRET")
}

// look runs the commands that only read.
func (c *canary) look() {
	c.run("auth", "status")
	c.run("auth", "status", "--json", "--verify")
	c.run("auth", "explain")
	c.run("auth", "explain", "--json")
	c.run("config", "list")
	c.run("config", "list", "--json")
	c.run("auth", "list")
	c.run("auth", "list", "--output", "csv")
	c.run("auth", "switch")
	c.run("doctor")
	c.run("doctor", "--json")
	c.run("version")
}

// asUser logs in with each method, with success and with failures.
func (c *canary) asUser() {
	login := []string{"auth", "login", "--username", canaryUser}
	c.user([]string{"Password: ", canaryPassword, "MFA code: ", "11112222", "MFA code: ", canaryCode}, login...)
	c.look()
	c.user([]string{"Password: ", canaryWrong}, login...)
	c.user([]string{"Password: ", canaryPassword, "MFA code: ", "^C"}, login...)
	c.user([]string{"Open this link", ""}, "auth", "login", "--method", "sso", "--no-browser")
	c.look()
	c.user(nil, "auth", "login", "--method", "sso", "--username", "x", "--no-input")
	c.broken("/universal-auth/token", canaryPassword, func() {
		c.user([]string{"Password: ", canaryPassword}, "auth", "login", "--method", "password", "--username", canaryUser)
	})
	c.run("auth", "logout", "--all")
}

// withTokens passes tokens in a variable and on stdin.
func (c *canary) withTokens() {
	token := c.server.Token(canaryUser)
	c.secrets["a given token"] = token
	c.taegis(false, token, "auth", "login", "--with-token")
	c.taegis(false, token+"x.y", "auth", "login", "--with-token")
	c.taegis(false, canaryWrong, "auth", "login", "--with-token")
	c.look()
	c.env["TAEGIS_ACCESS_TOKEN"] = token
	c.look()
	c.run("api", "{ currentSubject { id } }")
	c.server.RevokeAll()
	c.look()
	c.run("api", "{ currentSubject { id } }")
	c.env["TAEGIS_ACCESS_TOKEN"] = canaryWrong
	c.look()
	c.run("auth", "logout", "--all")
	delete(c.env, "TAEGIS_ACCESS_TOKEN")
}

// withSlips puts secrets in wrong places.
func (c *canary) withSlips() {
	token := c.secrets["a given token"]
	c.run("auth", "login", "--with-token", token)
	c.run("auth", "login", "--with-token="+token)
	c.run("config", "set", "--force", "charlie", "client_id", canaryWrong)
	c.run("config", "set", "--force", "charlie", "client_secret", canaryClientSecret)
	c.run("config", "set", "--force", "charlie", "client_secret", canaryClientSecret+"\r")
	c.run("config", "set", "backoff.retry", "max_time", canaryWrong)
	c.ask("config", "get", "charlie", "client_secret")
	c.run("auth", "token")
	c.run("config", "unset", "backoff.retry", "max_time")
	c.look()
	c.run("auth", "token")
	c.run("auth", "login")
	path := filepath.Join(c.dir, ".taegis_sdk_python", "config")
	if err := os.WriteFile(path, []byte(canaryWrong+"\n[charlie\n"+canaryClientSecret+"\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.look()
	c.run("config", "set", "charlie", "colour", "blue")
}
