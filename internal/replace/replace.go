// Package replace puts a new file in the place of an old one at once: who reads it meets the one
// or the other, never half of either, and a process that is killed meanwhile damages neither.
package replace

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"
)

// File writes data down to the disk and then puts it in the place of the file at path. A nil
// old gives the new file the mode 0600; otherwise it gets the permissions of old, which the
// caller has found there. The folder must exist, and path must be no link.
func File(disk afero.Fs, path string, data []byte, old fs.FileInfo) error {
	temp, err := writeTemp(disk, path, data, old)
	if err == nil {
		err = rename(disk, temp, path)
	}
	if err != nil {
		if temp != "" {
			_ = disk.Remove(temp)
		}
		return err
	}
	syncDir(disk, filepath.Dir(path))
	return nil
}

// The names of the files that are to replace the one at path begin and end so, with digits between.
func tempPrefix(path string) string { return "." + filepath.Base(path) + "-" }

const tempSuffix = ".new"

func isTemp(name, path string) bool {
	digits, ours := strings.CutPrefix(strings.TrimSuffix(name, tempSuffix), tempPrefix(path))
	return ours && strings.HasSuffix(name, tempSuffix) && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// abandoned is the age at which such a file is nobody's any more: writing one takes milliseconds.
const abandoned = time.Hour

// Sweep removes what processes left beside the file at path that were killed while they wrote:
// there are tokens in it. What cannot be removed is left to the next one.
func Sweep(disk afero.Fs, path string, now time.Time) {
	dir := filepath.Dir(path)
	files, _ := afero.ReadDir(disk, dir)
	for _, info := range files {
		if isTemp(info.Name(), path) && info.Mode().IsRegular() && now.Sub(info.ModTime()) > abandoned {
			_ = disk.Remove(filepath.Join(dir, info.Name()))
		}
	}
}

// writeTemp writes a new file beside path. Its name comes back beside an error too, once there
// is one.
func writeTemp(disk afero.Fs, path string, data []byte, old fs.FileInfo) (name string, err error) {
	temp, err := afero.TempFile(disk, filepath.Dir(path), tempPrefix(path)+"*"+tempSuffix)
	if err != nil {
		return "", err
	}
	_, err = temp.Write(data)
	if err == nil && old != nil {
		keepOwner(disk, temp.Name(), old)
		err = disk.Chmod(temp.Name(), old.Mode().Perm())
	}
	if err == nil {
		err = temp.Sync()
	}
	return temp.Name(), errors.Join(err, temp.Close())
}

// syncDir makes the rename last. Not every file system can, and the file is whole either way.
func syncDir(disk afero.Fs, dir string) {
	if d, err := disk.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
