//go:build linux

package week_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

// disk is a small one of its own that goes wrong for a while.
type disk struct {
	t        testing.TB
	folder   string
	full     bool
	readOnly bool
}

// newDisk mounts it at a folder.
func newDisk(t testing.TB, folder string) *disk {
	t.Helper()
	err := errors.Join(os.MkdirAll(folder, 0o700), syscall.Mount("week", folder, "tmpfs", 0, "size=1m,mode=0700"))
	if errors.Is(err, syscall.EPERM) {
		testutil.Missing(t, "root, to mount a disk that goes wrong")
	}
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{t: t, folder: folder}
	t.Cleanup(func() {
		d.be(false, false)
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	return d
}

// be makes the disk full or read-only, or lets it recover.
func (d *disk) be(full, readOnly bool) {
	d.t.Helper()
	if full != d.full {
		if err := d.fill(full); err != nil {
			d.t.Fatal(err)
		}
		d.full = full
	}
	if readOnly != d.readOnly {
		flags := uintptr(syscall.MS_REMOUNT)
		if readOnly {
			flags |= syscall.MS_RDONLY
		}
		if err := syscall.Mount("week", d.folder, "tmpfs", flags, "size=1m"); err != nil {
			d.t.Fatal(err)
		}
		d.readOnly = readOnly
	}
}

// fill leaves no byte free, or makes room again.
func (d *disk) fill(full bool) error {
	path := filepath.Join(d.folder, "ballast")
	if !full {
		return os.Remove(path)
	}
	if err := os.WriteFile(path, make([]byte, 2<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		return errors.Join(errors.New("the disk is larger than it should be"), err)
	}
	return nil
}
