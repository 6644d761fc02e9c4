package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// The largest folder that can be a plugin. It is copied at each start.
const (
	maxFolderFiles = 10_000
	maxFolderBytes = 512 << 20
)

// folderFormat is the first line of the list of a folder, so that no file can be taken for one.
const folderFormat = "taegis plugin folder 1\n"

// folderFile is a file of a folder that is a plugin.
type folderFile struct {
	name       string // with slashes, relative to the folder
	executable bool
	sum        string // SHA-256 in hex
}

// folderList is the list of a folder's files, in the order of their names. Its text is what the
// checksum and the signature of the folder are of.
type folderList []folderFile

// text returns one line for each file: its SHA-256, "x" if it is executable, and its name.
func (l folderList) text() string {
	var b strings.Builder
	b.WriteString(folderFormat)
	for _, file := range l {
		mode := "-"
		if file.executable {
			mode = "x"
		}
		fmt.Fprintf(&b, "%s %s %s\n", file.sum, mode, file.name)
	}
	return b.String()
}

func (l folderList) checksum() string {
	sum := sha256.Sum256([]byte(l.text()))
	return hex.EncodeToString(sum[:])
}

// find returns the file of that name.
func (l folderList) find(name string) (folderFile, bool) {
	at := slices.IndexFunc(l, func(file folderFile) bool { return file.name == path.Clean(filepath.ToSlash(name)) })
	if at < 0 {
		return folderFile{}, false
	}
	return l[at], true
}

// listFolder hashes the files of a folder.
func listFolder(dir string) (folderList, error) { return walkFolder(dir, "") }

// walkFolder hashes the files of a folder, and copies them into another one if that is not empty.
// Whatever is neither a regular file nor a folder is an error, symbolic links among it: what they
// lead to is not pinned.
func walkFolder(dir, into string) (folderList, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	w := &folderWalk{root: root, dir: dir, into: into}
	err = fs.WalkDir(root.FS(), ".", w.visit)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(w.list, func(a, b folderFile) int { return strings.Compare(a.name, b.name) })
	return w.list, nil
}

type folderWalk struct {
	root      *os.Root
	dir, into string
	list      folderList
	bytes     int64
}

func (w *folderWalk) visit(name string, entry fs.DirEntry, err error) error {
	switch {
	case err != nil:
		return err
	case entry.IsDir():
		return nil
	case !entry.Type().IsRegular():
		return w.fault(name, "it is neither a file nor a folder, so that it cannot be pinned")
	case !utf8.ValidString(name) || strings.ContainsAny(name, "\n\r"):
		return w.fault(name, "its name is not one line in UTF-8")
	case len(w.list) == maxFolderFiles:
		return w.fault(name, fmt.Sprintf("the folder has more than %d files", maxFolderFiles))
	}
	file, err := w.root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if found, err := w.root.Lstat(name); err != nil || !found.Mode().IsRegular() || !os.SameFile(info, found) {
		return w.fault(name, "it was replaced while it was read")
	}
	if w.bytes += info.Size(); w.bytes > maxFolderBytes {
		return w.fault(name, fmt.Sprintf("the folder has more than %d MiB", maxFolderBytes>>20))
	}
	listed := folderFile{name: name, executable: info.Mode().Perm()&0o111 != 0}
	listed.sum, err = w.copy(file, listed)
	w.list = append(w.list, listed)
	return err
}

// copy hashes the file, and copies what it hashes.
func (w *folderWalk) copy(file *os.File, listed folderFile) (sum string, err error) {
	if w.into == "" {
		return pour(io.Discard, file)
	}
	to := filepath.Join(w.into, filepath.FromSlash(listed.name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	mode := fs.FileMode(0o400)
	if listed.executable {
		mode = 0o500
	}
	copied, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	return pour(copied, file)
}

func (w *folderWalk) fault(name, reason string) error {
	return &FolderError{Path: filepath.Join(w.dir, filepath.FromSlash(name)), Reason: reason}
}

// CopyFolder copies the files of a folder that is a plugin into another one, which is empty, and
// returns the checksum of what it copied, see [Checksum]. A symbolic link, a pipe or anything else
// that is neither a regular file nor a folder is an error.
func CopyFolder(from, to string) (checksum string, err error) {
	list, err := walkFolder(from, to)
	if err != nil {
		return "", err
	}
	return list.checksum(), nil
}
