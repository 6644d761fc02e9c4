package plugin

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// errChanged is returned if the program was changed while it was installed.
var errChanged = errors.New("the program was changed meanwhile: install it again")

// normalized returns the checksums in lower case.
func normalized(sums profile.Strings) profile.Strings {
	var list profile.Strings
	for _, sum := range sums {
		list = append(list, strings.ToLower(strings.TrimSpace(sum)))
	}
	return list
}

// neededBy returns the paths of all programs that the plugin may run.
func neededBy(p profile.PluginConfig) []string {
	paths := []string{p.Path}
	for _, sum := range normalized(p.SHA256) {
		paths = append(paths, plugins.VersionPath(p.Path, sum))
	}
	return paths
}

// isNeeded reports whether a plugin of the file may run the program at path.
func isNeeded(file *profile.File, path string) bool {
	for _, p := range file.Plugins {
		if slices.Contains(neededBy(p), path) {
			return true
		}
	}
	return false
}

// lockTime is how long a command waits for others that change the folder.
const lockTime = 30 * time.Second

// lock keeps other commands from adding programs to the profile files and from removing programs.
// Without locks on the file system it does nothing.
func (d programFolder) lock(ctx context.Context) (unlock func(), err error) {
	if err := d.prepare(); err != nil {
		return nil, err
	}
	errBusy := &core.FileError{Path: string(d), Reason: "another command keeps it locked", HintText: "wait for it, or end it"}
	ctx, cancel := context.WithTimeoutCause(ctx, lockTime, errBusy)
	defer cancel()
	lock, err := filelock.Wait(ctx, string(d)+".lock", fileperm.FileMode)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return func() {}, nil // a file system without locks
	}
	return func() { _ = lock.Unlock() }, nil
}

// users is the file with the paths of the profile files that programs were installed for. It lies
// next to the folder, which holds programs alone.
func (d programFolder) users() string { return string(d) + ".profiles" }

// noted returns the profile files that programs were installed for.
func (d programFolder) noted() ([]string, error) {
	text, err := fileperm.ReadFile(d.users())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var paths []string
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		if lines.Text() != "" {
			paths = append(paths, lines.Text())
		}
	}
	return paths, err
}

// note adds a profile file to those that programs were installed for. The caller holds the lock.
func (d programFolder) note(path string) error {
	paths, err := d.noted()
	if err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil || slices.Contains(paths, path) || strings.Contains(path, "\n") {
		return err
	}
	return d.writeNoted(append(paths, path))
}

func (d programFolder) writeNoted(paths []string) error {
	text := strings.Join(paths, "\n") + "\n"
	if err := atomicfile.File(afero.NewOsFs(), d.users(), []byte(text), nil); err != nil {
		return unwritable(d.users(), err)
	}
	return nil
}

// exists reports whether there is anything at path, as far as it can be told.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// isOld reports whether a file that is being copied was left by a process that was killed.
func isOld(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && time.Since(info.ModTime()) > time.Hour
}
