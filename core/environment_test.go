package core_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
)

func TestEnvironmentsOfTaegis(t *testing.T) {
	const ctpx = "https://api.ctpx.secureworks.com"
	at := func(name string) (string, string) {
		return "https://api." + name + ".taegis.secureworks.com", "https://api-tenants." + name + ".taegis.secureworks.com"
	}
	want := map[string][]string{ // canonical name: all its names
		"charlie": {"charlie", "us1", "production", "Charlie", "PRODUCTION"},
		"delta":   {"delta", "us2"},
		"echo":    {"echo", "eu", "eu1", "EU"},
		"foxtrot": {"foxtrot", "us3"},
		"golf":    {"golf", "euw1", "eu2"},
		"hotel":   {"hotel", "apse2"},
		"india":   {"india", "aps1"},
		"juliet":  {"juliet", "apne1"},
		"kilo":    {"kilo", "sae1"},
		"quebec":  {"quebec", "cac1"},
	}
	if n := len(core.Environments()); n != len(want)+1 { // and fusion
		t.Errorf("%d environments, want %d", n, len(want)+1)
	}
	for canonical, names := range want {
		api, tenants := at(canonical)
		if canonical == "charlie" {
			api, tenants = ctpx, "https://api.tenants.ctpx.secureworks.com"
		}
		for _, name := range names {
			e, err := core.FindEnvironment(name)
			if err != nil || e.Canonical != canonical || e.Name != name || e.Section() != name ||
				e.BaseURL(core.HostAPI) != api || e.AuthURL != api || e.BaseURL(core.HostTenants) != tenants {
				t.Errorf("FindEnvironment(%q) = %+v, %v", name, e, err)
			}
		}
	}
	e, _ := core.FindEnvironment("eu")
	if e.ConsoleURL() != "https://echo.taegis.secureworks.com" || e.AuthHost() != "api.echo.taegis.secureworks.com" {
		t.Errorf("console %s, authentication host %s", e.ConsoleURL(), e.AuthHost())
	}
}

func TestUnknownEnvironmentNamesTheKnownOnes(t *testing.T) {
	_, err := core.FindEnvironment("carlie")
	unknown, ok := errors.AsType[*core.UnknownEnvironmentError](err)
	if !ok || unknown.Name != "carlie" || !strings.Contains(err.Error(), "charlie (us1, production)") {
		t.Errorf("error: %v", err)
	}
}

func TestUniversalAuthentication(t *testing.T) {
	delta, _ := core.FindEnvironment("delta")
	u := delta.WithUniversalAuth()
	if u.AuthURL != "https://api.taegis.secureworks.com" || u.APIURL != delta.APIURL || u.Section() != "universal" {
		t.Errorf("universal: %+v", u)
	}
	replaced, err := delta.WithBaseURL("http://127.0.0.1:8080/")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []core.Environment{replaced.WithUniversalAuth(), replaced} {
		if e.AuthURL != "http://127.0.0.1:8080" || e.TenantsURL != e.AuthURL || e.APIURL != e.AuthURL {
			t.Errorf("a replaced base does not hold: %+v", e)
		}
	}
	if e, err := u.WithBaseURL("https://proxy.example"); err != nil || e.AuthURL != "https://proxy.example" {
		t.Errorf("a base replaced after universal authentication: %+v, %v", e, err)
	}
}

func TestBaseURLs(t *testing.T) {
	for url, fault := range map[string]string{
		"https://taegis.example":         "",
		"https://taegis.example/prefix/": "",
		"http://localhost:1":             "",
		"http://127.9.9.9":               "",
		"http://[::1]:80":                "",
		"http://taegis.example":          "loopback only",
		"http://127.0.0.1.evil.example":  "loopback only",
		"ftp://taegis.example":           "must start with https://",
		"taegis.example":                 "must start with https://",
		"https://":                       "no host",
		"https://ann:pw@taegis.example":  "user name or password",
		"https://taegis.example/?a=b":    "query",
		"https://taegis.example/#top":    "query or a fragment",
		"https://taegis.example/%zz":     "not a URL",
		"":                               "must start with https://",
	} {
		_, err := core.NewEnvironment("lab", url)
		bad, isBad := errors.AsType[*core.BaseURLError](err)
		if fault == "" && err != nil || fault != "" && (!isBad || !strings.Contains(bad.Reason, fault)) {
			t.Errorf("%q: %v, want %q", url, err, fault)
		}
	}
	for _, name := range []string{"", " ", "a]b", "a\nb", "DEFAULT"} {
		if _, err := core.NewEnvironment(name, "https://taegis.example"); err == nil {
			t.Errorf("the name %q was accepted", name)
		}
	}
}

func TestInSection(t *testing.T) {
	for _, c := range []struct {
		section, other string
		want           bool
	}{
		{"us1", "charlie", true},
		{"CHARLIE", "us1", true},
		{"us1", "us2", false},
		{"lab", "LAB", true},
		{"lab", "us1", false},
		{"universal", "Universal", true},
		{"universal", "us1", false},
		{"", "", true},
	} {
		if got := (core.TokenKey{Section: c.section}).InSection(c.other); got != c.want {
			t.Errorf("%q in %q: %v", c.section, c.other, got)
		}
	}
}
