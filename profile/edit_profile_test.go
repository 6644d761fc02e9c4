package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

const annotated = `# above
version = 1
profile = "work" # the active one

# about work
[profiles.work] # table
environment = "us2" # region
tenant = '1' # first
chain = ["sso"]

# about home
[profiles."home"]
universal-auth = true
`

func TestProfilesAreEdited(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		edit   func(*profile.File) error
		from   string // the text that changes
		to     string
	}{
		"text":          {annotated, func(f *profile.File) error { return f.SetKey("work", "tenant", "2") }, `'1' # first`, `"2" # first`},
		"chain":         {annotated, func(f *profile.File) error { return f.SetKey("work", "chain", "client-credentials, sso") }, `["sso"]`, `["client-credentials", "sso"]`},
		"off":           {annotated, func(f *profile.File) error { return f.SetKey("home", "universal-auth", "false") }, `= true`, `= false`},
		"new key":       {annotated, func(f *profile.File) error { return f.SetKey("home", "username", `a"b\c`) }, "[profiles.\"home\"]\n", "[profiles.\"home\"]\nusername = \"a\\\"b\\\\c\"\n"},
		"new profile":   {annotated, func(f *profile.File) error { return f.SetKey("other", "tenant", "3") }, "universal-auth = true\n", "universal-auth = true\n\n[profiles.other]\ntenant = \"3\"\n"},
		"dotted":        {annotated, func(f *profile.File) error { return f.SetKey("a.b", "tenant", "3") }, "universal-auth = true\n", "universal-auth = true\n\n[profiles.\"a.b\"]\ntenant = \"3\"\n"},
		"new file":      {"", func(f *profile.File) error { return f.SetKey("work", "environment", "charlie") }, "", "[profiles.work]\nenvironment = \"charlie\"\n"},
		"unset":         {annotated, func(f *profile.File) error { return f.UnsetKey("work", "tenant") }, "tenant = '1' # first\n", ""},
		"unset missing": {annotated, func(f *profile.File) error { return f.UnsetKey("work", "username") }, "", ""},
		"delete active": {
			annotated, func(f *profile.File) error { return f.DeleteProfile("work") },
			annotated[strings.Index(annotated, "profile = "):strings.Index(annotated, "# about home")], "\n# about work\n",
		},
		"delete last": {annotated, func(f *profile.File) error { return f.DeleteProfile("home") }, "[profiles.\"home\"]\nuniversal-auth = true\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			if test.before != "" {
				if err := os.WriteFile(path, []byte(test.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv(profile.PathVariable, path)
			f := &profile.File{Path: path}
			if test.before != "" {
				var err error
				if f, err = profile.Load(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if err := test.edit(f); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(test.before, test.from, test.to, 1); string(got) != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestInvalidEditsChangeNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(annotated), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(profile.PathVariable, path)
	for name, test := range map[string]struct {
		edit func(*profile.File) error
		is   error
		part string
	}{
		"key":             {func(f *profile.File) error { return f.SetKey("work", "tennant", "1") }, profile.ErrInvalid, "did you mean tenant?"},
		"secret":          {func(f *profile.File) error { return f.SetKey("work", "password", "1") }, profile.ErrInvalid, "use one of chain, client-id"},
		"key to unset":    {func(f *profile.File) error { return f.UnsetKey("work", "chian") }, profile.ErrInvalid, "did you mean chain?"},
		"name":            {func(f *profile.File) error { return f.SetKey("a b", "tenant", "1") }, profile.ErrInvalid, "cannot be a name"},
		"bool":            {func(f *profile.File) error { return f.SetKey("work", "universal-auth", "maybe") }, profile.ErrInvalid, "true or false"},
		"environment":     {func(f *profile.File) error { return f.SetKey("work", "environment", "moon") }, profile.ErrInvalid, "moon"},
		"store":           {func(f *profile.File) error { return f.SetKey("work", "token-store", "cloud") }, profile.ErrInvalid, "unknown token store"},
		"method":          {func(f *profile.File) error { return f.SetKey("work", "chain", "sso,magic") }, profile.ErrInvalid, "magic"},
		"unknown":         {func(f *profile.File) error { return f.UnsetKey("wrok", "tenant") }, profile.ErrUnknown, "did you mean work?"},
		"unknown profile": {func(f *profile.File) error { return f.DeleteProfile("wrok") }, profile.ErrUnknown, "did you mean work?"},
	} {
		f, err := profile.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = test.edit(f)
		if fault, ok := errors.AsType[*core.FileError](err); !ok || !errors.Is(err, test.is) || !strings.Contains(fault.Reason+fault.HintText, test.part) {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != annotated {
			t.Errorf("%s: the file became %s, %v", name, got, err)
		}
	}
}
