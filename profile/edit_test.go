package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

const commented = `# mine
version = 1
profile = "work" # for now

[profiles.work] # the office
environment = "delta"

[profiles.home]
tenant = "7"
`

func TestUseKeepsTheFile(t *testing.T) {
	path := write(t, commented)
	f, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Use("home"); err != nil || f.Current != "home" {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(commented, `profile = "work"`, `profile = "home"`, 1), read(t, path)); diff != "" {
		t.Error(diff)
	}
	if err := f.Use("hom"); err == nil || !strings.Contains(err.Error(), "did you mean home?") {
		t.Errorf("error %v", err)
	}
}

func TestUseInAFileThatNamesNone(t *testing.T) {
	path := write(t, "[profiles.home]\nprofile = \"x\"\n")
	if _, err := profile.LoadFile(t.Context(), path); err == nil {
		t.Fatal("a profile has no key profile")
	}
	path = write(t, "[profiles.home]\n")
	f, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Use("home"); err != nil || read(t, path) != "profile = \"home\"\n[profiles.home]\n" {
		t.Errorf("%q, %v", read(t, path), err)
	}
}

func TestSetAndRemovePlugins(t *testing.T) {
	path := write(t, commented)
	f, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	acme := profile.PluginConfig{
		Path: `C:\plugins\acme "1"`, SHA256: profile.Strings{hash}, Env: []string{"A", "B"}, Timeout: profile.Duration(5e9),
		Settings: map[string]string{"url": "https://x", "a b": "ü"},
	}
	for range 2 { // the second time replaces it
		if err := f.SetPlugin("acme", acme); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetPlugin("other", profile.PluginConfig{Path: "/other", SHA256: profile.Strings{hash}}); err != nil {
		t.Fatal(err)
	}
	again, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(acme, again.Plugins["acme"]); diff != "" {
		t.Error(diff)
	}
	if strings.Count(read(t, path), "[plugins.") != 3 || !strings.HasPrefix(read(t, path), commented) {
		t.Error(read(t, path))
	}
	for _, name := range []string{"acme", "other"} {
		if err := again.RemovePlugin(name); err != nil {
			t.Fatal(err)
		}
	}
	if strings.TrimSpace(read(t, path)) != strings.TrimSpace(commented) {
		t.Error(read(t, path))
	}
}

func TestAPluginInAChainIsNotRemoved(t *testing.T) {
	text := "[profiles.work]\nchain = [\"plugin:acme\"]\n[plugins.acme]\npath = \"/x\"\nsha256 = \"" + hash + "\"\n"
	path := write(t, text)
	f, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	err = f.RemovePlugin("acme")
	if _, ok := errors.AsType[*core.FileError](err); !ok || read(t, path) != text {
		t.Errorf("%v\n%s", err, read(t, path))
	}
}

// A file with a syntax that edit does not handle stays as it is.
func TestAFileThatCannotBeEdited(t *testing.T) {
	for _, text := range []string{
		"profiles = { work = {} }\nprofile = \"\"\"work\"\"\"\n",
		"plugins.acme = { path = \"/x\", sha256 = \"" + hash + "\" }\n[profiles.work]\n",
	} {
		path := write(t, text)
		f, err := profile.LoadFile(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		err = f.SetPlugin("acme", profile.PluginConfig{Path: "/y", SHA256: profile.Strings{hash}})
		if f.Current != "" {
			err = f.Use("work")
		}
		if _, ok := errors.AsType[*core.FileError](err); (!ok && f.Current == "") || f.Current == "" && read(t, path) != text {
			t.Errorf("%v\n%s", err, read(t, path))
		}
	}
}

func TestInit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "config.toml")
	f, err := profile.Init(path)
	if err != nil || f.Current != "default" {
		t.Fatal(err)
	}
	if _, err := profile.LoadFile(t.Context(), path); err != nil {
		t.Error(err)
	}
	if _, err := profile.Init(path); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("error %v", err)
	}
	// The commented lines are valid too.
	uncommented := strings.NewReplacer("# tenant", "tenant", "# username", "username", "# token-store", "token-store", "# chain", "chain").Replace(profile.Template)
	if _, err := profile.LoadFile(t.Context(), write(t, uncommented)); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A chain may name a plugin before it is installed. The hint is to install it, which then succeeds.
func TestAPluginThatAChainNamesFirst(t *testing.T) {
	path := write(t, "[profiles.work]\nchain = [\"plugin:acme\"]\n")
	f, err := profile.LoadFile(t.Context(), path)
	if f == nil || err == nil || !strings.Contains(err.Error(), "install it, or add a table") {
		t.Fatal(f, err)
	}
	if err := f.SetPlugin("acme", profile.PluginConfig{Path: "/x", SHA256: profile.Strings{hash}}); err != nil {
		t.Fatal(err)
	}
	if _, err := profile.LoadFile(t.Context(), path); err != nil {
		t.Error(err)
	}
}

// Comments above the table that follows a plugin belong to that table.
func TestRemovingAPluginKeepsTheCommentsOfOthers(t *testing.T) {
	path := write(t, "version = 1\n\n# gone soon? no\n[plugins.acme]\npath = \"/x\"\n# the pin\nsha256 = \""+hash+"\"\n\n[plugins.acme.settings]\na = \"b\"\n# the end\n\n# how I work\n# at work\n[profiles.work]\n")
	f, err := profile.LoadFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.RemovePlugin("acme"); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), "version = 1\n\n# gone soon? no\n# how I work\n# at work\n[profiles.work]\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
