package policy

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
)

const (
	sumA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	sumB = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	keyA = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
)

// load loads a policy of that text.
func load(t *testing.T, text string) (*Policy, error) {
	t.Helper()
	folder := t.TempDir()
	t.Cleanup(fileperm.ReplaceSystemFolder(folder))
	if err := os.WriteFile(filepath.Join(folder, fileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load()
}

// TestAMachineWithoutPolicyAllowsAll calls each method of a nil Policy.
func TestAMachineWithoutPolicyAllowsAll(t *testing.T) {
	for name, folder := range map[string]string{"no folder": filepath.Join(t.TempDir(), "none"), "no file": t.TempDir()} {
		restore := fileperm.ReplaceSystemFolder(folder)
		p, err := Load()
		restore()
		if p != nil || err != nil {
			t.Fatalf("%s: %+v, %v", name, p, err)
		}
	}
	var none *Policy
	env, _ := core.NewEnvironment("x", "https://x.example")
	err := errors.Join(none.Method("sso"), none.AccessToken("a variable"), none.TokenStore("file"), none.Environment(env),
		none.Program("acme", sumA, ""), none.UserProfiles())
	if err != nil {
		t.Error(err)
	}
}

// TestAPolicyThatCannotBeUsedIsAnError has one fault in each text, in its last line.
func TestAPolicyThatCannotBeUsedIsAnError(t *testing.T) {
	for text, reason := range map[string]string{
		"":                                          "version",
		"version = 2":                               "version 1 of the format",
		"version = \"1\"":                           "number",
		"version = 1\nmethod = [\"sso\"]":           `unknown key "method"`,
		"version = 1\n[plugins]":                    "no tables",
		"version = 1\nmethods = \"sso\"":            "list of strings",
		"version = 1\nmethods = [\"\"]":             "empty",
		"version = 1\naccess-token = \"\"":          "true or false",
		"version = 1\ncontact = 1":                  "string",
		"version = 1\ndenied-checksums = [\"abc\"]": "64 hexadecimal",
		"version = 1\nplugin-checksums = [\"" + sumA[1:] + "g\"]":    "64 hexadecimal",
		"version = 1\nhosts = [\"https://x.example\"]":               "name of a host",
		"version = 1\nhosts = [\"x.example:443\"]":                   "name of a host",
		"version = 1\nmethods = [\"sso\"]\nmethods = [\"password\"]": "twice",
		"version = 1\nmethods = [\"sso\"":                            "list",
		"version = 1\n<<<<<<< HEAD":                                  "key = value",
		"version = 1\nplugin-keys = [\n\"" + keyA + "\"\n] trailing": "does not end",
		"version = 1\nuser-profiles = no":                            "neither",
		"version = 1\n# \x01":                                        "control",
		"version = 1\ncontact = \"\xff\"":                            "UTF-8",
	} {
		p, err := load(t, text)
		fault, ok := errors.AsType[*core.PolicyError](err)
		if !ok || p != nil || fault.Key != "" || fault.Hint() == "" || !strings.Contains(fault.Error(), reason) {
			t.Errorf("%q: %+v, %v", text, p, err)
			continue
		}
		if want := 1 + strings.Count(text, "\n"); fault.Line != want && fault.Line != 0 && reason != "UTF-8" {
			t.Errorf("%q: line %d, want %d", text, fault.Line, want)
		}
	}
}

// TestKeys checks what each key allows and denies, and the key that an error names.
func TestKeys(t *testing.T) {
	us1, _ := core.FindEnvironment("us1")
	delta, _ := core.FindEnvironment("delta")
	proxied, _ := us1.WithBaseURL("https://proxy.example:8443/x")
	plain, _ := us1.WithBaseURL("http://127.0.0.1:9999")
	impostor, _ := core.NewEnvironment("charlie", "https://charlie.example")
	custom, _ := core.NewEnvironment("next", "https://proxy.example")
	halfway := us1
	halfway.AuthURL = "https://elsewhere.example"
	for _, c := range []struct {
		text string
		err  func(*Policy) error
		key  string // "" if it is allowed
	}{
		{`methods = ["sso"]`, func(p *Policy) error { return p.Method("sso") }, ""},
		{`methods = ["sso"]`, func(p *Policy) error { return p.Method("SSO") }, keyMethods},
		{`methods = []`, func(p *Policy) error { return p.Method("sso") }, keyMethods},
		{`contact = "x"`, func(p *Policy) error { return p.Method("sso") }, ""},
		{`access-token = false`, func(p *Policy) error { return p.AccessToken("X") }, keyAccessToken},
		{`access-token = true`, func(p *Policy) error { return p.AccessToken("X") }, ""},
		{`methods = ["sso"]`, func(p *Policy) error { return p.AccessToken("X") }, keyMethods},
		{"methods = [\"sso\"]\naccess-token = true", func(p *Policy) error { return p.AccessToken("X") }, ""},
		{`contact = "x"`, func(p *Policy) error { return p.AccessToken("X") }, ""},
		{`token-stores = ["keyring"]`, func(p *Policy) error { return p.TokenStore("keyring") }, ""},
		{`token-stores = ["keyring"]`, func(p *Policy) error { return p.TokenStore("file") }, keyTokenStores},
		{`token-stores = ["keyring"]`, func(p *Policy) error { return p.TokenStore("auto") }, keyTokenStores},
		{`token-stores = ["keyring", "encrypted-file"]`, func(p *Policy) error { return p.TokenStore("auto") }, ""},
		{`token-stores = ["auto"]`, func(p *Policy) error { return p.TokenStore("encrypted-file") }, ""},
		{`token-stores = []`, func(p *Policy) error { return p.TokenStore("memory") }, ""},
		{`token-stores = []`, func(p *Policy) error { return p.TokenStore("*main.SQLite") }, keyTokenStores},
		{`user-profiles = false`, (*Policy).UserProfiles, keyUserProfiles},
		{`user-profiles = true`, (*Policy).UserProfiles, ""},
		{`environments = ["Charlie"]`, func(p *Policy) error { return p.Environment(us1) }, ""},
		{`environments = ["us1"]`, func(p *Policy) error { return p.Environment(us1.WithUniversalAuth()) }, ""},
		{`environments = ["us1"]`, func(p *Policy) error { return p.Environment(delta) }, keyEnvironments},
		{`environments = ["us1"]`, func(p *Policy) error { return p.Environment(proxied) }, keyHosts},
		{`environments = ["us1"]`, func(p *Policy) error { return p.Environment(plain) }, keyHosts},
		{`environments = ["us1"]`, func(p *Policy) error { return p.Environment(halfway) }, keyHosts},
		{`environments = ["us1"]`, func(p *Policy) error { return p.Environment(impostor) }, keyEnvironments},
		{`environments = ["charlie"]`, func(p *Policy) error { return p.Environment(impostor) }, keyHosts},
		{"environments = [\"us1\"]\nhosts = [\"PROXY.example\"]", func(p *Policy) error { return p.Environment(proxied) }, ""},
		{`hosts = ["proxy.example"]`, func(p *Policy) error { return p.Environment(custom) }, ""},
		{`hosts = ["proxy.example"]`, func(p *Policy) error { return p.Environment(delta) }, ""},
		{`hosts = []`, func(p *Policy) error { return p.Environment(custom) }, keyHosts},
		{`hosts = ["127.0.0.1", "::1"]`, func(p *Policy) error { return p.Environment(plain) }, ""},
		{`plugins = ["acme"]`, func(p *Policy) error { return p.Program("acme", sumA, "") }, ""},
		{`plugins = ["acme"]`, func(p *Policy) error { return p.Program("evil", sumA, "") }, keyPlugins},
		{`methods = ["plugin:acme"]`, func(p *Policy) error { return p.Program("acme", sumA, "") }, ""},
		{`methods = ["sso"]`, func(p *Policy) error { return p.Program("acme", sumA, "") }, keyMethods},
		{`plugin-checksums = ["` + sumA + `"]`, func(p *Policy) error { return p.Program("acme", strings.ToUpper(sumA), "") }, ""},
		{`plugin-checksums = ["` + sumA + `"]`, func(p *Policy) error { return p.Program("acme", sumB, "") }, keyChecksums},
		{`plugin-checksums = ["` + sumA + `"]`, func(p *Policy) error { return p.Program("acme", sumB, keyA) }, keyChecksums},
		{`plugin-keys = ["` + keyA + `"]`, func(p *Policy) error { return p.Program("acme", sumA, "") }, keyKeys},
		{`plugin-keys = ["` + keyA + `"]`, func(p *Policy) error { return p.Program("acme", sumA, keyA) }, ""},
		{`plugin-keys = ["` + keyA + `"]`, func(p *Policy) error { return p.Program("acme", sumA, "RWother") }, keyKeys},
		{`plugin-keys = []`, func(p *Policy) error { return p.Program("acme", sumA, "") }, keyKeys},
		{"plugin-keys = [\"" + keyA + "\"]\nplugin-checksums = [\"" + sumA + "\"]", func(p *Policy) error { return p.Program("acme", sumA, "") }, ""},
		{"plugin-keys = [\"" + keyA + "\"]\ndenied-checksums = [\"" + sumA + "\"]", func(p *Policy) error { return p.Program("acme", sumA, keyA) }, keyDenied},
		{`denied-checksums = ["` + strings.ToUpper(sumA) + `"]`, func(p *Policy) error { return p.Program("acme", sumA, "") }, keyDenied},
		{`denied-checksums = ["` + sumA + `"]`, func(p *Policy) error { return p.Program("acme", sumB, "") }, ""},
	} {
		p, err := load(t, "version = 1\n"+c.text)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		err = c.err(p)
		fault, isFault := errors.AsType[*core.PolicyError](err)
		switch {
		case c.key == "" && err != nil:
			t.Errorf("%s: %v", c.text, err)
		case c.key != "" && (!isFault || fault.Key != c.key || fault.Path != p.Path || fault.Hint() == ""):
			t.Errorf("%s: the error is %v, want one of the key %s", c.text, err, c.key)
		}
	}
}

// TestLimits lists the keys that limit something.
func TestLimits(t *testing.T) {
	p, err := load(t, "version = 1\ncontact = \"x\"\nmethods = []\naccess-token = true\nuser-profiles = false\n")
	if want := []string{keyMethods, keyUserProfiles}; err != nil || !slices.Equal(p.Limits(), want) {
		t.Errorf("%q, %v; want %q", p.Limits(), err, want)
	}
}
