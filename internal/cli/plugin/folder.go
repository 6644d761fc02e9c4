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
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/homedir"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// programFolder is the folder of the programs of installed plugins. Other users cannot access it.
type programFolder string

// findPrograms returns the folder taegis/plugins in the folder for the user's data: $XDG_DATA_HOME or
// ~/.local/share, on macOS ~/Library/Application Support, on Windows %LocalAppData%.
func findPrograms() (programFolder, error) {
	data, err := dataFolder()
	if err != nil {
		return "", &core.FileError{Path: "plugins", Reason: "the folder for data is unknown", HintText: "set HOME, or XDG_DATA_HOME", Err: err}
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

// put copies a program into the folder, with its signature if it has one. It returns the path, the
// SHA-256 in hex and whether the path is new. The name contains a part of the checksum, so that a
// new version does not overwrite the one in use.
func (d programFolder) put(name, from string) (path, sum string, isNew bool, err error) {
	if err := d.prepare(); err != nil {
		return "", "", false, err
	}
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		path, sum, isNew, err = d.putFolder(name, from)
		if err != nil {
			return "", "", false, err
		}
		return path, sum, isNew, d.putSignature(from, path)
	}
	program, err := openRegular(from)
	if err != nil {
		return "", "", false, err
	}
	defer func() { _ = program.Close() }()
	temp, err := os.CreateTemp(string(d), newPrefix+"*")
	if err != nil {
		return "", "", false, unwritable(string(d), err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // after the rename it does not exist
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(temp, hash), program)
	if err = errors.Join(err, temp.Chmod(0o700), temp.Sync(), temp.Close()); err != nil {
		return "", "", false, unwritable(temp.Name(), err)
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	path = d.version(name, sum)
	if err := checkPlace(path); err != nil {
		return "", "", false, err
	}
	_, err = os.Lstat(path)
	isNew = errors.Is(err, fs.ErrNotExist)
	if err := os.Rename(temp.Name(), path); err != nil {
		return "", "", false, unwritable(path, err)
	}
	return path, sum, isNew, d.putSignature(from, path)
}

// newPrefix is how the names of programs begin that are being copied.
const newPrefix = ".new-"

// version returns the path of the version of a plugin with that checksum.
func (d programFolder) version(name, sum string) string {
	return filepath.Join(string(d), programPrefix+name+"-"+sum[:12]+programSuffix())
}

// putFolder copies a folder with its files.
func (d programFolder) putFolder(name, from string) (path, sum string, isNew bool, err error) {
	temp, err := os.MkdirTemp(string(d), newPrefix+"*")
	if err != nil {
		return "", "", false, unwritable(string(d), err)
	}
	defer func() { _ = os.RemoveAll(temp) }() // after the rename it does not exist
	sum, err = plugins.CopyFolder(from, temp)
	if err != nil {
		return "", "", false, &core.FileError{Path: from, Reason: cmdutil.Cause(err).Error(), HintText: "leave out what cannot be pinned", Err: err}
	}
	path = d.version(name, sum)
	if found, err := plugins.Checksum(path); err == nil && found == sum {
		return path, sum, false, nil
	}
	if err := os.RemoveAll(path); err != nil { // it is not what its name says
		return "", "", false, unwritable(path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return "", "", false, unwritable(path, err)
	}
	return path, sum, true, nil
}

// putSignature copies the signature of a program, if it has one.
func (d programFolder) putSignature(from, path string) error {
	signature, err := openRegular(from + plugins.SignatureSuffix)
	if err != nil {
		return nil // a program needs none, unless a key is pinned
	}
	defer func() { _ = signature.Close() }()
	if from+plugins.SignatureSuffix == path+plugins.SignatureSuffix {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(signature, 16<<10))
	if err == nil {
		err = atomicfile.File(afero.NewOsFs(), path+plugins.SignatureSuffix, text, nil)
	}
	if err != nil {
		return unwritable(path+plugins.SignatureSuffix, err)
	}
	return nil
}

// keep copies the preferred program of a plugin into the folder, for plugin rollback, if it lies in
// another one. What is not the pinned program is left out.
func (d programFolder) keep(name string, p profile.PluginConfig) {
	if p.Path == "" || filepath.Dir(p.Path) == string(d) || len(p.SHA256) == 0 {
		return
	}
	if sum, err := plugins.Checksum(p.Path); err == nil && slices.Contains(normalized(p.SHA256), sum) {
		_, _, _, _ = d.put(name, p.Path)
	}
}

// versionMark is the suffix of a program's name: the beginning of its checksum.
var versionMark = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-[0-9a-f]{12}$`) })

// isVersion reports whether the path is one that put gives to a version.
func isVersion(path string) bool {
	name := strings.TrimSuffix(filepath.Base(path), programSuffix())
	at := strings.LastIndexByte(name, '-')
	return at > 0 && versionMark().MatchString(name[at:])
}

// versions returns the programs of a plugin that put copied and that still exist, the latest first.
func (d programFolder) versions(name string) (paths []string) {
	entries, _ := os.ReadDir(string(d)) // a missing folder has no versions
	copied := map[string]time.Time{}
	for _, entry := range entries {
		mark, ours := strings.CutPrefix(strings.TrimSuffix(entry.Name(), programSuffix()), programPrefix+name)
		info, err := entry.Info()
		if ours && err == nil && versionMark().MatchString(mark) && (entry.Type().IsRegular() || entry.IsDir()) {
			path := filepath.Join(string(d), entry.Name())
			paths, copied[path] = append(paths, path), info.ModTime()
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int { return copied[b].Compare(copied[a]) })
	return paths
}

// programPrefix is the prefix of the names of plugins' programs.
const programPrefix = "taegis-plugin-"

func programSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// prepare creates the folder. It returns an error if other users could write to it.
func (d programFolder) prepare() error {
	err := fileperm.MakeFolder(string(d))
	if err == nil || errors.Is(err, fileperm.ErrUnsafe) {
		return err
	}
	return unwritable(string(d), err)
}

// remove removes a program from the folder, with its signature. One in another folder stays.
func (d programFolder) remove(path string) error {
	if filepath.Dir(path) != string(d) {
		return nil
	}
	if err := errors.Join(os.RemoveAll(path), os.RemoveAll(path+plugins.SignatureSuffix)); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// checkPlace returns an error if path exists and is not a program of this user. Other users cannot
// access the folder.
func checkPlace(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(path, err)
	case !info.Mode().IsRegular():
		return &core.FileError{Path: path, Reason: "it is not a regular file", HintText: "mv " + shellquote.Word(path) + " " + shellquote.Word(path+".aside")}
	}
	return fileperm.Trusted(path, info)
}

// openRegular opens a regular file. It rejects other files, from which a read may block.
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
	return &core.FileError{Path: path, Reason: "it cannot be written: " + cmdutil.Cause(err).Error(), HintText: "free some space, or allow writing to the folder", Err: err}
}
