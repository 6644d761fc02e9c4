package envvar_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/homedir"
)

func TestPath(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for given, want := range map[string]string{
		"":                     "",
		" \n":                  "",
		"/etc/config":          "/etc/config",
		"/etc/config\r\n":      "/etc/config",
		"config":               "config",
		"./a b/config":         "./a b/config",
		`"/etc/config"`:        "/etc/config",
		"~/x/config":           filepath.Join(home, "x", "config"),
		" '~/x'\n":             filepath.Join(home, "x"),
		"~/":                   home,
		"\ufeff/etc/\u00e9\n":  "/etc/\u00e9",
		"/etc/100%":            "/etc/100%",
		"profile:x/file:/name": "profile:x/file:/name",
	} {
		if got, err := envvar.Path("NAME", given); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", given, got, err, want)
		}
	}
	for _, given := range []string{
		"~", "~ann/x", "~ann", "/srv/~/x", "~/a/~b", "~/$USER/x", "config~",
		"$HOME/x", "${HOME}/x", "/srv/$USER", "$(pwd)/x", "$env:USERPROFILE/x",
		"file:///etc/config", "FILE:/etc/config", "/etc/config\n/etc/other", "/etc/con\x00fig", "/etc/\u0085x",
	} {
		got, err := envvar.Path("NAME", given)
		fault, ok := errors.AsType[*core.SettingError](err)
		if !ok || got != "" || fault.Setting != "NAME" || fault.Hint() == "" || !strings.HasPrefix(err.Error(), "NAME: ") {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}

// Without HOME the home folder comes from the user database.
func TestHomeWithoutItsVariable(t *testing.T) {
	t.Setenv("USERPROFILE", "")
	t.Setenv("HOME", "")
	got, err := envvar.Path("NAME", "~/x")
	home, homeErr := homedir.Dir()
	if (err == nil) != (homeErr == nil) || err == nil && got != filepath.Join(home, "x") {
		t.Errorf("%q, %v, home %q, %v", got, err, home, homeErr)
	}
	if got, err := envvar.Path("NAME", "/x"); err != nil || got != "/x" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPathsOfPrograms(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for given, want := range map[string]string{
		"~/x": filepath.Join(home, "x"), " /a/$b/c~1 ": "/a/$b/c~1", "~ann": "~ann",
	} {
		if got, err := envvar.Home("NAME", given); err != nil || got != want {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}

func TestVariables(t *testing.T) {
	var quoted []string
	v := envvar.Variables{
		Lookup: func(name string) (string, bool) {
			value, ok := map[string]string{"A": `"a"`, "B": "b\n", "C": "$c"}[name]
			return value, ok
		},
		OnQuoted: func(name string) { quoted = append(quoted, name) },
	}
	if a, b, none := v.Text("A"), v.Text("B"), v.Text("NONE"); a != "a" || b != "b" || none != "" || len(quoted) != 1 || quoted[0] != "A" {
		t.Errorf("%q, %q, %q, quoted %q", a, b, none, quoted)
	}
	if path, err := v.Path("B"); path != "b" || err != nil {
		t.Errorf("%q, %v", path, err)
	}
	if _, err := v.Path("C"); err == nil {
		t.Error("a variable was expanded, or taken for a name")
	}
}
