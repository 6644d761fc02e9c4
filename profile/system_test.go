package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/profile"
)

const (
	sum        = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	systemText = `profile = "work"
[profiles.work]
environment = "echo"
tenant = "1"
universal-auth = true
token-store = "memory"
chain = ["plugin:acme", "sso"]
[profiles.common]
environment = "delta"
[plugins.acme]
path = "/usr/lib/taegis/taegis-plugin-acme"
sha256 = "` + sum + `"
settings = { badge = "${ACME_BADGE}" }
[exec.vault]
command = ["/usr/bin/vault-token"]
[tenants.gold]
labels = ["tier=gold"]
`
)

// system gives the machine a profile file and, if it is not empty, a policy, and the user a file.
func system(t *testing.T, systemText, policy, user string) (systemPath, userPath string) {
	t.Helper()
	isolate(t)
	folder := t.TempDir()
	t.Cleanup(fileperm.ReplaceSystemFolder(folder))
	must(t, os.WriteFile(profile.SystemPath(), []byte(systemText), 0o600))
	if policy != "" {
		must(t, os.WriteFile(filepath.Join(folder, "policy.toml"), []byte(policy), 0o600))
	}
	userPath, err := profile.DefaultPath()
	must(t, err, os.MkdirAll(filepath.Dir(userPath), 0o700))
	if user != "" {
		must(t, os.WriteFile(userPath, []byte(user), 0o600))
	}
	return profile.SystemPath(), userPath
}

// TestTheUsersFileIsOverThatOfTheSystem merges both, and says where each value comes from.
func TestTheUsersFileIsOverThatOfTheSystem(t *testing.T) {
	above, own := system(t, systemText, "", `[profiles.work]
tenant = "2"
universal-auth = false
[profiles.mine]
chain = ["exec:vault"]
[plugins."acme.own"]
path = "/home/ann/acme"
`)
	f, err := profile.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	work := f.Profiles["work"]
	if f.Current != "work" || work.Environment != "echo" || work.Tenant != "2" || work.UniversalAuth || work.TokenStore != "memory" || len(work.Chain) != 2 {
		t.Errorf("current %q, %+v", f.Current, work)
	}
	for key, want := range map[string]string{
		"profile": above, "profiles.work": own, "profiles.work.tenant": own, "profiles.work.universal-auth": own, "profiles.work.environment": above,
		"profiles.common": above, "profiles.common.tenant": above, "profiles.mine.chain": own, "plugins.acme": above, "plugins.acme.settings.badge": above,
		"plugins.acme.own": own, "plugins.acme.own.path": own, "exec.vault": above, "tenants.gold.labels": above, "plugins.none": own,
	} {
		if got := f.Origin(key); got != want {
			t.Errorf("%s comes from %s, want %s", key, got, want)
		}
	}
	r, err := f.Resolve(profile.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{
		"profile": above, "environment": "profile work in " + above, "tenant": "profile work", "token-store": "profile work in " + above,
	} {
		if v := r.Value(name); v.From != from {
			t.Errorf("%s comes from %q, want %q", name, v.From, from)
		}
	}
}

// TestEditsGoToTheUsersFile makes each edit, and looks for what both files then say.
func TestEditsGoToTheUsersFile(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*profile.File) error
		want string // in the user's file; "" for an error that names the system's
	}{
		"use":            {func(f *profile.File) error { return f.Use("common") }, `profile = "common"`},
		"set":            {func(f *profile.File) error { return f.SetKey("work", "tenant", "7") }, "[profiles.work]\ntenant = \"7\""},
		"set store":      {func(f *profile.File) error { return f.SetTokenStore("work", "file") }, "[profiles.work]\ntoken-store = \"file\""},
		"set the active": {func(f *profile.File) error { return f.SetTokenStore("", "file") }, "[profiles.work]\ntoken-store = \"file\""},
		"set chain":      {func(f *profile.File) error { return f.SetKey("mine", "chain", "plugin:acme") }, `chain = ["plugin:acme"]`},
		"set plugin": {func(f *profile.File) error {
			return f.SetPlugin("acme", profile.PluginConfig{Path: "/x", SHA256: profile.Strings{sum}})
		}, `path = "/x"`},
		"unset":         {func(f *profile.File) error { return f.UnsetKey("work", "tenant") }, ""},
		"delete":        {func(f *profile.File) error { return f.DeleteProfile("common") }, ""},
		"remove plugin": {func(f *profile.File) error { return f.RemovePlugin("acme") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			above, own := system(t, systemText, "", "")
			f, err := profile.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			err = c.edit(f)
			text, _ := os.ReadFile(own)
			fault, isFault := errors.AsType[*core.FileError](err)
			switch {
			case c.want == "" && (!isFault || fault.Path != above || fault.Hint() == "" || len(text) > 0):
				t.Errorf("%v, the file is %q", err, text)
			case c.want != "" && (err != nil || !strings.Contains(string(text), c.want)):
				t.Errorf("%v, the file is %q", err, text)
			}
			if unchanged, _ := os.ReadFile(above); string(unchanged) != systemText {
				t.Errorf("the system's file is %q", unchanged)
			}
			if len(f.Profiles["work"].Chain) != 2 {
				t.Errorf("after it the profile is %+v", f.Profiles["work"])
			}
		})
	}
}

// TestAFaultNamesItsFile has a fault in one of the files.
func TestAFaultNamesItsFile(t *testing.T) {
	for name, c := range map[string]struct {
		system, user string
		ofSystem     bool
	}{
		"syntax of the system's":            {"[profiles", "", true},
		"value of the system's":             {"[profiles.work]\nenvironment = \"nowhere\"", "[profiles.work]\nenvironment = \"echo\"", true},
		"reference of the system's":         {"[profiles.work]\nchain = [\"plugin:own\"]", "[plugins.own]\npath = \"/x\"", true},
		"syntax of the user's":              {systemText, "[profiles", false},
		"value of the user's":               {systemText, "[profiles.work]\nenvironment = \"nowhere\"", false},
		"account of the user's":             {systemText, "[accounts]\n\"1\" = \"none\"", false},
		"plugin of the user's in its place": {systemText, "[plugins.acme]\npaths = \"x\"", false},
	} {
		t.Run(name, func(t *testing.T) {
			above, own := system(t, c.system, "", c.user)
			want := own
			if c.ofSystem {
				want = above
			}
			_, err := profile.Load(t.Context())
			if fault, ok := errors.AsType[*core.FileError](err); !ok || fault.Path != want {
				t.Errorf("the error is %v, want one about %s", err, want)
			}
		})
	}
}

// TestReferencesInSettings expands the settings of a plugin.
func TestReferencesInSettings(t *testing.T) {
	for text, c := range map[string]struct{ variable, want, reason string }{
		"${ACME_BADGE}":          {"7", "plugin/acme", ""},
		"plain $x {y} $$":        {"", "plugin/acme", ""},
		"$${ACME_BADGE}":         {"", "plugin/acme", ""},
		"~/badge":                {"", "plugin/acme", ""},
		"a ${ACME_BADGE} b":      {"", "", "ACME_BADGE is not set"},
		"${ACME_BADGE":           {"7", "", "written as ${NAME}"},
		"${}":                    {"", "", "written as ${NAME}"},
		"${A-B}":                 {"", "", "written as ${NAME}"},
		"${ACME_SECRET}":         {"", "", "the name of a secret"},
		"${TAEGIS_ACCESS_TOKEN}": {"", "", "the name of a secret"},
	} {
		f := &profile.File{Path: "/x", Plugins: map[string]profile.PluginConfig{
			"acme": {Path: "/usr/lib/acme", SHA256: profile.Strings{sum}, Settings: map[string]string{"badge": text}},
		}}
		t.Setenv("ACME_BADGE", c.variable)
		plugin, err := f.NewPlugin("acme", nil)
		if c.reason == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			account, _ := plugin.Account(t.Context(), core.LoginRequest{})
			if !strings.HasPrefix(string(account), c.want) {
				t.Errorf("%s: %s", text, account)
			}
			_ = plugin.Close()
			continue
		}
		fault, ok := errors.AsType[*core.FileError](err)
		if !ok || !strings.Contains(fault.Reason, c.reason) || !strings.HasPrefix(fault.Reason, "plugins.acme.settings.badge: ") || fault.Hint() == "" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestTwoValuesOfAVariableAreTwoAccounts, which is what a setting with a reference is for, and the
// escaped one is none.
func TestTwoValuesOfAVariableAreTwoAccounts(t *testing.T) {
	account := func(setting, badge string) core.Account {
		t.Helper()
		t.Setenv("ACME_BADGE", badge)
		f := &profile.File{Plugins: map[string]profile.PluginConfig{"acme": {Path: "/x", SHA256: profile.Strings{sum}, Settings: map[string]string{"badge": setting}}}}
		plugin, err := f.NewPlugin("acme", nil)
		must(t, err)
		defer plugin.Close()
		account, err := plugin.Account(t.Context(), core.LoginRequest{})
		must(t, err)
		return account
	}
	one, two, literal := account("${ACME_BADGE}", "1"), account("${ACME_BADGE}", "2"), account("1", "")
	if one == two || one != literal || account("$${ACME_BADGE}", "1") != account("$${ACME_BADGE}", "2") {
		t.Errorf("%s, %s, %s", one, two, literal)
	}
}

// TestAMissingVariableDoesNotDisturbAnotherMethod resolves a chain with such a plugin in it.
func TestAMissingVariableDoesNotDisturbAnotherMethod(t *testing.T) {
	above, _ := system(t, systemText, "", "")
	f, err := profile.Load(t.Context())
	must(t, err)
	r, err := f.Resolve(profile.Overrides{})
	must(t, err)
	_, err = r.Authenticators[0].Account(t.Context(), core.LoginRequest{})
	if fault, ok := errors.AsType[*core.FileError](err); !ok || fault.Path != above || errors.Is(err, core.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
}

// TestOnlyTheSystemsProfiles checks that the policy keeps the user's file out.
func TestOnlyTheSystemsProfiles(t *testing.T) {
	const closed = "version = 1\nuser-profiles = false\n"
	_, own := system(t, systemText, closed, "profile = \"mine\"\n[profiles.mine]\nchain = [\"sso\"]\n[profiles.work]\ntenant = \"2\"\n")
	f, err := profile.Load(t.Context())
	must(t, err)
	if f.Current != "work" || f.Profiles["work"].Tenant != "1" || len(f.Profiles) != 2 {
		t.Errorf("%+v", f)
	}
	policed := func(name string, err error) {
		t.Helper()
		if fault, ok := errors.AsType[*core.PolicyError](err); !ok || fault.Key != "user-profiles" {
			t.Errorf("%s: %v", name, err)
		}
	}
	policed("set", f.SetKey("work", "tenant", "7"))
	_, err = profile.Init(own + ".new")
	policed("init", err)
	t.Setenv(profile.PathVariable, own)
	_, err = profile.Load(t.Context())
	policed("a variable", err)
	_, err = profile.LoadFor(t.Context(), profile.Overrides{})
	policed("LoadFor", err)
	_, err = profile.Options("")
	policed("Options", err)
	must(t, os.Unsetenv(profile.PathVariable))
	other, err := profile.LoadFile(t.Context(), own)
	must(t, err)
	if len(other.Profiles) != 2 || other.Current != "work" {
		t.Errorf("by its path: %+v", other)
	}
}
