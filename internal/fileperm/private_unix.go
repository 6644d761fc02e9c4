//go:build unix

package fileperm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/shellquote"
)

const noFollow = syscall.O_NOFOLLOW

// wasLink reports whether opening failed because of noFollow. FreeBSD returns EMLINK.
func wasLink(err error) bool { return errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) }

// Closed returns an error for a file that another user owns or that other users can access. Links
// are followed: info is that of the file.
func Closed(path string, info fs.FileInfo) error { return closed(path, info, FileMode) }

// closed returns an error for a file that another user owns, or that gives rights to other users.
// mode is the recommended mode.
func closed(path string, info fs.FileInfo, mode fs.FileMode) error {
	if uid, own := owner(info); !own {
		return foreign(path, uid, mode)
	}
	return exposed(path, info, mode)
}

// Exposed is [Closed] for a file that may be another user's.
func Exposed(path string, info fs.FileInfo) error { return exposed(path, info, FileMode) }

func exposed(path string, info fs.FileInfo, mode fs.FileMode) error {
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return &core.FileError{
		Path: path, Reason: fmt.Sprintf("others can use it: its mode is %#o", info.Mode().Perm()),
		HintText: fmt.Sprintf("chmod %o %s", mode, shellquote.Word(path)), Err: ErrUnsafe,
	}
}

// Trusted returns an error for a file that other users than its owner and the administrator can
// change. Other users may read it. Links are followed: info is that of the file.
func Trusted(path string, info fs.FileInfo) error {
	if uid, own := owner(info); !own && uid != 0 {
		return foreign(path, uid, FileMode)
	}
	if info.Mode().Perm()&0o022 == 0 {
		return nil
	}
	return &core.FileError{
		Path: path, Reason: fmt.Sprintf("others can write it: its mode is %#o", info.Mode().Perm()),
		HintText: "chmod go-w " + shellquote.Word(path), Err: ErrUnsafe,
	}
}

// owner returns the number of the file's owner, and whether that is the current user.
func owner(info fs.FileInfo) (uid uint32, own bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, true
	}
	return stat.Uid, int64(stat.Uid) == int64(os.Geteuid())
}

func foreign(path string, uid uint32, mode fs.FileMode) error {
	return &core.FileError{
		Path: path, Reason: fmt.Sprintf("it belongs to another user, number %d", uid), Err: ErrUnsafe,
		HintText: fmt.Sprintf("%schown %d %s && chmod %o %s", sudo(), os.Geteuid(), shellquote.Word(path), mode, shellquote.Word(path)),
	}
}
