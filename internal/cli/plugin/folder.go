package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/homedir"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// programFolder is where the programs of installed plugins lie, closed to other users.
type programFolder string

// findPrograms returns the folder taegis/plugins of the user's data: $XDG_DATA_HOME or
// ~/.local/share, on macOS ~/Library/Application Support, on Windows %LocalAppData%.
func findPrograms() (programFolder, error) {
	data, err := dataFolder()
	if err != nil {
		return "", &core.FileError{Path: "plugins", Reason: "there is no folder for data", HintText: "set HOME, or XDG_DATA_HOME", Err: err}
	}
	return programFolder(filepath.Join(data, "taegis", "plugins")), nil
}

func dataFolder() (string, error) {
	switch runtime.GOOS {
	case "windows":
		return os.UserCacheDir()
	case "darwin":
		return os.UserConfigDir()
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := homedir.Dir()
	return filepath.Join(home, ".local", "share"), err
}

// put copies a program into the folder and returns where it is, its SHA-256, in hex, and whether it
// is new there. The hash is part of the name, so that another version lies next to the one that is in
// use until the file of profiles names it, path and hash at once.
func (d programFolder) put(name, from string) (path, sum string, isNew bool, err error) {
	if err := d.prepare(); err != nil {
		return "", "", false, err
	}
	program, err := openRegular(from)
	if err != nil {
		return "", "", false, err
	}
	defer func() { _ = program.Close() }()
	temp, err := os.CreateTemp(string(d), ".new-*")
	if err != nil {
		return "", "", false, unwritable(string(d), err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // it is gone where it was renamed
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(temp, hash), program)
	if err = errors.Join(err, temp.Chmod(0o700), temp.Sync(), temp.Close()); err != nil {
		return "", "", false, unwritable(temp.Name(), err)
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	path = filepath.Join(string(d), programPrefix+name+"-"+sum[:12]+programSuffix())
	if err := checkPlace(path); err != nil {
		return "", "", false, err
	}
	_, err = os.Lstat(path)
	isNew = errors.Is(err, fs.ErrNotExist)
	if err := os.Rename(temp.Name(), path); err != nil {
		return "", "", false, unwritable(path, err)
	}
	return path, sum, isNew, nil
}

// versionMark is what follows a plugin's name in that of its program: the beginning of the hash.
var versionMark = regexp.MustCompile(`^-[0-9a-f]{12}$`)

// versions returns the programs that put has made for a plugin and that are still there.
func (d programFolder) versions(name string) (paths []string) {
	entries, _ := os.ReadDir(string(d)) // a folder that is missing has none
	for _, entry := range entries {
		mark, ours := strings.CutPrefix(strings.TrimSuffix(entry.Name(), programSuffix()), programPrefix+name)
		if ours && versionMark.MatchString(mark) && entry.Type().IsRegular() {
			paths = append(paths, filepath.Join(string(d), entry.Name()))
		}
	}
	return paths
}

// programPrefix begins the names of programs that are plugins.
const programPrefix = "taegis-plugin-"

func programSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// prepare makes the folder, and refuses one in which others could put programs.
func (d programFolder) prepare() error {
	err := fileperm.MakeFolder(string(d))
	if err == nil || errors.Is(err, fileperm.ErrUnsafe) {
		return err
	}
	return unwritable(string(d), err)
}

// remove removes a program of the folder. One that lies elsewhere, or is gone, is left alone.
func (d programFolder) remove(path string) (removed bool, err error) {
	if filepath.Dir(path) != string(d) {
		return false, nil
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, unwritable(path, err)
	}
	return true, nil
}

// checkPlace refuses a place for a program where something else lies than a program of the user's.
// The folder around it is closed to others.
func checkPlace(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(path, err)
	case !info.Mode().IsRegular():
		return &core.FileError{Path: path, Reason: "it is no regular file", HintText: "mv " + shellquote.Word(path) + " " + shellquote.Word(path+".aside")}
	}
	return fileperm.Trusted(path, info)
}

// openRegular opens a file, and nothing that may never end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	if err != nil {
		return nil, &core.FileError{Path: path, Reason: cmdutil.Cause(err).Error(), HintText: "name the program of a plugin, as `taegis plugin build` prints it", Err: err}
	}
	return file, nil
}

func unwritable(path string, err error) error {
	return &core.FileError{Path: path, Reason: "it cannot be written: " + cmdutil.Cause(err).Error(), HintText: "make room, and the folder writable for you", Err: err}
}
