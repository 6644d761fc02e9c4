//go:build unix

package plugins_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
)

func init() {
	acts["where"] = func() {
		path, err := os.Executable()
		fmt.Fprintln(os.Stderr, "runs from", path, os.Args[0], err)
		acts["opaque"]()
	}
}

// install puts a program, or a script that runs it, into a folder.
func install(t *testing.T, folder string, script bool) (path string) {
	t.Helper()
	self, err := self()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(folder, "taegis-plugin-where")
	if err := os.WriteFile(path, program, 0o755); err != nil { // others are to run it
		t.Fatal(err)
	}
	if !script {
		return path
	}
	text := "#!/bin/sh\necho script is $0 >&2\nexec " + path + "\n"
	path += ".sh"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil { // see above
		t.Fatal(err)
	}
	return path
}

// TestAProgramOfRootRunsFromItsPath logs in with a program and with a script of root, as root and as
// another user, and sees by what path they run: a copy has another one.
func TestAProgramOfRootRunsFromItsPath(t *testing.T) {
	const programVariable = "TAEGIS_TEST_PROGRAM"
	for _, script := range []bool{false, true} {
		t.Run(fmt.Sprintf("script %v", script), func(t *testing.T) {
			path := os.Getenv(programVariable)
			if path == "" {
				path = install(t, testutil.AdministeredFolder(t), script)
				t.Run("as root", func(t *testing.T) { runsFrom(t, path, script, true) })
				t.Setenv(programVariable, path)
			}
			t.Run("as another user", func(t *testing.T) {
				if !testutil.Again(t, programVariable+"="+path) {
					runsFrom(t, path, strings.HasSuffix(path, ".sh"), true)
				}
			})
		})
	}
	t.Run("in a folder that a group can write", func(t *testing.T) {
		folder := testutil.AdministeredFolder(t)
		path := install(t, folder, true)
		if err := os.Chmod(folder, 0o775); err != nil { // that is the case
			t.Fatal(err)
		}
		runsFrom(t, path, true, false)
	})
}

// runsFrom logs in with a program and checks whether it runs from its path.
func runsFrom(t *testing.T, path string, script, fromPath bool) {
	t.Helper()
	var log bytes.Buffer
	s := play(t, "where")
	s.Path, s.Logger = path, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sum, err := plugins.Checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	s.SHA256 = []string{sum}
	p := s.open(t)
	token, err := p.Authenticate(t.Context(), s.request())
	if err != nil || token.AccessToken.Reveal() != "opaque" {
		t.Fatalf("%+v, %v", token, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	want := "runs from " + path + " " + path
	if script {
		want = "script is " + path
	}
	if got := strings.Contains(log.String(), want); got != fromPath {
		t.Errorf("it runs from its path: %v, want %v:\n%s", got, fromPath, log.String())
	}
}

// TestAChangedProgramOfRootDoesNotStart compares the checksum there too.
func TestAChangedProgramOfRootDoesNotStart(t *testing.T) {
	s := play(t, "where")
	s.Path = install(t, testutil.AdministeredFolder(t), true)
	_, err := s.open(t).Authenticate(t.Context(), s.request())
	if _, ok := errors.AsType[*plugins.ChecksumError](err); !ok {
		t.Errorf("the error is %v", err)
	}
}

// TestThePolicyIsReadAtEachStart denies a program after it has run once.
func TestThePolicyIsReadAtEachStart(t *testing.T) {
	folder := t.TempDir()
	defer fileperm.ReplaceSystemFolder(folder)()
	s := play(t, "opaque")
	path := filepath.Join(folder, "policy.toml")
	for _, c := range []struct{ text, key string }{
		{"version = 1\nplugin-checksums = [\"" + s.SHA256[0] + "\"]\nplugins = [\"opaque\"]\n", ""},
		{"version = 1\ndenied-checksums = [\"" + s.SHA256[0] + "\"]\n", "denied-checksums"},
		{"version = 1\nplugins = [\"acme\"]\n", "plugins"},
		{"version = 1\nmethods = [\"sso\"]\n", "methods"},
		{"version = 1\nplugin-checksums = []\n", "plugin-checksums"},
		{"version = 1\nplugin-keys = []\n", "plugin-keys"},
		{"nonsense", ""},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := s.open(t)
		_, err := p.Authenticate(t.Context(), s.request())
		refused, ok := errors.AsType[*core.PolicyError](err)
		isAllowed := c.key == "" && c.text != "nonsense"
		switch {
		case isAllowed && err != nil:
			t.Errorf("%s: %v", c.text, err)
		case !isAllowed && (!ok || refused.Key != c.key || !errors.Is(err, core.ErrDenied) || errors.Is(err, core.ErrUnavailable) || core.Hint(err) == ""):
			t.Errorf("%s: the error is %v", c.text, err)
		}
	}
}
