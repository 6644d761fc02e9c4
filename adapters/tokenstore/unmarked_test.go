package tokenstore_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

const (
	deltaHost     = "api.delta.taegis.secureworks.com"
	universalHost = "api.taegis.secureworks.com"
	loopback      = "127.0.0.1:8080"
)

// A token that the Python SDK has written goes where its issuer says, and to loopback only if it
// has no issuer elsewhere. One that is a region's and does not say so is warned of, once.
func TestWhereAnUnmarkedTokenGoes(t *testing.T) {
	for name, c := range map[string]struct {
		section, issuer, host string
		goes, warns           bool
	}{
		"no issuer, its own host":               {"charlie", "", host, true, false},
		"no issuer, loopback":                   {"charlie", "", loopback, true, true},
		"no issuer, an alias, loopback":         {"US1", "", loopback, true, true},
		"no issuer, universal, loopback":        {"universal", "", loopback, true, true},
		"no issuer, a custom one, loopback":     {"lab", "", loopback, true, false},
		"no issuer, another region":             {"charlie", "", deltaHost, false, false},
		"its own host, there":                   {"charlie", "https://" + host + "/", host, true, false},
		"its own host, loopback":                {"charlie", "https://" + host + "/", loopback, false, false},
		"its own host, localhost":               {"charlie", "https://" + host, "localhost", false, false},
		"its own host, IPv6 loopback":           {"charlie", "https://" + host, "[::1]:443", false, false},
		"its own host without a scheme":         {"charlie", host, loopback, false, false},
		"its own host in capitals":              {"charlie", "HTTPS://API.CTPX.Secureworks.com/auth", loopback, false, false},
		"its own host with a port":              {"charlie", "https://" + host + ":443", loopback, false, false},
		"its own host with a dot":               {"charlie", "https://" + host + "./", loopback, false, false},
		"its tenants host, loopback":            {"charlie", "https://api.tenants.ctpx.secureworks.com", loopback, false, false},
		"its tenants host, its own":             {"charlie", "https://api.tenants.ctpx.secureworks.com", host, true, false},
		"a custom section, loopback":            {"lab", "https://" + host, loopback, false, false},
		"another region's, in this section":     {"charlie", "https://" + deltaHost, host, false, false},
		"another region's, there":               {"delta", "https://" + deltaHost, deltaHost, true, false},
		"the universal host, its section":       {"universal", "https://" + universalHost, universalHost, true, false},
		"the universal host, a region":          {"charlie", "https://" + universalHost, host, true, false},
		"the universal host, loopback":          {"universal", "https://" + universalHost, loopback, false, false},
		"an identity provider, its own":         {"charlie", "https://taegis.eu.auth0.example/", host, true, false},
		"an identity provider, loopback":        {"charlie", "https://taegis.eu.auth0.example/", loopback, false, false},
		"loopback, loopback":                    {"charlie", "http://127.0.0.1:9999", loopback, true, false},
		"a word, its own host":                  {"charlie", "taegis", host, true, false},
		"a word, loopback":                      {"charlie", "taegis", loopback, true, true},
		"a host that only looks like its own":   {"charlie", "https://" + host + ".example/", loopback, false, false},
		"user information before its own host":  {"charlie", "https://u@" + host, loopback, false, false},
		"its own host as a path of another one": {"charlie", "http://localhost/" + host, loopback, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			claims := map[string]any{"sub": "mine@clients"}
			if c.issuer != "" {
				claims["iss"] = c.issuer
			}
			access := jwt(time.Hour, claims)
			var log bytes.Buffer
			f := fileWith(t, "["+c.section+"]\naccess_token = "+access+"\n")
			f.Logger = newLogger(&log)
			for _, account := range []core.Account{"", core.AnyUserAccount, core.ClientAccount(c.host, "mine")} {
				key := core.TokenKey{Section: c.section, Host: c.host, Account: account}
				if got := loaded(t, f, key); (got == access) != c.goes || got != "" && got != access {
					t.Errorf("credential %q: goes: %v, want %v", account, got == access, c.goes)
				}
			}
			if n := strings.Count(log.String(), "without a known issuer"); n != map[bool]int{true: 1}[c.warns] {
				t.Errorf("%d warnings: %s", n, log.String())
			}
			if strings.Contains(log.String(), access) {
				t.Error("the log holds the token")
			}
		})
	}
}

// A marked token of this SDK's own is not warned of: it says who minted it.
func TestAMarkedTokenOnLoopbackIsNotWarnedOf(t *testing.T) {
	var log bytes.Buffer
	f := fileWith(t, "")
	f.Logger = newLogger(&log)
	key := core.TokenKey{Section: "charlie", Host: loopback, Account: core.ClientAccount(loopback, "mine")}
	keep(t, f, key, ofClient("mine"))
	if loaded(t, f, key) == "" || log.Len() > 0 {
		t.Errorf("log %q", log.String())
	}
}

// A login that displaces a valid token of the Python SDK's keeps it aside, for whom it names and
// for the host that minted it.
func TestAnUnmarkedTokenIsKeptAside(t *testing.T) {
	const example = "taegis.example"
	client := func(host string) core.Account { return core.ClientAccount(host, "python") }
	ann := func(host string) core.Account { return core.UserAccount(host, "ann@acme.example") }
	for name, c := range map[string]struct {
		section string
		claims  map[string]any
		login   string       // the host of the login that displaces it
		at      string       // the host for which it is found again, "" if it is not kept
		as      core.Account // under this
	}{
		"a client's":                   {"charlie", map[string]any{"sub": "python@clients"}, host, host, client(host)},
		"a user's":                     {"charlie", map[string]any{"email": "Ann@acme.example"}, host, host, ann(host)},
		"of an unknown user":           {"charlie", map[string]any{"sub": "auth0|5f7c"}, host, host, core.AnyUserAccount},
		"by a login at loopback":       {"charlie", map[string]any{"sub": "python@clients"}, loopback, host, client(host)},
		"minted elsewhere":             {"charlie", map[string]any{"email": "ann@acme.example", "iss": "https://" + deltaHost}, host, deltaHost, ann(deltaHost)},
		"universal":                    {"universal", map[string]any{"email": "ann@acme.example"}, universalHost, universalHost, ann(universalHost)},
		"a custom environment's":       {"lab", map[string]any{"sub": "python@clients"}, loopback, loopback, client(loopback)},
		"a custom one's with issuer":   {"lab", map[string]any{"sub": "python@clients", "iss": "https://" + example}, example, example, client(example)},
		"a custom one's, from nowhere": {"lab", map[string]any{"sub": "python@clients"}, example, "", client(example)},
	} {
		t.Run(name, func(t *testing.T) {
			access := jwt(time.Hour, c.claims)
			f := fileWith(t, "["+c.section+"]\naccess_token = "+access+"\n")
			login := core.TokenKey{Section: c.section, Host: c.login, Account: core.ClientAccount(c.login, "new")}
			keep(t, f, login, ofClient("new"))
			kept := core.TokenKey{Section: c.section, Host: c.at, Account: c.as}
			if c.at == "" {
				kept.Host = c.login
				if got := loaded(t, f, kept); got != "" {
					t.Errorf("it is sent to %s, and nothing says that it was minted there", c.login)
				}
				return
			}
			if c.as == core.AnyUserAccount && c.at == c.login {
				if err := f.Delete(t.Context(), login); err != nil { // it would come first, as the latest
					t.Fatal(err)
				}
			}
			if got := loaded(t, f, kept); got != access {
				t.Errorf("it was lost: %s", textOf(t, f))
			}
			for _, other := range []string{c.login, host, deltaHost, loopback, example} {
				key := core.TokenKey{Section: c.section, Host: other, Account: c.as}
				if other != c.at && loaded(t, f, key) == access {
					t.Errorf("it is sent to %s", other)
				}
			}
		})
	}
}

// One that has expired, or cannot say when it does, is not kept, nor one that is replaced for the
// same account.
func TestWhichUnmarkedTokensAreNotKeptAside(t *testing.T) {
	for name, access := range map[string]string{
		"expired":       jwt(-time.Hour, map[string]any{"sub": "python@clients"}),
		"opaque":        "opaque",
		"of the same":   ofClient("one"),
		"without a sub": jwt(10*time.Second, nil),
	} {
		f := fileWith(t, "[charlie]\naccess_token = "+access+"\n")
		keep(t, f, clientKey("one"), jwt(2*time.Hour, map[string]any{"sub": "one@clients"}))
		if strings.Contains(textOf(t, f), "[charlie/") {
			t.Errorf("%s: %s", name, textOf(t, f))
		}
	}
}

// After the Python SDK's logout its next login does not bring back what was kept aside before.
func TestALogoutOfPythonsHolds(t *testing.T) {
	f := fileWith(t, "")
	one, two := ofClient("one"), ofClient("two")
	keep(t, f, clientKey("one"), one)
	keep(t, f, clientKey("two"), two) // which moves the first aside
	if err := f.Set(t.Context(), "charlie", "access_token", ""); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		if loaded(t, f, clientKey(id)) != "" {
			t.Errorf("the token of %s outlived the logout", id)
		}
	}
	keep(t, f, clientKey("three"), ofClient("three"))
	if got := loaded(t, f, clientKey("one")); got != "" || strings.Contains(textOf(t, f), one) {
		t.Errorf("a later login brought it back: %s", textOf(t, f))
	}
}

// Clearing the token of one account of ours leaves those of others, also those aside.
func TestClearingOneAccountLeavesTheOthers(t *testing.T) {
	f := fileWith(t, "")
	one, two := ofClient("one"), ofClient("two")
	keep(t, f, clientKey("one"), one)
	keep(t, f, clientKey("two"), two)
	if err := f.Delete(t.Context(), clientKey("two")); err != nil {
		t.Fatal(err)
	}
	if loaded(t, f, clientKey("two")) != "" || loaded(t, f, clientKey("one")) != one {
		t.Error(textOf(t, f))
	}
	if got := answer(t, "dump", f.Path); strings.Contains(got, two) {
		t.Errorf("Python reads %s", got)
	}
	if err := f.Delete(t.Context(), clientKey("one")); err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, f); strings.Contains(text, one) || strings.Contains(text, "[charlie/") {
		t.Error(text)
	}
}

// Logging out of one name of a region clears it under all of them, in any case.
func TestALogoutClearsEveryName(t *testing.T) {
	f := fileWith(t, "")
	for _, section := range []string{"charlie", "US1", "us1", "Production", "CHARLIE"} {
		keep(t, f, core.TokenKey{Section: section, Host: host, Account: clientKey("one").Account}, ofClient("one"))
		keep(t, f, core.TokenKey{Section: section, Host: host, Account: clientKey("two").Account}, ofClient("two"))
	}
	keep(t, f, core.TokenKey{Section: "Lab", Host: loopback, Account: core.AnyUserAccount}, ofClient("lab"))
	if err := f.Delete(t.Context(), core.TokenKey{Section: "Us1", Host: host}); err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, f); strings.Count(text, "access_token = eyJ") != 1 || strings.Contains(text, "/") {
		t.Errorf("left: %s", text)
	}
	if err := f.Delete(t.Context(), core.TokenKey{Section: "LAB", Host: loopback}); err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, f); strings.Contains(text, "eyJ") {
		t.Errorf("left: %s", text)
	}
}

// What this SDK writes after another writer, Python reads with the same meaning.
func TestPythonReadsWhatWasDisplaced(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config"), Logger: newLogger(t.Output())}
	python := ofClient("python")
	answer(t, "set", f.Path, "US1", "access_token", python)
	answer(t, "set", f.Path, "charlie", "access_token", python)
	one := ofClient("one")
	keep(t, f, clientKey("one"), one)
	if got := answer(t, "get", f.Path, "charlie", "access_token"); got != one {
		t.Errorf("[charlie] is %q to Python", got)
	}
	if got := answer(t, "get", f.Path, "US1", "access_token"); got != python {
		t.Errorf("[US1] is %q to Python", got)
	}
	answer(t, "set", f.Path, "charlie", "access_token", "") // Python's logout
	for _, id := range []string{"one", "two"} {
		if loaded(t, f, clientKey(id)) != "" {
			t.Errorf("the token of %s outlived Python's logout", id)
		}
	}
}
