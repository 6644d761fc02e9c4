//go:build unix

package keyring_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

func TestModes(t *testing.T) {
	s := newStore(t, &drawer{})
	keep(t, s, "mine")
	for path, mode := range map[string]os.FileMode{s.Dir: 0o700 | os.ModeDir, fileOf(s): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, mode)
		}
	}
}

// TestWhatOthersCouldHaveWritten spoils the place of the tokens; then it runs the hint.
func TestWhatOthersCouldHaveWritten(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(s *keyring.Store) error
		parts []string
	}{
		"a readable file":   {func(s *keyring.Store) error { return os.Chmod(fileOf(s), 0o640) }, []string{"0640", "chmod 600"}},
		"a wide folder":     {func(s *keyring.Store) error { return os.Chmod(s.Dir, 0o755) }, []string{"0755", "chmod 700"}},
		"a foreign file":    {func(s *keyring.Store) error { return os.Chown(fileOf(s), 1234, -1) }, []string{"1234", "chown"}},
		"a foreign folder":  {func(s *keyring.Store) error { return os.Chown(s.Dir, 1234, -1) }, []string{"1234", "chown"}},
		"a link":            {func(s *keyring.Store) error { return linked(fileOf(s)) }, []string{"symbolic link"}},
		"a linked folder":   {func(s *keyring.Store) error { return linked(s.Dir) }, []string{"symbolic link"}},
		"a pipe":            {func(s *keyring.Store) error { return instead(fileOf(s), syscall.Mkfifo) }, []string{"no regular file"}},
		"a folder":          {func(s *keyring.Store) error { return instead(fileOf(s), syscall.Mkdir) }, []string{"no regular file"}},
		"a file for folder": {func(s *keyring.Store) error { return instead(s.Dir, touch) }, []string{"no folder"}},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(name, "foreign") && os.Getuid() != 0 {
				testutil.Missing(t, "root, who alone can give a file away")
			}
			s := newStore(t, &drawer{})
			token := keep(t, s, "mine")
			if err := c.spoil(s); err != nil {
				t.Fatal(err)
			}
			_, err := s.Load(t.Context(), keyOf("mine"))
			wantFault(t, err, s.Dir, c.parts...)
			_, updating := s.Update(t.Context(), keyOf("mine"), noLogin(t))
			wantFault(t, updating, s.Dir, c.parts...)
			wantFault(t, s.Delete(t.Context(), keyOf("mine")), s.Dir, c.parts...)
			command := core.Hint(err)
			if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v %s", command, err, out)
			}
			if strings.Contains(command, "chmod") {
				want(t, s, "mine", token)
			} else { // what stood there was moved away
				keep(t, s, "mine")
			}
		})
	}
}

func wantFault(t *testing.T, err error, path string, parts ...string) {
	t.Helper()
	wantError(t, err, err, append(parts, path)...)
	if _, ok := err.(*core.FileError); !ok {
		t.Errorf("error %v, want a core.FileError", err)
	}
}

// linked moves what is at path elsewhere and leaves a link to it.
func linked(path string) error {
	if err := os.Rename(path, path+"-elsewhere"); err != nil {
		return err
	}
	return os.Symlink(path+"-elsewhere", path)
}

func instead(path string, create func(path string, mode uint32) error) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return create(path, 0o700)
}

func touch(path string, mode uint32) error { return os.WriteFile(path, nil, os.FileMode(mode)) }
