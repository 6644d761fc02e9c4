package leaks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// mayHave says which secrets were granted to which programs, in their environment: what the user
// gave to the command line, and what the user grants to a plugin.
var mayHave = map[string][]string{
	"taegis":              {"the client secret", "the Vault token", "the passphrase", "a secret aside"},
	"taegis-plugin-vault": {"the Vault token"},
}

// Every program that the command line or a plugin starts is looked at while it lives.
func TestChildProcesses(t *testing.T) {
	s := newFixture(t).asClient()
	s.env["TAEGIS_KEYRING_PASSPHRASE"], s.env["ACME_TOKEN"], s.env["VAULT_TOKEN"] = passphrase, sideSecret, vaultToken
	vault := slowVault(t)
	s.env["VAULT_ADDR"] = vault.URL
	built := s.build("vault", "pass")
	s.passwordStore()
	built()
	s.install("vault", "VAULT_ADDR", "VAULT_TOKEN")
	s.install("pass", "PATH", "HOME", "PASSWORD_STORE_DIR", "GNUPGHOME")
	s.write(0o700, "bin/tool", s.staying("tool")+"echo '"+`{"client_id": "`+clientID+`", "client_secret": `+asJSON(clientSecret)+"}'\n")
	s.write(0o700, "bin/browser", s.staying("browser"))
	s.append("config/taegis/config.toml", fmt.Sprintf(`
[profiles.vault]
chain = ["plugin:vault"]
[profiles.pass]
chain = ["plugin:pass"]
[profiles.exec]
chain = ["exec:tool"]
[exec.tool]
command = [%q]
env = ["PATH"]
`, filepath.Join(s.root, "bin", "tool")))

	w := s.watch(processes)
	go w.letGo("tool", "browser")
	s.must("--profile", "vault", "auth", "login")
	s.must("--profile", "pass", "auth", "login")
	s.must("--profile", "exec", "auth", "login")
	s.must("plugin", "verify")
	keyring := s.with("XDG_STATE_HOME=" + filepath.Join(s.root, "pass"))
	keyring.must("--token-store", "keyring", "auth", "login")
	s.browse()
	for range 20 { // what lives for milliseconds can be missed
		keyring.must("--token-store", "keyring", "auth", "status")
		if w.count("gpg", "pass") == 2 {
			break
		}
	}
	w.stop()
	s.harvest()

	var arguments []testutil.Output
	leaks := 0
	for _, p := range w.processes {
		arguments = append(arguments, testutil.Output{Run: "arguments of " + p.program, Text: p.arguments})
		granted := s.with()
		granted.secrets = maps.Clone(s.secrets)
		for _, name := range mayHave[grantee(p.program)] {
			delete(granted.secrets, name)
		}
		leaks += granted.mustBeClean([]testutil.Output{{Run: "environment of " + p.program, Text: p.environment}})
	}
	leaks += s.mustBeClean(arguments)
	names := map[string]int{}
	for name, count := range w.names() {
		names[grantee(name)] += count
	}
	for _, want := range []string{"taegis", "taegis-plugin-vault", "taegis-plugin-pass", "tool", "gpg", "gpg-agent", "pass", "browser"} {
		if names[want] == 0 {
			t.Errorf("%s was not seen among %v", want, names)
		}
	}
	stress.Report(t, stress.Leaks, "arguments and environment of every child process", "0 secrets but those that are granted",
		"%d processes of %d programs, %d secrets x %d forms: %d", len(w.processes), len(names), len(s.secrets), forms, leaks)

	// A process that has a secret is found.
	planted := s.with("PLANTED=" + sideSecret)
	cmd := planted.command(program(t, "planter"), sideSecret)
	found := s.plant(cmd)
	mustFind(t, sideSecret, found.arguments...)
	mustFind(t, sideSecret, found.environments...)
	mustFind(t, sideSecret, found.files...)
}

// staying begins a script that stays until it was seen, or for 10 s.
func (s *fixture) staying(name string) string {
	return fmt.Sprintf("#!/bin/sh\nfor i in $(seq 1000); do [ -e %s ] && break; sleep 0.01; done\n", s.seen(name))
}

// seen is the file that tells a script that it was seen.
func (s *fixture) seen(name string) string { return filepath.Join(s.root, "bin", name+".seen") }

// letGo lets scripts go on that stay, as soon as they were seen.
func (w *watcher) letGo(names ...string) {
	for _, name := range names {
		for w.count(name) == 0 {
			select {
			case <-w.end:
				return
			case <-time.After(4 * time.Millisecond):
			}
		}
		_ = os.WriteFile(w.fixture.seen(name), nil, 0o600) // else the script goes on by itself
	}
}

// browse logs in by a link, at a terminal, with a browser that stays for a while.
func (s *fixture) browse() {
	s.Helper()
	user := s.with("TAEGIS_NO_INPUT=", "DISPLAY=:0", "BROWSER="+filepath.Join(s.root, "bin", "browser"))
	terminal, err := pty.Start(user.command(s.taegis, "--verbose", "auth", "login", "--method", "sso"))
	if err != nil {
		testutil.Missing(s, "a pseudo-terminal")
	}
	shown, _ := io.ReadAll(terminal) // ends with an error, as terminals do
	_ = terminal.Close()
	if !strings.Contains(string(shown), "Open this link") {
		s.Errorf("the terminal shows %s", shown)
	}
	s.keep("terminal", string(shown), "")
}

// planted is what was seen of a program that plants a secret.
type planted struct{ arguments, environments, files []testutil.Output }

// plant watches the planter.
func (s *fixture) plant(cmd *exec.Cmd) (found planted) {
	s.Helper()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		s.Fatal(err)
	}
	out, err := cmd.StderrPipe()
	if err != nil {
		s.Fatal(err)
	}
	start(s, cmd)
	if _, err := out.Read(make([]byte, 64)); err != nil {
		s.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); len(found.files) == 0 && time.Now().Before(deadline); {
		w := s.watch(processes, files)
		w.stop()
		for _, p := range w.processes {
			if p.program == "planter" {
				found.arguments = append(found.arguments, testutil.Output{Run: "arguments", Text: p.arguments})
				found.environments = append(found.environments, testutil.Output{Run: "environment", Text: p.environment})
			}
		}
		for _, f := range w.files {
			if filepath.Base(f.path) == "planted" && f.text != "" { // it is there before it is written
				found.files = append(found.files, testutil.Output{Run: "file", Text: f.text})
			}
		}
	}
	_ = stdin.Close()
	_ = cmd.Wait() // it has nothing to fail at
	return found
}

// grantee is the key of mayHave for a program.
func grantee(program string) string {
	for _, plugin := range []string{"taegis-plugin-vault", "taegis-plugin-pass"} {
		if strings.HasPrefix(program, plugin) {
			return plugin
		}
	}
	return program
}

// build begins to build plugins that ship with the SDK.
func (s *fixture) build(names ...string) (wait func()) {
	args := []string{"build", "-o", filepath.Join(s.root, "built") + "/"}
	for _, name := range names {
		args = append(args, "github.com/taegis-go/taegis/plugins/"+name)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(s.Context(), "go", args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	start(s, cmd)
	return func() {
		s.Helper()
		if err := cmd.Wait(); err != nil {
			s.Fatalf("%v: %s", err, said.String())
		}
	}
}

// install installs a plugin that was built.
func (s *fixture) install(name string, variables ...string) {
	s.Helper()
	args := []string{"plugin", "install", filepath.Join(s.root, "built", name), "--name", name}
	for _, v := range variables {
		args = append(args, "--var", v)
	}
	s.must(args...)
}

// slowVault is a Vault that takes its time, so that the plugin can be seen.
func slowVault(t testing.TB) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(50 * time.Millisecond)
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"data": map[string]string{"client_id": clientID, "client_secret": clientSecret}}})
	}))
	t.Cleanup(server.Close)
	return server
}

// passwordStore makes a store of pass with the client of the stage.
func (s *fixture) passwordStore() {
	s.Helper()
	testutil.Program(s, "pass")
	s.env["GNUPGHOME"], s.env["PASSWORD_STORE_DIR"] = filepath.Join(s.root, "gpg"), filepath.Join(s.root, "passwords")
	if err := os.Mkdir(s.env["GNUPGHOME"], 0o700); err != nil {
		s.Fatal(err)
	}
	bare := s.with() // what the user does outside of the SDK
	for _, name := range []string{"CLIENT_SECRET", "TAEGIS_KEYRING_PASSPHRASE", "ACME_TOKEN", "VAULT_TOKEN"} {
		delete(bare.env, name)
	}
	for _, c := range [][]string{
		{"gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "throw-away", "default", "default", "never"},
		{"pass", "init", "throw-away"},
		{"pass", "insert", "--multiline", "taegis/charlie"},
		{"gpgconf", "--kill", "all"}, // what is seen is what the SDK starts
	} {
		cmd := bare.command(c[0], c[1:]...)
		cmd.Stdin = strings.NewReader(clientSecret + "\nclient_id: " + clientID + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			s.Fatalf("%v: %v %s", c, err, out)
		}
	}
	s.Cleanup(func() { _ = bare.command("gpgconf", "--kill", "all").Run() })
}

func (s *fixture) append(name, text string) {
	s.Helper()
	s.write(0o600, name, read(s.root, name)+"\n"+text)
}

func asJSON(text string) string {
	b, _ := json.Marshal(text) // a string can be encoded
	return string(b)
}
