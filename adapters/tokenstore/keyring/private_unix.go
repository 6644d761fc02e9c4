//go:build unix

package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/taegis-go/taegis/core"
)

const noFollow = syscall.O_NOFOLLOW

// isLink reports whether opening failed because of noFollow. FreeBSD says EMLINK.
func isLink(err error) bool { return errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) }

// checkPrivate refuses what is another user's, or open to others than its owner. mode is what it
// should be.
func checkPrivate(path string, info fs.FileInfo, mode fs.FileMode) error {
	if mode == 0o600 && !info.Mode().IsRegular() {
		return fault(path, errIrregular)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int64(stat.Uid) != int64(os.Geteuid()) {
		return &core.FileError{
			Path: path, Reason: "it belongs to another user, number " + strconv.Itoa(int(stat.Uid)), Err: fs.ErrPermission,
			Remedy: fmt.Sprintf("if it is to be yours: chown %d %q && chmod %o %q", os.Geteuid(), path, mode, path),
		}
	}
	if wide := info.Mode().Perm() &^ mode; wide&0o077 != 0 {
		return &core.FileError{
			Path: path, Reason: fmt.Sprintf("others can use it: its mode is %#o", info.Mode().Perm()), Err: fs.ErrPermission,
			Remedy: fmt.Sprintf("chmod %o %q", mode, path),
		}
	}
	return nil
}
