package plugins

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// folders returns the folders that may hold the sockets and the copies of plugins, in the order in
// which they are tried. The first is the one that the user chooses with TMPDIR. The others are for a
// container with a read-only root, or a TMPDIR that is too long for a socket.
func folders() []string {
	list := []string{os.TempDir()}
	if runtime.GOOS == "windows" {
		return list
	}
	list = append(list, os.Getenv("XDG_RUNTIME_DIR"), "/tmp", "/var/tmp", "/dev/shm")
	if cache, err := os.UserCacheDir(); err == nil {
		list = append(list, cache)
	}
	list = slices.DeleteFunc(list, func(dir string) bool { return !filepath.IsAbs(dir) })
	var unique []string
	for _, dir := range list {
		if dir = filepath.Clean(dir); !slices.Contains(unique, dir) {
			unique = append(unique, dir)
		}
	}
	return unique
}

// noFolderError is returned if no folder fits a purpose.
type noFolderError struct {
	purpose string   // for example "the sockets to the plugin"
	hint    string   // what makes a folder available
	reasons []string // one for each folder
}

func (e *noFolderError) Error() string {
	return "there is no folder for " + e.purpose + " (" + strings.Join(e.reasons, "; ") + ")"
}

// choose returns the first folder that is writable and fits.
func choose(purpose, hint string, fits func(dir string) error) (string, error) {
	failed := &noFolderError{purpose: purpose, hint: hint}
	for _, dir := range folders() {
		err := fits(dir)
		if err == nil {
			err = writable(dir)
		}
		if err == nil {
			return dir, nil
		}
		failed.reasons = append(failed.reasons, dir+": "+reasonOf(err))
	}
	return "", failed
}

// writable returns an error if no folder can be made in dir.
func writable(dir string) error {
	probe, err := os.MkdirTemp(dir, "taegis-probe-")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// reasonOf returns what an error says without its path.
func reasonOf(err error) string {
	if cause, ok := errors.AsType[syscall.Errno](err); ok {
		return cause.Error()
	}
	return err.Error()
}

// longestSocket is the length of the longest path of a socket, in bytes: sun_path has room for 108
// on Linux and for 104 on BSD and macOS, with a byte of zero at the end.
func longestSocket() int {
	if runtime.GOOS == "linux" {
		return 107
	}
	return 103
}

// socketNames are the longest names that go-plugin makes below a folder: that of a folder, and that
// of a socket in it.
const socketNames = "/plugin-dir4294967295/plugin4294967295"

// socketDir returns a folder in which go-plugin can make sockets.
func socketDir() (string, error) {
	longest := longestSocket() - len(socketNames)
	return choose("the sockets to the plugin",
		fmt.Sprintf("mount a writable folder at /tmp, for example a tmpfs, or set TMPDIR to one with a path of at most %d bytes", longest),
		func(dir string) error {
			if runtime.GOOS != "windows" && len(dir) > longest {
				return fmt.Errorf("its path has %d bytes, a socket allows %d", len(dir), longest)
			}
			return nil
		})
}

// copyDir returns a folder in which a copy of a program can be made and started.
func copyDir() (string, error) {
	return choose("a copy of the program that no other program can change",
		"mount a writable folder without noexec and set TMPDIR to it, or let the container use memfd_create and /proc",
		func(dir string) error {
			if _, err := os.Stat(dir); err != nil {
				return err
			}
			if forbidsPrograms(dir) {
				return errNoexec
			}
			return nil
		})
}

// errNoexec is the reason for which a file system runs no program.
var errNoexec = errors.New("it is mounted with noexec")

// isMissing reports whether no file is at path.
func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
