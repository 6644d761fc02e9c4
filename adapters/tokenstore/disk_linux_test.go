package tokenstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/internal/testutil"
)

func TestPermissions(t *testing.T) {
	const text = "[charlie]\nclient_id = A\n"
	for name, c := range map[string]struct {
		file, folder os.FileMode
		want         func(*testing.T, *tokenstore.File, ...string)
	}{
		"unreadable file":   {0o000, 0o755, wantUnusable},
		"unwritable file":   {0o444, 0o755, wantUnwritable},
		"unwritable folder": {0o600, 0o555, wantUnwritable},
		"closed folder":     {0o600, 0o000, wantUnusable},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			testutil.WithoutRoot(t, folder, func() {
				f := &tokenstore.File{Path: filepath.Join(folder, "home", "config"), Logger: newLogger(&bytes.Buffer{})}
				if err := os.Mkdir(filepath.Dir(f.Path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(f.Path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(f.Path, c.file); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(filepath.Dir(f.Path), c.folder); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = os.Chmod(filepath.Dir(f.Path), 0o755) })
				c.want(t, f, "permission denied")
			})
		})
	}
}

func TestAFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		testutil.Missing(t, "the right to mount a small disk: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, 0) })
	f := &tokenstore.File{Path: filepath.Join(disk, "config")}
	if err := f.Set(t.Context(), "charlie", "client_id", "A"); err != nil {
		t.Fatal(err)
	}
	// Empty files, such as locks, still find a place.
	filler, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.WriteString(strings.Repeat("x", 4096))
	}
	if err := filler.Close(); err != nil {
		t.Fatal(err)
	}
	wantUnwritable(t, f, "the disk is full")
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	if err := f.Set(t.Context(), "charlie", "client_id", "B"); err != nil {
		t.Errorf("once there is space: %v", err)
	}
}

func TestAPipeInPlaceOfTheFile(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	if err := syscall.Mkfifo(f.Path, 0o600); err != nil {
		t.Fatal(err)
	}
	wantUnusable(t, f, "it is no regular file")
	if names, err := filepath.Glob(f.Path + ".*"); err != nil || len(names) != 0 {
		t.Errorf("made in its folder: %v, %v", names, err)
	}
}

func TestAFileThatIsMountedByItself(t *testing.T) {
	f := fileWith(t, "[charlie]\nclient_id = A\n")
	if err := syscall.Mount(f.Path, f.Path, "", syscall.MS_BIND, ""); err != nil {
		testutil.Missing(t, "the right to mount: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(f.Path, 0) })
	wantUnwritable(t, f, "mount its folder")
}

func TestWhatRootWritesStaysTheUsers(t *testing.T) {
	if os.Getuid() != 0 {
		testutil.Missing(t, "root, who alone can write the file of another user")
	}
	f := fileWith(t, "")
	if err := os.Chown(f.Path, 1234, 5678); err != nil {
		t.Fatal(err)
	}
	if err := f.Set(t.Context(), "s", "k", "v"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 1234 || stat.Gid != 5678 {
		t.Errorf("it belongs to %d:%d", stat.Uid, stat.Gid)
	}
}
