package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports/portstest"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// store is a password store of the test's own, with a key of its own.
type store struct {
	t    *testing.T
	vars map[string]string
}

func newStore(t *testing.T) *store {
	t.Helper()
	testutil.Program(t, "pass")
	gpg := testutil.Program(t, "gpg")
	home, err := os.MkdirTemp("", "taegis-pass-") //nolint:usetesting // the path of gpg's socket below it must be short
	if err != nil {
		t.Fatal(err)
	}
	s := &store{t, map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": home,
		"GNUPGHOME": filepath.Join(home, "gnupg"), "PASSWORD_STORE_DIR": filepath.Join(home, "store"),
	}}
	if err := os.Mkdir(s.vars["GNUPGHOME"], 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.run("", "gpgconf", "--kill", "gpg-agent")
		os.RemoveAll(home)
	})
	s.run("", gpg, "--batch", "--passphrase", "", "--quick-generate-key", "analyst@acme.example", "default", "default", "never")
	s.run("", "pass", "init", "analyst@acme.example")
	return s
}

func (s *store) run(stdin string, argv ...string) {
	s.t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	for name, value := range s.vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%q: %v\n%s", argv, err, out)
	}
}

func (s *store) insert(entry, text string) {
	s.t.Helper()
	s.run(text, "pass", "insert", "--multiline", entry)
}

// request logs in at the server, with the store's variables.
func (s *store) request(server *emulator.Server) core.LoginRequest {
	return core.LoginRequest{
		Environment: server.Environment,
		Lookup: func(name string) (core.Setting, bool) {
			value, ok := s.vars[name]
			return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
		},
	}
}

func TestPass(t *testing.T) {
	const secret = "not-to-be-seen"
	program, server, s := testutil.Build(t), taegistest.NewServer(t), newStore(t)
	client := emulator.DemoClientSecret + "\nurl: https://taegis\nclient_id: " + emulator.DemoClientID + "\n"
	s.insert("taegis/loopback", client)
	s.insert("work/taegis/--client", client)
	s.insert("work/half", secret+"\n")
	s.insert("work/wrong", secret+"\nclient_id: "+emulator.DemoClientID+"\n")
	sum, err := plugins.Checksum(program)
	if err != nil {
		t.Fatal(err)
	}
	open := func(t *testing.T, settings map[string]string, env ...string) *plugins.Plugin {
		t.Helper()
		p, err := plugins.New(plugins.Config{Name: "pass", Path: program, SHA256: []string{sum}, Settings: settings, Env: env})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	all := []string{"PATH", "HOME", "GNUPGHOME", "PASSWORD_STORE_DIR"}

	t.Run("conformance", func(t *testing.T) {
		portstest.Authenticator(t, func(t *testing.T) portstest.Login {
			return portstest.Login{Authenticator: open(t, nil, all...), Request: s.request(server), Secrets: []string{emulator.DemoClientSecret}}
		})
	})
	t.Run("an entry that is named", func(t *testing.T) {
		p := open(t, map[string]string{"entry": "work/taegis/--client"}, all...)
		token, err := p.Authenticate(t.Context(), s.request(server))
		if claims, _ := token.Claims(); err != nil || claims.ClientID != emulator.DemoClientID {
			t.Errorf("%+v, %v", token, err)
		}
	})
	for name, test := range map[string]struct {
		entry   string
		env     []string
		refused bool
		words   string
	}{
		"an entry that is not there":     {"work/absent", all, false, "work/absent is not in the password store"},
		"an option in place of an entry": {"--clip", all, false, "not in the password store"},
		"half a client":                  {"work/half", all, false, "work/half holds no client"},
		"a client that is refused":       {"work/wrong", all, true, "answered 401"},
		"a store that it may not see":    {"taegis/loopback", []string{"PATH"}, false, "pass does not show"},
		"no PATH":                        {"taegis/loopback", nil, false, "the program pass is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, map[string]string{"entry": test.entry}, test.env...).Authenticate(t.Context(), s.request(server))
			login, ok := errors.AsType[*core.LoginError](err)
			if !ok || login.Denied != test.refused || !strings.Contains(err.Error(), test.words) || login.HintText == "" || strings.Contains(err.Error(), secret) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
