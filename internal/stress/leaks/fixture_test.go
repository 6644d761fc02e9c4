//go:build unix

package leaks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
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

// The secrets that are planted. Each has characters that encodings change, some are short.
const (
	clientID     = "leak-client"
	clientSecret = `le"ak&<1> %s/+=`
	vaultToken   = "hvs.leak/2+"
	passphrase   = `leak "three"&<3>\`
	sideSecret   = `leak'4/%41+<d>`
)

// fixture is a machine with a user who has secrets: a home, folders for all else, a server.
type fixture struct {
	testing.TB

	server  *emulator.Server
	root    string // everything that the user has lies below
	taegis  string
	env     map[string]string
	secrets map[string]string // by what they are
	outputs []testutil.Output
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{
		RecordSecrets: true,
		Clients:       []emulator.Client{{ID: clientID, Secret: clientSecret}},
		Device:        emulator.Device{ApproveAfter: 10 * time.Millisecond},
		Users:         []emulator.User{{Name: emulator.DemoSSOUser, SSO: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	root, err := os.MkdirTemp("", "leaks") //nolint:usetesting // there are sockets below, whose paths must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	t.Cleanup(func() { forgetKeys(t, root) })
	s := &fixture{TB: t, server: server, root: root, taegis: program(t, "taegis"), secrets: map[string]string{
		"the client secret": clientSecret, "the Vault token": vaultToken, "the passphrase": passphrase, "a secret aside": sideSecret,
	}}
	s.env = map[string]string{
		"PATH": filepath.Join(root, "bin") + ":" + os.Getenv("PATH"), "TAEGIS_API_URL": server.URL,
		"GORACE": "atexit_sleep_ms=0", "TAEGIS_NO_INPUT": "1",
	}
	for name, folder := range map[string]string{
		"HOME": "home", "TMPDIR": "tmp", "XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state",
		"XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "XDG_RUNTIME_DIR": "run", "": "bin",
	} {
		path := filepath.Join(root, folder)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		s.env[name] = path
	}
	delete(s.env, "")
	s.run("config", "set", "backoff.retry", "max_tries", "1")
	return s
}

// asClient lets the client of the fixture log in by the variables.
func (s *fixture) asClient() *fixture {
	s.env["CLIENT_ID"], s.env["CLIENT_SECRET"] = clientID, clientSecret
	return s
}

// set returns the stage with other variables: NAME=VALUE.
func (s *fixture) with(variables ...string) *fixture {
	other := *s
	other.env = maps.Clone(s.env)
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		other.env[name] = value
	}
	return &other
}

// command is a program with the variables of the stage.
func (s *fixture) command(path string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute)
	s.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = s.root
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		cmd.Env = append(cmd.Env, name+"="+s.env[name])
	}
	return cmd
}

// run runs the command line, at full verbosity, and keeps what it prints.
func (s *fixture) run(args ...string) (stdout, stderr string) {
	s.Helper()
	var out, log bytes.Buffer
	cmd := s.command(s.taegis, append([]string{"--verbose"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || ended.ExitCode() == 2) {
		s.Errorf("%v: %v\n%s", args, err, log.String()) // a command that there is not leaks nothing
	}
	s.keep(strings.Join(args, " "), out.String(), log.String())
	return out.String(), log.String()
}

func (s *fixture) keep(run, stdout, stderr string) {
	run = fmt.Sprintf("run %d, %s", len(s.outputs)/2, run[:min(len(run), 60)])
	s.outputs = append(s.outputs, testutil.Output{Run: run + ", stdout", Text: stdout}, testutil.Output{Run: run + ", stderr", Text: stderr})
}

// quietly runs the command line as users do, without --verbose.
func (s *fixture) quietly(args ...string) (stdout, stderr string) {
	s.Helper()
	var out, log strings.Builder
	cmd := s.command(s.taegis, args...)
	cmd.Stdout, cmd.Stderr = &out, &log
	_ = cmd.Run() // what is wrong it says
	return out.String(), log.String()
}

// must is run where the command has to work.
func (s *fixture) must(args ...string) string {
	s.Helper()
	before := len(s.outputs)
	out, log := s.run(args...)
	if strings.Contains(log, "\ntaegis: ") && !strings.Contains(log, "taegis: warning") || strings.HasPrefix(log, "taegis: ") && !strings.HasPrefix(log, "taegis: warning") {
		s.Fatalf("%s: %s", s.outputs[before].Run, log)
	}
	return out
}

// write writes a file below the root.
func (s *fixture) write(mode os.FileMode, name string, text string) string {
	s.Helper()
	path := filepath.Join(s.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		s.Fatal(err)
	}
	return path
}

// profiles writes the file of profiles.
func (s *fixture) profiles(text string) {
	s.write(0o600, "config/taegis/config.toml", "version = 1\n"+text)
}

// harvest adds the tokens that the server has given.
func (s *fixture) harvest() {
	for i, r := range s.server.Requests() {
		if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
			s.secrets[fmt.Sprintf("the %s credential of request %d", scheme, i)] = token
		}
	}
}

// mustBeClean reports the secrets in outputs, and how many there are.
func (s *fixture) mustBeClean(outputs []testutil.Output) (leaks int) {
	s.Helper()
	found := testutil.Leaks(s.secrets, outputs)
	for _, leak := range found {
		s.Error(leak)
	}
	return len(found)
}

// mustFind makes sure that a secret which was planted is found.
func mustFind(t testing.TB, secret string, outputs ...testutil.Output) {
	t.Helper()
	if len(testutil.Leaks(map[string]string{"planted": secret}, outputs)) == 0 {
		t.Error("a planted leak was not found")
	}
}

var forms = len(testutil.SecretForms("x"))
