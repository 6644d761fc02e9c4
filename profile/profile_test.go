package profile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/profile"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// write writes a configuration file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "taegis", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, text string) *profile.File {
	t.Helper()
	f, err := profile.LoadFile(t.Context(), write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// variables looks names up in a map.
func variables(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, ok := pairs[name]; return value, ok }
}

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestInvalidFiles(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key": {
			"version = 1\n[profiles.work]\nenvironmnet = \"delta\"\n",
			`:3: unknown key "profiles.work.environmnet": did you mean environment?`,
		},
		"an unknown table": {
			"[profile.work]\nenvironment = \"delta\"\n", ":1: ",
		},
		"no TOML":           {"version = \n", ":1: "},
		"another type":      {"[profiles.work]\ntenant = 145831\n", ":2: "},
		"a newer format":    {"version = 2\n", "version: version 2 of the format is not supported: update the SDK"},
		"an absent profile": {"profile = \"wrok\"\n[profiles.work]\n", `profile: unknown profile "wrok": did you mean work?`},
		"an unknown environment": {
			"[profiles.work]\nenvironment = \"dleta\"\n", `profiles.work.environment: unknown environment "dleta"`,
		},
		"an environment of Taegis":     {"[environments.us2]\napi = \"https://example.com\"\n", "environments.us2: the name is taken by the Taegis environment delta: choose another name"},
		"the name of the successor":    {"[environments.fusion]\napi = \"https://example.com\"\n", "environments.fusion: the name is taken by the environment fusion: choose another name"},
		"an unknown platform":          {"[environments.lab]\nplatform = \"central\"\napi = \"https://example.com\"\n", `environments.lab.platform: unknown platform "central": use taegis or fusion`},
		"a base URL in the clear":      {"[environments.lab]\napi = \"http://example.com\"\n", "environments.lab: "},
		"an unknown method":            {"[profiles.work]\nchain = [\"passwrod\"]\n", `profiles.work.chain: unknown method "passwrod": did you mean password?`},
		"an unknown plugin":            {"[profiles.work]\nchain = [\"plugin:acme\"]\n", "install it, or add a table [plugins.acme]"},
		"an unknown process":           {"[profiles.work]\nchain = [\"exec:x\"]\n", "add a table [exec.x] with its command"},
		"a process without a command":  {"[exec.x]\ncommand = []\n", "exec.x: no command"},
		"no methods":                   {"[profiles.work]\nchain = []\n", "profiles.work.chain: no methods: remove the key"},
		"a method that is a number":    {"[profiles.work]\nchain = [7]\n", "profiles.work.chain: 7 is not a method: write the name of a method"},
		"a chain that is not an array": {"[profiles.work]\nchain = \"sso\"\n", "profiles.work.chain: a chain is an array of methods"},
		"a method with an unknown key": {"[profiles.work]\nchain = [{ lnk = \"sso\" }]\n", `profiles.work.chain: unknown key "lnk": write`},
		"a method that is no string":   {"[profiles.work]\nchain = [{ method = 7 }]\n", "method = 7: not a string"},
		"continue-on-error as text": {
			"[profiles.work]\nchain = [{ method = \"sso\", continue-on-error = \"yes\" }]\n", "continue-on-error = yes: neither true nor false",
		},
		"an unknown store":    {"[profiles.work]\ntoken-store = \"keyrin\"\n", `profiles.work.token-store: unknown token store "keyrin"`},
		"a bad name":          {"[plugins.\"a b\"]\npath = \"/x\"\n", `plugins: "a b" cannot be a name`},
		"an invalid duration": {"[plugins.acme]\ntimeout = \"soon\"\n", `"soon" is not a duration`},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.text)
			_, err := profile.LoadFile(t.Context(), path)
			fault, ok := errors.AsType[*core.FileError](err)
			if !ok || fault.Path != path || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAMissingFileIsEmpty(t *testing.T) {
	f, err := profile.LoadFile(t.Context(), filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := f.Resolve(profile.Overrides{LookupEnv: variables(nil)})
	if err != nil || resolved.Profile != "" {
		t.Errorf("%+v, %v", resolved, err)
	}
	for _, s := range resolved.Values {
		if s.From != "default" || s.Text != "" {
			t.Errorf("setting %+v", s)
		}
	}
}

func TestPrecedence(t *testing.T) {
	f := load(t, `
profile = "work"
[profiles.work]
environment = "delta"
tenant = "1"
token-store = "memory"
[profiles.home]
environment = "lab"
[environments.lab]
api = "https://lab.example.com"
auth = "https://login.example.com"
`)
	for name, test := range map[string]struct {
		overrides               profile.Overrides
		variables               map[string]string
		environment, tenant, at string
		from                    []string
	}{
		"the file alone": {
			profile.Overrides{},
			nil, "delta", "1", "https://api.delta.taegis.secureworks.com",
			[]string{f.Path, "profile work", "profile work", "profile work"},
		},
		"variables before the file": {
			profile.Overrides{},
			map[string]string{"TAEGIS_ENVIRONMENT": "echo", "TAEGIS_TENANT_ID": "2"},
			"echo", "2", "https://api.echo.taegis.secureworks.com",
			[]string{f.Path, "TAEGIS_ENVIRONMENT", "TAEGIS_TENANT_ID", "profile work"},
		},
		"flags before variables": {
			profile.Overrides{Environment: "golf", Tenant: "3"},
			map[string]string{"TAEGIS_ENVIRONMENT": "echo", "TAEGIS_TENANT_ID": "2"},
			"golf", "3", "https://api.golf.taegis.secureworks.com",
			[]string{f.Path, "flag", "flag", "profile work"},
		},
		"a profile by variable, with a custom environment": {
			profile.Overrides{},
			map[string]string{"TAEGIS_PROFILE": "home"},
			"lab", "", "https://login.example.com",
			[]string{"TAEGIS_PROFILE", "profile home", "default", "default"},
		},
		"a custom environment by flag": {
			profile.Overrides{Environment: "lab"},
			nil, "lab", "1", "https://login.example.com",
			[]string{f.Path, "flag", "profile work", "profile work"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.overrides.LookupEnv = variables(test.variables)
			resolved, err := f.Resolve(test.overrides)
			if err != nil {
				t.Fatal(err)
			}
			var from []string
			chosen := map[string]string{}
			for _, s := range resolved.Values {
				from = append(from, s.From)
				chosen[s.Name] = s.Text
			}
			if !slices.Equal(from, test.from) || chosen["environment"] != test.environment || chosen["tenant"] != test.tenant {
				t.Errorf("settings %+v", resolved.Values)
			}
			client, err := taegis.New(append(resolved.Options, taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")))...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			if env := client.Environment(); env.Name != test.environment || env.AuthURL != test.at {
				t.Errorf("environment %+v", env)
			}
		})
	}
	if _, err := f.Resolve(profile.Overrides{Profile: "wrok", LookupEnv: variables(nil)}); err == nil || !strings.Contains(err.Error(), "did you mean work?") {
		t.Errorf("error %v", err)
	}
	_, err := f.Resolve(profile.Overrides{TokenStore: "fiel", LookupEnv: variables(nil)})
	if wrong, ok := errors.AsType[*profile.UnknownBackendError](err); !ok || !strings.Contains(wrong.Error(), "did you mean file?") {
		t.Errorf("error %v", err)
	}
}

// The file sets the methods of the chain, their order, and whether an error of one ends it.
func TestChain(t *testing.T) {
	server := taegistest.NewServer(t)
	base := "\n[environments.lab]\napi = \"" + server.URL + "\"\n[plugins.acme]\npath = \"/nowhere/plugin\"\nsha256 = \"" + hash + "\"\n"
	for name, test := range map[string]struct {
		chain   string
		methods []string // that were tried or unavailable, up to the one that decides
		fails   bool
	}{
		"a client":                        {`["client-credentials"]`, []string{"client-credentials"}, false},
		"no prompt":                       {`["sso", "password"]`, []string{"access-token", "sso", "password"}, true},
		"a plugin that cannot start":      {`["plugin:acme", "client-credentials"]`, []string{"access-token", "plugin:acme"}, true},
		"the same with continue-on-error": {`[{ method = "plugin:acme", continue-on-error = true }, "client-credentials"]`, []string{"client-credentials"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t, "[profiles.work]\nenvironment = \"lab\"\nchain = "+test.chain+base)
			resolved, err := f.Resolve(profile.Overrides{Profile: "work", LookupEnv: variables(map[string]string{
				"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret,
			})})
			if err != nil {
				t.Fatal(err)
			}
			client, err := taegis.New(append(resolved.Options,
				taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")), taegis.WithNonInteractive("a test"))...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			token, err := client.Token(t.Context())
			if !test.fails {
				if err != nil || token.Origin != test.methods[0] {
					t.Errorf("token of %q, %v", token.Origin, err)
				}
				return
			}
			fault, ok := errors.AsType[*core.ChainError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			var authenticators []string
			for _, a := range fault.Attempts {
				authenticators = append(authenticators, a.Authenticator)
			}
			if !slices.Equal(authenticators, test.methods) {
				t.Errorf("methods %v: %v", authenticators, err)
			}
		})
	}
}

// Profiles with different client ids store their tokens apart.
func TestAccountsAreStoredApart(t *testing.T) {
	server := taegistest.NewServer(t)
	server.AddClient(emulator.Client{ID: "other", Secret: "other-secret", Tenant: emulator.DemoTenant})
	f := load(t, `
[environments.lab]
api = "`+server.URL+`"
[profiles.one]
environment = "lab"
client-id = "`+emulator.DemoClientID+`"
client-secret-variable = "ONE_SECRET"
[profiles.two]
environment = "lab"
client-id = "other"
client-secret-variable = "TWO_SECRET"
`)
	shared := filepath.Join(t.TempDir(), "config")
	token := func(name string) core.Token {
		t.Helper()
		resolved, err := f.Resolve(profile.Overrides{Profile: name, LookupEnv: variables(map[string]string{
			"ONE_SECRET": emulator.DemoClientSecret, "TWO_SECRET": "other-secret",
		})})
		if err != nil {
			t.Fatal(err)
		}
		client, err := taegis.New(append(resolved.Options, taegis.WithConfigFile(shared))...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Close() }()
		token, err := client.Token(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	one, two := token("one"), token("two")
	if again := token("one"); !again.AccessToken.Equal(one.AccessToken) || again.Account == two.Account {
		t.Errorf("one account replaces the other: %s, %s", one.Account, two.Account)
	}
}

// If the profile names a variable for the secret, CLIENT_SECRET belongs to another client: it is
// not sent, and the error names the missing variable.
func TestClientSecretDoesNotReplaceTheNamedVariable(t *testing.T) {
	server := taegistest.NewServer(t)
	f := load(t, `
[environments.lab]
api = "`+server.URL+`"
[profiles.one]
environment = "lab"
client-id = "`+emulator.DemoClientID+`"
client-secret-variable = "ONE_SECRET"
`)
	resolved, err := f.Resolve(profile.Overrides{Profile: "one", LookupEnv: variables(map[string]string{"CLIENT_SECRET": "another's"})})
	if err != nil {
		t.Fatal(err)
	}
	client, err := taegis.New(append(resolved.Options, taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")), taegis.WithNonInteractive("a test"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if _, err := client.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "ONE_SECRET (named by "+f.Path) || strings.Contains(core.Hint(err), "CLIENT_SECRET") {
		t.Errorf("error: %v", err)
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TAEGIS_NO_INPUT also forbids the prompt for the passphrase of a token store.
func TestNoPassphrasePromptWithoutInput(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	f := load(t, "")
	asked := 0
	prompt := core.Prompt{AskSecret: func(context.Context, string) (core.Secret, error) {
		asked++
		return core.NewSecret("correct horse battery staple"), nil
	}}
	for value, want := range map[string]bool{"": true, "0": true, "1": false} {
		resolved, err := f.Resolve(profile.Overrides{TokenStore: keyring.EncryptedFile, Prompt: prompt, LookupEnv: variables(map[string]string{"TAEGIS_NO_INPUT": value})})
		if err != nil {
			t.Fatal(err)
		}
		asked = 0
		err = resolved.Store.(*keyring.Store).Prepare(t.Context())
		if (asked > 0) != want || (err == nil) != want || !want && !errors.Is(err, keyring.ErrLocked) {
			t.Errorf("TAEGIS_NO_INPUT=%q: asked %d times, %v", value, asked, err)
		}
	}
}

// The method exec:NAME runs the credential process of the table exec.NAME.
func TestACredentialProcessIsAMethod(t *testing.T) {
	shell := testutil.Program(t, "sh")
	server := taegistest.NewServer(t)
	f := load(t, `
[profiles.work]
environment = "lab"
chain = ["exec:vault"]
[environments.lab]
api = "`+server.URL+`"
[exec.vault]
command = ["`+shell+`", "-c", "echo '{\"client_id\":\"`+emulator.DemoClientID+`\",\"client_secret\":\"'$IN_VAULT'\"}'"]
env = ["IN_VAULT"]
timeout = "20s"
`)
	resolved, err := f.Resolve(profile.Overrides{Profile: "work", LookupEnv: variables(map[string]string{"IN_VAULT": emulator.DemoClientSecret})})
	if err != nil {
		t.Fatal(err)
	}
	client, err := taegis.New(append(resolved.Options, taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if token, err := client.Token(t.Context()); err != nil || token.Origin != "exec:vault" {
		t.Errorf("token of %q, %v", token.Origin, err)
	}
}
