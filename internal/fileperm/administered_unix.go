//go:build unix

package fileperm

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/shellquote"
)

func systemFolder() string {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/taegis"
	}
	return "/etc/taegis"
}

// administered is [Administered].
func administered(path string) (string, error) {
	at, rest := "/", strings.Split(path, "/")
	if err := closedToUsers(at); err != nil {
		return "", err
	}
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name) // at itself for "" and "."
		target, err := os.Readlink(next)
		if err != nil {
			if err := closedToUsers(next); err != nil {
				return "", err
			}
			at = next
			continue
		}
		if err := ownedByRoot(next); err != nil {
			return "", err
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at, nil
}

// ownedByRoot returns an error for a file, folder or link of another user.
func ownedByRoot(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if uid, _ := owner(info); uid != 0 {
		return &core.FileError{
			Path: path, Reason: fmt.Sprintf("it belongs to user number %d and not to root", uid), Err: ErrUnsafe,
			HintText: "sudo chown -h root " + shellquote.Word(path),
		}
	}
	return nil
}

// closedToUsers returns an error for a file or folder that others than root can write. On a file
// system that is mounted read-only, as configuration in Kubernetes, the mode does not matter.
func closedToUsers(path string) error {
	if err := ownedByRoot(path); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o022 == 0 || readOnly(path) {
		return nil
	}
	hint := "sudo chmod go-w " + shellquote.Word(path)
	if info.Mode()&fs.ModeSticky != 0 { // such as /tmp, which has to stay as it is
		hint = "use a folder that only root can write"
	}
	return &core.FileError{
		Path: path, Reason: fmt.Sprintf("others than root can write it: its mode is %#o", info.Mode().Perm()),
		HintText: hint, Err: ErrUnsafe,
	}
}
