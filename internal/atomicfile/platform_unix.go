//go:build unix

package atomicfile

import (
	"io/fs"
	"syscall"

	"github.com/spf13/afero"
)

// inUse returns false: an open file can be replaced and opened.
func inUse(error) bool { return false }

// keepOwner gives a new file the group and the owner of the one that it replaces, as far as that
// is allowed: what root writes must stay the user's.
func keepOwner(disk afero.Fs, name string, old fs.FileInfo) {
	if stat, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = disk.Chown(name, -1, int(stat.Gid))
		_ = disk.Chown(name, int(stat.Uid), -1)
	}
}
