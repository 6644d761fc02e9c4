package keyring

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/homedir"
)

// defaultService names the file and the keys of a Store without a Service.
const defaultService = "taegis"

// place is the location of a store's sealed file: a folder of its own, with its locks.
type place struct {
	dir, file string
	chosen    bool // the program chose the folder, not the user
}

func (p place) lock() string   { return p.file + ".lock" }
func (p place) logins() string { return p.file + ".logins" }

// Locks returns the paths of the locks: the file that is locked to replace the sealed file, and the
// folder with a file for each login. They need not exist. Its error is that of [DefaultDir].
func (s *Store) Locks() (file, logins string, err error) {
	p, err := s.place()
	return p.lock(), p.logins(), err
}

// DefaultDir returns the folder for sealed tokens: $XDG_STATE_HOME/taegis/tokens or else
// ~/.local/state/taegis/tokens, on macOS ~/Library/Application Support/taegis/tokens, on Windows
// %LocalAppData%\taegis\tokens. Tokens that are sealed with a key of this machine do not belong in
// a folder that is synchronised. If the home folder is unknown, DefaultDir returns an error.
func DefaultDir() (string, error) {
	var base string
	var err error
	switch runtime.GOOS {
	case "windows":
		base, err = os.UserCacheDir() // %LocalAppData%
	case "darwin":
		base, err = os.UserConfigDir()
	default:
		if base = os.Getenv("XDG_STATE_HOME"); !filepath.IsAbs(base) { // as the XDG specification requires
			base, err = homedir.Dir()
			base = filepath.Join(base, ".local", "state")
		}
	}
	if err != nil && runtime.GOOS == "darwin" {
		base, err = homedir.Config()
	}
	if err != nil {
		return "", &core.FileError{
			Path: filepath.Join("~", "taegis", "tokens"), Reason: "the home directory is not known",
			HintText: "set HOME", Err: errors.Join(errHomeless, err),
		}
	}
	return filepath.Join(base, "taegis", "tokens"), nil
}

// errHomeless marks a store that has no folder because its user has no home.
var errHomeless = errors.New("the home directory is not known")

// place returns the location of the store's file.
func (s *Store) place() (place, error) {
	dir := s.Dir
	if dir == "" {
		var err error
		if dir, err = DefaultDir(); err != nil {
			return place{}, err
		}
	}
	return place{dir, filepath.Join(dir, s.name()+".sealed"), s.Dir != ""}, nil
}

// name is the service as a part of a path: in a folder, and in the password store of pass.
func (s *Store) name() string {
	if s.Service == "" {
		return defaultService
	}
	name := url.PathEscape(s.Service)
	if strings.HasPrefix(name, ".") {
		name = "%2E" + name[1:]
	}
	return name
}

// read returns the content of the sealed file, or an error that wraps [fs.ErrNotExist] if the file
// is missing. A file that other users can read or could have written is an error.
func (p place) read() ([]byte, error) {
	if err := p.checkDir(); err != nil {
		return nil, err
	}
	data, err := fileperm.ReadFile(p.file)
	return data, p.unlessAbsent(p.file, err)
}

// checkDir returns an error if other users can create files in the folder, and one that wraps
// [fs.ErrNotExist] if the folder is missing.
func (p place) checkDir() error { return p.unlessAbsent(p.dir, fileperm.Folder(p.dir)) }

// make creates the folder if it is missing.
func (p place) make() error { return p.fault(p.dir, fileperm.MakeFolder(p.dir)) }

// setAside renames the sealed file, so that a new file can replace it and its content is not lost.
// The new name contains the time.
func (p place) setAside(now time.Time) (string, error) {
	aside := p.file + now.UTC().Format(".20060102T150405.000000000Z")
	if err := os.Rename(p.file, aside); err != nil {
		return "", p.fault(p.file, err)
	}
	return aside, nil
}

// unlessAbsent is fault for what need not be there.
func (p place) unlessAbsent(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return p.fault(path, err)
}

// fault returns the error for the file at path, with a reason and a hint.
func (p place) fault(path string, err error) error {
	if err == nil || errors.Is(err, fileperm.ErrUnsafe) {
		return err
	}
	elsewhere := p.elsewhere()
	f := &core.FileError{Path: path, Reason: err.Error(), Err: err, HintText: "see what is wrong with it, or " + elsewhere}
	switch {
	case errors.Is(err, fs.ErrPermission):
		var hint string
		if f.Reason, hint = fileperm.Denied(path); hint != "" {
			hint += ", or "
		}
		f.HintText = hint + elsewhere
	case errors.Is(err, filelock.ErrNone):
		f.Reason, f.HintText = filelock.ErrNone.Error(), elsewhere+" on another file system"
	case errors.Is(err, syscall.EROFS):
		f.Reason, f.HintText = "the file system is read-only", elsewhere
	case errors.Is(err, syscall.ENOTDIR):
		f.Reason, f.HintText = fileperm.NotFolder(path)+" is not a folder", elsewhere
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f.Reason, f.HintText = "the disk is full; the file is as it was", "free some space, then try again"
	default:
		if cause, ok := errors.AsType[syscall.Errno](err); ok {
			f.Reason = cause.Error() // which leaves out paths
		}
	}
	return f
}

// elsewhere is how another folder is chosen: by the program that chose this one, else by the user.
func (p place) elsewhere() string {
	switch {
	case p.chosen:
		return "set Store.Dir to another folder"
	case runtime.GOOS == "windows", runtime.GOOS == "darwin":
		return "set HOME to a folder of your own"
	}
	return "set XDG_STATE_HOME to a folder of your own"
}

// isUnkept reports whether tokens cannot be kept because of their folder rather than because of a
// keyring: then they are used all the same, as those of a [tokenstore.File] that cannot be written.
func isUnkept(err error) bool {
	if isTrouble(err) || errors.Is(err, fileperm.ErrUnsafe) {
		return false
	}
	for _, kind := range []error{fs.ErrPermission, errHomeless, syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.ENOTDIR, syscall.ELOOP} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
