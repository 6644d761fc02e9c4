package file_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

func TestPermissions(t *testing.T) {
	for name, test := range map[string]struct {
		file, folder os.FileMode
	}{
		"an unwritable file":   {0o444, 0o755},
		"an unreadable file":   {0o200, 0o755},
		"an unwritable folder": {0o600, 0o555},
		"a closed folder":      {0o600, 0o000},
	} {
		t.Run(name, func(t *testing.T) {
			top := t.TempDir()
			testutil.WithoutRoot(t, top, func() {
				folder := filepath.Join(top, "out")
				path := filepath.Join(folder, "records")
				err := errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(path, []byte("a line\n"), 0o600),
					os.Chmod(path, test.file), os.Chmod(folder, test.folder))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
				_, err = export3(&file.Sink{Path: path})
				fault, ok := errors.AsType[*core.SinkError](err)
				if !ok || !fault.Permanent || !strings.HasPrefix(fault.Reason, "permission denied: ") || fault.Hint() == "" {
					t.Errorf("%v, want a reason and a hint", err)
				}
			})
		})
	}
}

// mount mounts a small disk.
func mount(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k"); err != nil {
		testutil.Missing(t, "the right to mount a small disk: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

func TestADiskThatFillsUp(t *testing.T) {
	path := filepath.Join(mount(t), "out")
	sink := &file.Sink{Path: path, MaxBytes: 20_000}
	open(t, sink, "")
	const batch = 100
	written, position := 0, ""
	var err error
	for err == nil {
		if err = sink.Deliver(t.Context(), makeRecords(written, batch)); err == nil {
			var next string
			if next, err = sink.Sync(t.Context()); err == nil {
				written, position = written+batch, next
			}
		}
	}
	isFault(t, err, false, "file "+path+": the disk is full: free some space; the export then continues")
	isContent(t, disk, path, linesOf(makeRecords(0, written)))
	_ = sink.Close()
	if err := os.Remove(path + ".1"); err != nil { // a user makes space
		t.Fatal(err)
	}
	open(t, sink, position)
	write(t, sink, makeRecords(written, batch))
	lines, _ := content(t, disk, path)
	if last := lines[len(lines)-1]; last != linesOf(makeRecords(written+batch-1, 1))[0] || len(lines) >= written+batch {
		t.Errorf("%d lines of %d, the last one is %s", len(lines), written+batch, last)
	}
	_ = sink.Close()
}

func TestAReadOnlyDisk(t *testing.T) {
	folder := mount(t)
	path := filepath.Join(folder, "out")
	if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		testutil.Missing(t, "the right to mount: "+err.Error())
	}
	_, err := export3(&file.Sink{Path: path})
	isFault(t, err, true, "file "+path+": the file system is read-only: choose a path elsewhere")
}

func TestAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := export3(&file.Sink{Path: path})
	isFault(t, err, true, "file "+path+": it is no regular file: name a regular file; for a pipe or a device use the sink stdout")
}
