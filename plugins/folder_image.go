package plugins

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// folderCopies is how the names of the copies of folders begin.
const folderCopies = "taegis-plugin-folder-"

// newFolderImage copies the folder at path into one that is closed to other users, and makes an
// image of the entry program in the copy. What was hashed is what was copied, so that a file that
// changes or appears in the folder later is not one that runs. The copy lasts as long as the
// process: programs in it load the other files at any time.
func newFolderImage(path, entry string, permit func(sum string) error) (*image, error) {
	sweepFolders()
	dir, err := os.MkdirTemp("", folderCopies)
	if err != nil {
		return nil, err
	}
	lock, lockErr := filelock.Try(filepath.Join(dir, "lock"), fileperm.FileMode)
	finish := func() {
		_ = os.RemoveAll(dir)
		if lockErr == nil {
			_ = lock.Unlock()
		}
	}
	program, err := copyFolder(path, entry, filepath.Join(dir, "plugin"), permit)
	if err != nil {
		finish()
		return nil, err
	}
	return &image{path: program, finish: finish}, nil
}

// copyFolder copies the folder and returns the path of the entry program in the copy.
func copyFolder(path, entry, into string, permit func(sum string) error) (string, error) {
	list, err := walkFolder(path, into)
	if err != nil {
		return "", err
	}
	if err := permit(list.checksum()); err != nil {
		return "", err
	}
	program, ok := list.find(entry)
	if !ok {
		return "", &fs.PathError{Op: "start", Path: filepath.Join(path, entry), Err: fs.ErrNotExist}
	}
	if !program.executable {
		return "", &fs.PathError{Op: "start", Path: filepath.Join(path, entry), Err: fs.ErrPermission}
	}
	return filepath.Join(into, filepath.FromSlash(program.name)), nil
}

// sweepFolders removes the copies of hosts that were killed while their plugins ran: no process
// holds their locks. The age spares a copy between its making and its lock.
func sweepFolders() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), folderCopies+"*"))
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute || fileperm.Folder(dir) != nil {
			continue
		}
		lock, err := filelock.Try(filepath.Join(dir, "lock"), fileperm.FileMode)
		if err != nil {
			continue
		}
		_ = os.RemoveAll(dir)
		_ = lock.Unlock()
	}
}
