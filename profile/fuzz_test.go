package profile_test

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// aboutKey matches a reason that begins with a key.
var aboutKey = regexp.MustCompile(`^[a-z0-9][^ :]*: `)

// isName matches the valid names of plugins.
var isName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// FuzzProfiles loads any text and edits the files that load. Each error has a line or key. An edit
// either leaves the file as it is or changes only its own key, and keeps comments.
func FuzzProfiles(f *testing.F) {
	quoted := strings.ReplaceAll(commented, `profile = "work"`, `"profile" = '''work'''`)
	plugin := "[plugins.\"acme\"] # c\npath = \"/x\"\nsha256 = \"" + hash + "\"\ntimeout = \"5s\"\n# d\n[plugins.acme.settings]\n\"a b\" = '''\n[profiles.work]\n'''\n"
	for i, text := range []string{
		"", commented, profile.Template, quoted, plugin, commented + plugin, plugin + commented,
		strings.ReplaceAll(commented+plugin, "\n", "\r\n"), "\ufeff" + commented, "[profiles.work]\nchain = [\"plugin:acme\"]",
		"[profiles]\nwork = { environment = 'lab', chain = [{ method = 'sso', continue-on-error = true }, 'exec:x'] }\n[environments.lab]\napi = 'https://x.example'\n[exec.x]\ncommand = ['a']\ntimeout = '1h'\n",
		"version = 2", "profile = 1", "[profiles.work]\nx = 1", "[profiles.'']\n", "[profiles.work]\nchain = [{}]\n", "\"\" = 1\n", "[[profiles.work]]",
		"[profiles.\"work\"]\n\"token-store\" = 'file'\n[profiles.home]\ntoken-store = \"file\" # c\n", "[plugins.a]\ntimeout = \"-1s\"\n",
		"profiles.work.tenant = \"1\"\nprofile=\"work\"\n", "[profiles.work]\nusername = \"\"\"\nprofile = \"home\"\n[x]\"\"\"\n[profiles.home]\n", "[profiles.default]\n[plugins]\n",
	} {
		for edit := range uint8(4) {
			f.Add([]byte(text), edit, []string{"work", "home", "acme", "default", ""}[(i+int(edit))%5], []string{"/x", "memory", "file", "C:\\a\x07\x7f\U0001F600\u2028", "/\xff"}[i%5])
		}
	}
	path := filepath.Join(f.TempDir(), "config.toml")
	f.Fuzz(func(t *testing.T, text []byte, edit uint8, name, value string) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := profile.LoadFile(t.Context(), path)
		if err != nil {
			located(t, path, err)
		}
		if file == nil {
			return
		}
		original := string(text)
		text = bytes.TrimPrefix(text, []byte("\ufeff")) // an edit may drop it
		want := tables(t, text)
		apply, change := editOf(file, edit, name, value)
		err = apply()
		now := read(t, path)
		if err != nil {
			fault, ok := errors.AsType[*core.FileError](err)
			if !ok || now != original {
				t.Fatalf("error %v (%T), and the file is %q", err, err, now)
			}
			if fault.Line > 0 || edit%4 == 0 && len(text) == 0 && isName.MatchString(name) && utf8.ValidString(value) {
				t.Fatalf("%v: the error is about a text that was never written", err)
			}
			return
		}
		change(want)
		if diff := gocmp.Diff(want, tables(t, []byte(now))); diff != "" {
			t.Fatalf("the file became %q: %s", now, diff)
		}
		again, err := profile.LoadFile(t.Context(), path)
		if err != nil {
			t.Fatalf("the file became %q: %v", now, err)
		}
		if !reflect.DeepEqual(file, again) {
			t.Fatalf("the file became %q, which differs from the File: %+v, want %+v", now, again, file)
		}
		if lost := lostLines(string(text), now); edit%4 > 1 && lost > 1 {
			t.Fatalf("the file became %q, which lost %d lines", now, lost)
		}
	})
}

// located checks the type of an error of LoadFile, and that it has a line or key.
func located(t *testing.T, path string, err error) {
	t.Helper()
	fault, ok := errors.AsType[*core.FileError](err)
	if !ok || fault.Path != path || fault.HintText == "" || fault.Line == 0 && !aboutKey.MatchString(fault.Reason) {
		t.Fatalf("error %v (%T) has neither line nor key", err, err)
	}
}

// editOf returns an edit, and the change that it must make to the tables of the file.
func editOf(f *profile.File, edit uint8, name, value string) (apply func() error, change func(map[string]any)) {
	switch edit % 4 {
	case 0:
		p := profile.PluginConfig{Path: value, SHA256: profile.Strings{hash}, Settings: map[string]string{name: value}, Env: []string{value}}
		return func() error { return f.SetPlugin(name, p) }, func(all map[string]any) {
			table(all, "plugins")[name] = map[string]any{
				"path": value, "sha256": hash, "settings": map[string]any{name: value}, "env": []any{value},
			}
		}
	case 1:
		return func() error { return f.RemovePlugin(name) }, func(all map[string]any) {
			if delete(table(all, "plugins"), name); len(table(all, "plugins")) == 0 {
				delete(all, "plugins")
			}
		}
	case 2:
		return func() error { return f.Use(name) }, func(all map[string]any) { all["profile"] = name }
	}
	current := f.Current
	return func() error { return f.SetTokenStore(name, value) }, func(all map[string]any) {
		if name == "" {
			name = cmp.Or(current, profile.DefaultProfile)
			all["profile"] = name
		}
		table(table(all, "profiles"), name)["token-store"] = value
	}
}

// table returns the table of a name, and adds the table if it is missing.
func table(all map[string]any, name string) map[string]any {
	inner, ok := all[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		all[name] = inner
	}
	return inner
}

// tables decodes the text, without an empty table of plugins.
func tables(t *testing.T, text []byte) map[string]any {
	t.Helper()
	all := map[string]any{}
	if err := toml.Unmarshal(text, &all); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if plugins, ok := all["plugins"].(map[string]any); ok && len(plugins) == 0 {
		delete(all, "plugins")
	}
	return all
}

// lostLines returns how many lines of before are not in after.
func lostLines(before, after string) int {
	count := map[string]int{}
	for line := range strings.Lines(before) {
		count[strings.TrimRight(line, "\r\n")]++
	}
	for line := range strings.Lines(after) {
		if line = strings.TrimRight(line, "\r\n"); count[line] > 0 {
			count[line]--
		}
	}
	lost := 0
	for _, n := range slices.Collect(maps.Values(count)) {
		lost += n
	}
	return lost
}
