// Package atomicfile puts a new file in the place of an old one at once: who reads it meets the one
// or the other, never half of either, and a process that is killed meanwhile damages neither.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"
)

// File writes data down to the disk and then puts it in the place of the file at path. Once it
// has returned, the file stays, even where the power fails, if the file system can promise that. A nil
// old gives the new file the mode 0600; otherwise it gets the permissions of old, which the
// caller has found there. The folder must exist, and path must be no link. What killed writers
// have left beside it is removed.
func File(disk afero.Fs, path string, data []byte, old fs.FileInfo) error {
	_, err := disk.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	for range attempts {
		var temp string
		temp, err = writeTemp(disk, path, data, old)
		if err == nil {
			err = rename(disk, temp, path)
		}
		if err == nil {
			syncDirs(disk, filepath.Dir(path), isNew)
			sweepAbandoned(disk, path)
			return nil
		}
		if temp == "" || !errors.Is(disk.Remove(temp), fs.ErrNotExist) {
			return err
		}
		// It was taken for a dead writer's, because this process stood still or Sweep was called.
	}
	return err
}

// Sync makes the file at path last that somebody else has written, and the folders above it.
func Sync(disk afero.Fs, path string) error {
	file, err := disk.OpenFile(path, os.O_RDWR, 0) // Windows syncs nothing that was opened to be read
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	syncDirs(disk, filepath.Dir(path), true)
	return nil
}

// attempts is how often in a row a new file may be taken for a dead writer's.
const attempts = 10

// The names of new files begin and end so, with digits between.
func tempPrefix(path string) string { return "." + filepath.Base(path) + "-" }

const tempSuffix = ".new"

func isTemp(name, path string) bool {
	digits, ours := strings.CutPrefix(strings.TrimSuffix(name, tempSuffix), tempPrefix(path))
	return ours && strings.HasSuffix(name, tempSuffix) && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// Sweep removes what processes left beside the file at path that were killed while they wrote:
// there may be tokens in it. Whoever is writing now has to write once more. What cannot be removed
// is left to the next one.
func Sweep(disk afero.Fs, path string) {
	sweep(disk, path, func(string) bool { return true })
}

// abandoned is the age at which a new file is nobody's any more: writing one takes milliseconds.
const abandoned = 10 * time.Second

// sweepAbandoned spares those who are writing now, which only happens where no lock can be had:
// they would keep each other from ever coming to an end. What tells the time is the file that was
// just written, as a file server's clock may be another one than ours.
func sweepAbandoned(disk afero.Fs, path string) {
	written, err := disk.Stat(path)
	if err != nil {
		return
	}
	sweep(disk, path, func(temp string) bool {
		left, err := disk.Stat(temp)
		return err == nil && written.ModTime().Sub(left.ModTime()) > abandoned
	})
}

func sweep(disk afero.Fs, path string, goes func(temp string) bool) {
	folder, err := disk.Open(filepath.Dir(path))
	if err != nil {
		return
	}
	names, _ := folder.Readdirnames(-1)
	_ = folder.Close()
	for _, name := range names {
		if temp := filepath.Join(filepath.Dir(path), name); isTemp(name, path) && goes(temp) {
			_ = disk.Remove(temp)
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

// syncDirs makes what happened in a folder last. If above, the folders above it may be as new as
// the file, so that they are synced too. Not every file system can, and the file is whole either way.
func syncDirs(disk afero.Fs, dir string, above bool) {
	for {
		if d, err := disk.Open(dir); err == nil {
			_ = d.Sync()
			_ = d.Close()
		}
		parent := filepath.Dir(dir)
		if !above || parent == dir {
			return
		}
		dir = parent
	}
}
