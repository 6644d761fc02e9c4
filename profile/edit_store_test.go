package profile_test

import (
	"path/filepath"
	"testing"

	"github.com/taegis-go/taegis/profile"
)

func TestSetTokenStore(t *testing.T) {
	for name, test := range map[string]struct{ before, profile, after string }{
		"no file":       {"", "", "profile = \"default\"\n[profiles.default]\ntoken-store = \"memory\"\n"},
		"a new line":    {"profile = \"a\"\n[profiles.a] # x\ntenant = \"1\"\n[profiles.b]\n", "", "profile = \"a\"\n[profiles.a] # x\ntoken-store = \"memory\"\ntenant = \"1\"\n[profiles.b]\n"},
		"another one":   {"[profiles.a]\n[profiles.b]\ntoken-store = 'file' # y", "b", "[profiles.a]\n[profiles.b]\ntoken-store = \"memory\" # y"},
		"the last line": {"[profiles.b]", "b", "[profiles.b]\ntoken-store = \"memory\"\n"},
		"none in use":   {"# z\n[profiles.b]\ntoken-store = \"file\"\n", "", "profile = \"default\"\n# z\n[profiles.b]\ntoken-store = \"file\"\n\n[profiles.default]\ntoken-store = \"memory\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			if test.before != "" {
				path = write(t, test.before)
			}
			f, err := profile.LoadFile(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetTokenStore(test.profile, "memory"); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != test.after {
				t.Errorf("%q, want %q", got, test.after)
			}
		})
	}
	f := load(t, "[profiles.work]\n")
	if err := f.SetTokenStore("wrok", "memory"); err == nil {
		t.Error("an unknown profile is accepted")
	}
	if err := f.SetTokenStore("work", "nowhere"); err == nil {
		t.Error("an unknown store is accepted")
	}
}
