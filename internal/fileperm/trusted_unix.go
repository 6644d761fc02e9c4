//go:build unix

package fileperm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// ReadTrusted returns what is in the file at path, if only its user and the administrator can have
// decided that: by writing the file, by putting one into its folder, or by a symbolic link on the
// way to it. Others may read it. A pipe is read to its end, and waited for until ctx ends, which is
// the error then. The error wraps [fs.ErrNotExist] if there is no file.
func ReadTrusted(ctx context.Context, path string) ([]byte, error) {
	for range maxTraces {
		place, err := trace(path)
		if err != nil {
			return nil, err
		}
		if err := place.check(path); err != nil {
			return nil, err
		}
		text, err := place.read(ctx)
		if !errors.Is(err, errReplaced) {
			return text, err
		}
	}
	return nil, &core.FileError{Path: path, Reason: "it is being replaced all the time", HintText: "try again", Err: errReplaced}
}

// maxTraces bounds how often a file is looked for that is replaced between the check and the
// opening.
const maxTraces = 50

// maxLinks bounds the links on the way to a file, as in the system.
const maxLinks = 40

var errReplaced = errors.New("the file was replaced")

// place is a file that was found.
type place struct {
	path      string // without links
	info      fs.FileInfo
	inherited bool // it is open already in this process, which the path names by its descriptor
}

// descriptors is the folder with the open files of a process.
var descriptors = regexp.MustCompile(`^(/proc/[0-9]+(/task/[0-9]+)?|/dev)/fd$`)

// trace follows path to its file, and rejects links that other users can have made.
func trace(path string) (place, error) {
	if !filepath.IsAbs(path) {
		here, err := os.Getwd()
		if err != nil {
			return place{}, err
		}
		path = here + "/" + path // not cleaned: what follows a link is relative to its target
	}
	p, rest := place{path: "/"}, strings.Split(path, "/")
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == "" || name == "." {
			continue
		}
		if name == ".." {
			p.path = filepath.Dir(p.path)
			continue
		}
		folder, next := p.path, filepath.Join(p.path, name)
		info, err := os.Lstat(next)
		if err != nil {
			return place{}, err
		}
		p.path, p.info = next, info
		if p.inherited = len(rest) == 0 && descriptors.MatchString(folder); p.inherited {
			p.info, err = os.Stat(next)
			return p, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if links++; links > maxLinks {
			return place{}, &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		target, err := followed(folder, next, info)
		if err != nil {
			return place{}, err
		}
		p.path = folder
		if filepath.IsAbs(target) {
			p.path = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	if p.info == nil { // the root, or above it
		return place{}, &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	}
	return p, nil
}

// followed returns the target of a link that only its user and the administrator can have made.
func followed(folder, link string, info fs.FileInfo) (target string, err error) {
	around, err := os.Lstat(folder)
	if err != nil {
		return "", err
	}
	shared := around.Mode().Perm()&0o022 != 0
	if uid, ok := keeper(info); !ok && (shared || !unmapped(uid)) {
		return "", &core.FileError{
			Path: link, Reason: fmt.Sprintf("it is a symbolic link of another user, number %d", uid), Err: ErrUnsafe,
			HintText: sudo() + "mv " + shellquote.Word(link) + " " + shellquote.Word(link+".aside"),
		}
	}
	if uid, ok := keeper(around); ok || !unmapped(uid) {
		if err := closedFolder(folder, around); err != nil {
			return "", err
		}
	}
	return os.Readlink(link)
}

// closedFolder returns an error for a folder in which other users can replace a file.
func closedFolder(path string, info fs.FileInfo) error {
	if uid, ok := keeper(info); !ok {
		return foreign(path, uid, FolderMode)
	}
	if info.Mode().Perm()&0o022 == 0 || info.Mode()&fs.ModeSticky != 0 || readOnly(path) {
		return nil
	}
	hint := "chmod go-w " + shellquote.Word(path)
	if _, own := owner(info); !own {
		hint = sudo() + hint
	}
	return &core.FileError{
		Path: path, Reason: fmt.Sprintf("others can put files there: its mode is %#o", info.Mode().Perm()),
		HintText: hint, Err: ErrUnsafe,
	}
}

// check returns an error for a file that other users can have written or put there, and for
// anything but a file. asked is the path by which it was found.
func (p place) check(asked string) error {
	another := func(reason string) error {
		return &core.FileError{Path: asked, Reason: reason, HintText: "name another file", Err: ErrUnsafe}
	}
	if empty, err := os.Stat(os.DevNull); err == nil && os.SameFile(p.info, empty) {
		return nil // all users can write to it, and none can replace it
	}
	switch mode := p.info.Mode(); {
	case mode.IsDir():
		return another("it is a folder")
	case !mode.IsRegular() && mode&fs.ModeNamedPipe == 0:
		return another("it is neither a file nor a pipe")
	case !mode.IsRegular() && Trusted(p.path, p.info) != nil:
		return another("it is a pipe that others can write: " + p.owned())
	}
	if uid, ok := keeper(p.info); !ok {
		return foreign(p.path, uid, FileMode)
	}
	if err := Trusted(p.path, p.info); err != nil && !readOnly(p.path) {
		return err
	}
	if p.inherited {
		return nil // the process that has opened it is responsible
	}
	folder := filepath.Dir(p.path)
	around, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if err := closedFolder(folder, around); err != nil {
		return err
	}
	if stat, ok := p.info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 && around.Mode().Perm()&0o022 != 0 {
		return another("it has another name too, and others can have given it this one")
	}
	return nil
}

// owned describes the file's owner and the rights of other users.
func (p place) owned() string {
	uid, _ := owner(p.info)
	return fmt.Sprintf("its owner is user number %d, its mode %#o", uid, p.info.Mode().Perm())
}

// keeper returns the number of the file's owner, and whether that is the current user or the
// administrator.
func keeper(info fs.FileInfo) (uid uint32, ok bool) {
	uid, own := owner(info)
	return uid, own || uid == 0
}

func sudo() string {
	if os.Geteuid() == 0 {
		return ""
	}
	return "sudo "
}
