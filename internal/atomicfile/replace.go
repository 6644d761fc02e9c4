// Package atomicfile replaces files atomically: a reader sees the old file or the new one, never a
// part of either, and a process that is killed meanwhile damages neither.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"
)

// File writes data to the disk and then replaces the file at path. Once File has returned, the new
// file survives a power failure, if the file system guarantees that. If old is nil, the new file
// has mode 0600; otherwise it gets the permissions of old, the file that the caller has found at
// path. The folder must exist, and path must not be a symbolic link. File removes what killed
// writers have left in the folder.
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
		// Another process took the new file for abandoned, because this process was suspended or
		// Sweep was called.
	}
	return err
}

// Sync makes a file that another process has written, and the folders above it, durable.
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

// attempts is the number of times in a row that a new file may be removed as abandoned.
const attempts = 10

// The prefix and the suffix of the names of new files, with digits between them.
func tempPrefix(path string) string { return "." + filepath.Base(path) + "-" }

const tempSuffix = ".new"

func isTemp(name, path string) bool {
	digits, ours := strings.CutPrefix(strings.TrimSuffix(name, tempSuffix), tempPrefix(path))
	return ours && strings.HasSuffix(name, tempSuffix) && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// Sweep removes the new files that killed writers left in the folder of path, because they may
// contain tokens. A process that is writing now has to write again. Files that cannot be removed
// are left for the next call.
func Sweep(disk afero.Fs, path string) {
	sweep(disk, path, func(string) bool { return true })
}

// abandoned is the age at which a new file counts as abandoned: writing one takes milliseconds.
const abandoned = 10 * time.Second

// sweepAbandoned spares the files of concurrent writers, which exist only if locks are impossible;
// otherwise the writers could remove each other's files forever. The current time is that of the
// file that was just written, because a file server's clock may differ.
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

// writeTemp writes a new file in the folder of path. It returns the file's name together with an
// error if it has created the file.
func writeTemp(disk afero.Fs, path string, data []byte, old fs.FileInfo) (name string, err error) {
	temp, err := createTemp(disk, path)
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

// cacheOnRead is the name of an [afero.CacheOnReadFs].
const cacheOnRead = "CacheOnReadFs"

// createTemp creates a new file next to path. A file system that makes a copy of each file that it
// opens, as [afero.CacheOnReadFs] does, cannot create a file exclusively, and a random name has to
// suffice.
//
// It is known by its name: its type would be linked into each program.
func createTemp(disk afero.Fs, path string) (afero.File, error) {
	if disk.Name() == cacheOnRead {
		name := fmt.Sprint(tempPrefix(path), rand.Uint64(), tempSuffix) //nolint:gosec // a name, no secret
		return disk.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_RDWR|os.O_CREATE, 0o600)
	}
	return afero.TempFile(disk, filepath.Dir(path), tempPrefix(path)+"*"+tempSuffix)
}

// syncDirs makes the entries of a folder durable. If above is set, it also syncs the folders above,
// which may be as new as the file. Not every file system supports this, and the file is complete
// either way.
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

// SyncFolder makes the names in the folder of path durable, for example after a file was renamed, if
// the file system supports it.
func SyncFolder(disk afero.Fs, path string) { syncDirs(disk, filepath.Dir(path), false) }
