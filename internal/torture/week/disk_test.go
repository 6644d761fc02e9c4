//go:build linux

package week_test

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// disk goes wrong for a while.
type disk struct {
	t        testing.TB
	folder   string
	full     bool
	readOnly bool
	limit    syscall.Rlimit
}

func newDisk(t testing.TB, folder string) *disk {
	t.Helper()
	d := &disk{t: t, folder: folder}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &d.limit); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // so that writing fails
	t.Cleanup(func() { d.be(false, false) })
	return d
}

// be makes the disk full or read-only, or lets it recover.
func (d *disk) be(full, readOnly bool) {
	d.t.Helper()
	if full != d.full {
		limit := d.limit
		if d.full = full; full {
			limit.Cur = 100 // a file that is written fails half-way
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			d.t.Fatal(err)
		}
	}
	if readOnly != d.readOnly {
		if err := d.protect(readOnly); err != nil {
			d.t.Fatal(err)
		}
		d.readOnly = readOnly
	}
}

// protect makes the folder read-only. The permissions of files do not keep root out; a mount does.
func (d *disk) protect(readOnly bool) error {
	switch {
	case os.Geteuid() != 0 && readOnly:
		return os.Chmod(d.folder, 0o555)
	case os.Geteuid() != 0:
		return os.Chmod(d.folder, 0o755)
	case !readOnly:
		return syscall.Unmount(d.folder, 0)
	}
	if err := syscall.Mount(d.folder, d.folder, "", syscall.MS_BIND, ""); err != nil {
		return err
	}
	return syscall.Mount("", d.folder, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
}
