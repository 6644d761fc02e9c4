package leaks

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/profile"
)

// A violation makes something of ours into what others could have written or can read.
var violations = map[string]func(path string) error{
	"others can read it":  func(path string) error { return widen(path, 0o044) },
	"its group can write": func(path string) error { return widen(path, 0o020) },
	"another's":           func(path string) error { return os.Chown(path, 1234, -1) },
	"a link": func(path string) error {
		if err := os.Rename(path, path+"-elsewhere"); err != nil {
			return err
		}
		return os.Symlink(path+"-elsewhere", path)
	},
}

func widen(path string, by os.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()|by)
}

// place is a file or folder of ours: how the command line meets it, and what it then says.
type place struct {
	path    string // below the root
	command []string
	// warns says that the command goes on without it, and says why once.
	warns bool
	// allows are the violations that are its user's choice.
	allows []string
}

var places = map[string]place{
	"folder of sealed tokens": {path: "state/taegis/tokens", command: sealed},
	"sealed tokens":           {path: "state/taegis/tokens/taegis-encrypted.sealed", command: sealed},
	"folder of their key":     {path: "state/taegis/tokens/taegis-encrypted.sealed.keys", command: sealed},
	"lock of sealed tokens":   {path: "state/taegis/tokens/taegis-encrypted.sealed.lock", command: sealed, warns: true},
	"locks of sealed logins":  {path: "state/taegis/tokens/taegis-encrypted.sealed.logins", command: sealed, warns: true},
	"locks of logins":         {path: "home/.taegis_sdk_python/config.logins", command: []string{"auth", "login"}, warns: true},
	"lock of a login":         {path: "home/.taegis_sdk_python/config.logins/*.lock", command: []string{"auth", "login"}, warns: true},
	"folder of programs":      {path: "data/taegis/plugins", command: []string{"plugin", "install", "SELF", "--name", "acme", "--var", "GORACE"}},
	"repairs":                 {path: "cache/taegis/drift", command: []string{"call", "clients", "client", "--arg", "id=1"}, warns: true},
	"profiles":                {path: "config/taegis/config.toml", command: []string{"profile", "list"}, allows: []string{"others can read it", "a link"}},
	"shared file":             {path: "home/.taegis_sdk_python/config", command: []string{"auth", "status", "--verify"}, warns: true, allows: []string{"another's", "a link"}},
}

var sealed = []string{"--token-store", "encrypted-file", "auth", "login"}

// Each place is violated in each way. The command line refuses it with a command that fixes it, or
// goes on without it and says so once; after the command was run, all is well.
func TestPathsThatOthersCouldHaveChanged(t *testing.T) {
	if os.Geteuid() != 0 {
		testutil.Missing(t, "root, to give files away")
	}
	all := newFixture(t).asClient()
	all.env["TAEGIS_KEYRING_PASSPHRASE"] = passphrase
	all.settle()
	refused, fixed, allowed := 0, 0, 0
	for name, p := range places {
		for violation, violate := range violations {
			t.Run(name+", "+violation, func(t *testing.T) {
				s := all.with()
				s.TB = t
				path := s.prepare(p)
				if err := violate(path); err != nil {
					t.Fatal(err)
				}
				_, said := s.quietly(p.command...)
				if slices.Contains(p.allows, violation) {
					allowed++
					if strings.Contains(said, path) {
						t.Errorf("it is the user's choice, and yet: %s", said)
					}
					if err := restore(path); err != nil {
						t.Fatal(err)
					}
					return
				}
				hint := hintIn(said)
				if strings.Count(said, hint) != 1 || !strings.Contains(said, path) || strings.Contains(said, "warning") != p.warns {
					t.Fatalf("it says %q, of which the hint is %q", said, hint)
				}
				refused++
				if out, err := exec.CommandContext(t.Context(), "sh", "-c", hint).CombinedOutput(); err != nil {
					t.Fatalf("%s: %v: %s", hint, err, out)
				}
				if _, said := s.quietly(p.command...); strings.Contains(said, path) {
					t.Errorf("fixed with %q, and yet: %s", hint, said)
				}
				fixed++
			})
		}
	}
	stress.Report(t, stress.Leaks, "folders and files of ours that others could have changed or can read", "each refused, or left out with one warning; the command that is printed fixes it",
		"%d places x %d violations: %d refused, %d fixed by what was printed, %d are the user's choice", len(places), len(violations), refused, fixed, allowed)
}

// settle makes what the command line makes by and by.
func (s *fixture) settle() {
	s.Helper()
	s.profiles("")
	s.must("auth", "login")
	s.must(sealed...)
	for _, folder := range []string{"cache/taegis/drift", "data/taegis/plugins"} {
		if err := os.MkdirAll(filepath.Join(s.root, folder), 0o700); err != nil {
			s.Fatal(err)
		}
	}
}

// prepare returns the path of the place.
func (s *fixture) prepare(p place) string {
	s.Helper()
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	for i, word := range p.command {
		if word == "SELF" {
			p.command[i] = self
		}
	}
	found, err := filepath.Glob(filepath.Join(s.root, p.path))
	if len(found) == 0 { // an empty folder of ours can have been put away
		s.settle()
		found, err = filepath.Glob(filepath.Join(s.root, p.path))
	}
	if err != nil || len(found) != 1 {
		s.Fatalf("at %s are %d files, %v", p.path, len(found), err)
	}
	return found[0]
}

// restore undoes a violation that was allowed: where the shared file is a link, other places are
// ours.
func restore(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&os.ModeSymlink != 0 {
		err = errors.Join(os.Remove(path), os.Rename(path+"-elsewhere", path))
	}
	return errors.Join(err, os.Chown(path, os.Geteuid(), -1), os.Chmod(path, 0o600))
}

// hintIn finds the command in what was said: it stands at the end, or before the end of a bracket.
func hintIn(said string) string {
	for _, begin := range []string{"chmod ", "chown ", "mv "} {
		if _, rest, ok := strings.Cut(said, ": "+begin); ok {
			rest, _, _ = strings.Cut(rest, "\n")
			return begin + strings.TrimSuffix(rest, ")")
		}
	}
	return "nothing"
}

// The errors are typed, for programs.
func TestRejectionsAreTyped(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o622); err != nil {
		t.Fatal(err)
	}
	_, loading := profile.LoadFile(t.Context(), path)
	for _, err := range []error{(&keyring.Store{Dir: dir}).Prepare(t.Context()), loading} {
		file, ok := errors.AsType[*core.FileError](err)
		if !ok || !errors.Is(err, fileperm.ErrUnsafe) || !strings.HasPrefix(file.HintText, "chmod ") {
			t.Errorf("%v", fmt.Sprintf("%#v", err))
		}
	}
}
