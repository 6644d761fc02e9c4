//go:build unix

package leaks

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// Every command of the tree is run, as shell completion tells it, logged in and not, with all the
// secrets in reach; and so is completion itself.
func TestOutputsOfEveryCommand(t *testing.T) {
	s := newFixture(t).asClient()
	s.env["TAEGIS_KEYRING_PASSPHRASE"], s.env["ACME_TOKEN"], s.env["VAULT_TOKEN"] = passphrase, sideSecret, vaultToken
	s.env["HTTPS_PROXY"] = "http://ann:" + "leak5-proxy" + "@127.0.0.1:1"
	s.secrets["the password of the proxy"] = "leak5-proxy"
	s.profiles(`profile = "work"
[profiles.work]
environment = "charlie"
client-secret-variable = "CLIENT_SECRET"
token-store = "encrypted-file"
chain = ["client-credentials", "plugin:acme", "exec:tool"]
[plugins.acme]
path = "/nowhere/taegis-plugin-acme"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
env = ["ACME_TOKEN"]
[exec.tool]
command = ["/nowhere/tool"]
env = ["ACME_TOKEN"]
`)
	s.secrets["the token"] = s.asked("auth", "token")
	commands := s.tree()
	var runs [][]string
	for _, command := range commands {
		switch strings.Join(command, " ") {
		case "auth token", "clients create", "emulator", "schema dump":
			continue // asked for, without end, or megabytes of schema
		}
		further := func(args ...string) []string { return append(slices.Clone(command), args...) }
		runs = append(runs, command, further("--json"), append([]string{"__complete"}, further("")...))
		others := [][]string{further("--help"), further("acme"), append([]string{"--profile", "none"}, command...)}
		runs = append(runs, stress.Scale(nil, others, others)...)
	}
	runs = append(runs, s.mistakes()...)
	runs = append(runs, stress.Scale(nil, s.stores(runs), s.stores(runs))...)
	s.all(runs)
	s.harvest()
	found := s.mustBeClean(s.outputs)
	stress.Report(t, stress.Leaks, "output of every command, verbose", "0 secrets on stdout, on stderr, in logs, in completions",
		"%d commands, %d outputs x %d secrets x %d forms: %d", len(commands), len(s.outputs), len(s.secrets), forms, found)
	if len(commands) < 30 || len(s.secrets) < 6 {
		t.Errorf("too little was looked at: %d commands, %d secrets", len(commands), len(s.secrets))
	}
	for i := range s.outputs {
		s.outputs[i].Asked = false
	}
	if len(testutil.Leaks(s.secrets, s.outputs)) == 0 {
		t.Error("the token that was asked for was not found")
	}
}

// asked runs a command that prints a secret because it is asked for it, and returns that.
func (s *fixture) asked(args ...string) string {
	s.Helper()
	before := len(s.outputs)
	out, log := s.run(args...)
	s.outputs[before].Asked = true
	if out == "" {
		s.Fatal(log)
	}
	return strings.TrimSpace(out)
}

// tree returns every command that can be run, from what shell completion offers.
func (s *fixture) tree() [][]string {
	var all [][]string
	var descend func(path []string)
	descend = func(path []string) {
		out, _ := s.run(append(append([]string{"__completeNoDesc"}, path...), "")...)
		children := 0
		for line := range strings.Lines(out) {
			word := strings.TrimSpace(line)
			if word == "" || word == "help" || strings.HasPrefix(word, ":") || strings.HasPrefix(word, "-") || len(path) >= 2 {
				continue
			}
			if len(path) == 0 || isGroup[path[0]] {
				children++
				descend(append(slices.Clone(path), word))
			}
		}
		if children == 0 && len(path) > 0 {
			all = append(all, path)
		}
	}
	descend(nil)
	return all
}

// isGroup has the commands with commands as their arguments.
var isGroup = map[string]bool{
	"auth": true, "clients": true, "completion": true, "config": true, "plugin": true, "profile": true, "schema": true,
}

// mistakes are what users type wrong, and logins that fail, together with calls that work.
func (s *fixture) mistakes() [][]string {
	return [][]string{
		{"--api-url", "https://ann:" + sideSecret + "@api.example", "auth", "login"},
		{"--api-url", "https://api.example/?key=" + sideSecret, "auth", "login"},
		{"--api-url", "http://127.0.0.1:1", "auth", "login"},
		{"--api-url", "https://127.0.0.1:1", "doctor"},
		{"auth", "login", "--with-token", sideSecret},
		{"auth", "login", "--with-token=" + sideSecret},
		{"call", "clients", "client", "--arg", "id=" + clientID},
		{"call", "clients", "rotateClientSecret", "--arg", "id=1", "--arg", "secret=" + sideSecret},
		{"call", "clients", "rotateClientSecret", "--arg", "id=1", "--arg", `secret:=["` + vaultToken + `"]`},
		{"api", `mutation { rotateClientSecret(id: "1", secret: "` + vaultToken + `") { client { id } } }`},
		{"api", `mutation { rotateClientSecret(id: "1", secret: "` + vaultToken + `" "x") { client { id } } }`},
		{"api", "query ($token: String) { client(id: $token) { id } }", "--var", "token=" + vaultToken},
		{"--profile", "work", "--token-store", "file", "auth", "explain", "--json"},
		{"--environment", "none", "auth", "explain"},
		{"plugin", "install", "/nowhere", "--var", "X=" + sideSecret},
		{"completion", "bash"},
		{"completion", "zsh"},
		{"completion", "fish"},
		{"completion", "powershell"},
		{"__complete", "--profile", ""},
		{"__complete", "plugin", "run", ""},
		{"__complete", "call", "clients", "client", "--arg", ""},
	}
}

// stores are the runs again, each with the other places for tokens.
func (s *fixture) stores(runs [][]string) (more [][]string) {
	for _, store := range []string{"file", "memory", "keyring", "auto"} {
		for _, run := range runs {
			if run[0] != "__complete" {
				more = append(more, append([]string{"--token-store", store}, run...))
			}
		}
	}
	return more
}

// all makes the runs, two at a time.
func (s *fixture) all(runs [][]string) {
	const hands = 2
	parts := make([]*fixture, hands)
	var working sync.WaitGroup
	for hand := range hands {
		part := s.with()
		part.outputs = nil
		parts[hand] = part
		working.Go(func() {
			for i := hand; i < len(runs); i += hands {
				// Of the program's own arguments only what it makes of them is looked at.
				var out, log bytes.Buffer
				cmd := part.command(part.taegis, append([]string{"--verbose", "--timeout", "5s"}, runs[i]...)...)
				if runs[i][0] == "__complete" {
					cmd = part.command(part.taegis, runs[i]...)
				}
				cmd.Stdout, cmd.Stderr = &out, &log
				_ = cmd.Run() // most of them are to fail
				part.keep(strings.Join(runs[i], " "), out.String(), log.String())
			}
		})
	}
	working.Wait()
	for _, part := range parts {
		s.outputs = append(s.outputs, part.outputs...)
	}
}
