//go:build unix

package fileperm_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/testutil"
)

// TestAdministered changes one thing about a file of root, each in a folder of its own.
func TestAdministered(t *testing.T) {
	const stranger = testutil.Stranger
	for name, c := range map[string]struct {
		change func(folder, file string) error
		fault  string // the path in the error, relative to the folder; "-" for none
	}{
		"of root":                            {func(_, _ string) error { return nil }, "-"},
		"others read it":                     {func(_, file string) error { return os.Chmod(file, 0o644) }, "-"},
		"of another user":                    {func(_, file string) error { return os.Chown(file, stranger, 0) }, "a/file"},
		"a group writes":                     {func(_, file string) error { return os.Chmod(file, 0o664) }, "a/file"},
		"all write":                          {func(_, file string) error { return os.Chmod(file, 0o646) }, "a/file"},
		"in a folder of another user":        {func(folder, _ string) error { return os.Chown(folder+"/a", stranger, 0) }, "a"},
		"in a folder that all write":         {func(folder, _ string) error { return os.Chmod(folder+"/a", 0o777) }, "a"},
		"in a sticky folder":                 {func(folder, _ string) error { return os.Chmod(folder+"/a", 0o777|fs.ModeSticky) }, "a"},
		"below a folder that a group writes": {func(folder, _ string) error { return os.Chmod(folder, 0o775) }, "."},
		"by a link of root": {func(folder, file string) error {
			return errors.Join(os.Rename(file, folder+"/real"), os.Symlink("../real", file))
		}, "-"},
		"by a link of another user": {func(folder, file string) error {
			return errors.Join(os.Rename(file, folder+"/real"), os.Symlink("../real", file), os.Lchown(file, stranger, 0))
		}, "a/file"},
		"by a link over a folder of another user": {func(folder, file string) error {
			other := folder + "/other"
			return errors.Join(os.Rename(file, folder+"/real"), os.Mkdir(other, 0o755), os.Chown(other, stranger, 0),
				os.Symlink("../real", other+"/link"), os.Symlink(other+"/link", file))
		}, "other"},
		"by a link up from a linked folder": {func(folder, file string) error {
			deep := folder + "/x/y"
			return errors.Join(os.MkdirAll(deep, 0o755), os.Rename(file, folder+"/x/real"), os.Symlink(deep, folder+"/a/z"),
				os.Symlink("z/../real", file))
		}, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := testutil.AdministeredFolder(t)
			file := filepath.Join(folder, "a", "file")
			if err := errors.Join(os.Mkdir(folder+"/a", 0o755), os.WriteFile(file, []byte("text"), 0o600), c.change(folder, file)); err != nil {
				t.Fatal(err)
			}
			path, err := fileperm.Administered(file)
			if c.fault == "-" {
				if text, _ := os.ReadFile(path); err != nil || string(text) != "text" {
					t.Errorf("%s: %q, %v", path, text, err)
				}
				return
			}
			fault, ok := errors.AsType[*core.FileError](err)
			if !ok || !errors.Is(err, fileperm.ErrUnsafe) || fault.Path != filepath.Join(folder, c.fault) || fault.Hint() == "" {
				t.Errorf("%q, %v; want an error about %s", path, err, c.fault)
			}
		})
	}
}

// TestALoopOfLinks ends.
func TestALoopOfLinks(t *testing.T) {
	folder := testutil.AdministeredFolder(t)
	if err := errors.Join(os.Symlink("b", folder+"/a"), os.Symlink("a", folder+"/b")); err != nil {
		t.Fatal(err)
	}
	if _, err := fileperm.Administered(folder + "/a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

// TestReadAdministered tells a file that is missing from one that cannot be read.
func TestReadAdministered(t *testing.T) {
	folder := t.TempDir()
	defer fileperm.ReplaceSystemFolder(folder)()
	for name, prepare := range map[string]func(path string) error{
		"a link to nothing": func(path string) error { return os.Symlink("nothing", path) },
		"a folder":          func(path string) error { return os.Mkdir(path, 0o755) },
	} {
		path := filepath.Join(folder, "policy.toml")
		if err := prepare(path); err != nil {
			t.Fatal(err)
		}
		if _, err := fileperm.ReadAdministered("policy.toml"); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fileperm.ReadAdministered("policy.toml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
