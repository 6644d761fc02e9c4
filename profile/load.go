package profile

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/policy"
	"github.com/taegis-go/taegis/internal/setting"
)

// Load reads the file at [DefaultPath]. If that is the default path and the file or the user's home
// does not exist, Load returns an empty File. If TAEGIS_PROFILES_FILE names a missing file, Load
// returns an empty File together with a [*core.FileError] that wraps [fs.ErrNotExist]. The other
// errors are those of [DefaultPath] and [LoadFile].
func Load(ctx context.Context) (*File, error) {
	path, err := DefaultPath()
	if _, ok := errors.AsType[*core.SettingError](err); ok {
		return nil, err
	}
	if err != nil {
		return (&File{Version: Version}).layered(nil) // a user without a home has no profiles
	}
	if setting.Text(os.Getenv(PathVariable)) != "" {
		if err := allowVariable(path); err != nil {
			return nil, err
		}
	}
	_, absent := os.Stat(path)
	if setting.Text(os.Getenv(PathVariable)) == "" || !errors.Is(noFile(absent), fs.ErrNotExist) {
		return LoadFile(ctx, path)
	}
	file, err := (&File{Path: path, Version: Version}).layered(nil)
	if err != nil {
		return nil, err
	}
	return file, &core.FileError{
		Path: path, Reason: "there is no such file, but " + PathVariable + " names it",
		HintText: "correct or unset " + PathVariable + ", or create the file", Err: noFile(absent),
	}
}

// LoadFor is [Load] for given overrides. A file that the process has no permission to read is not
// an error if no profile is needed: the overrides and the environment variables name none, and
// contain an access token or client credentials. LoadFor then logs a warning and returns an empty
// File.
func LoadFor(ctx context.Context, c Overrides) (*File, error) {
	file, err := Load(ctx)
	if _, unread := errors.AsType[syscall.Errno](err); !unread || errors.Is(err, fs.ErrNotExist) || c.needsProfile() {
		return file, err
	}
	path, pathErr := DefaultPath()
	if fault, ok := errors.AsType[*core.FileError](err); pathErr != nil || ok && fault.Path != path {
		return nil, err // that of the system
	}
	if !fileperm.IsHidden(path) { // a hidden path may hold no file at all
		cmp.Or(c.Logger, slog.Default()).Warn("no profile is used: the profile file cannot be read", "error", err)
	}
	return (&File{Path: path, Version: Version}).layered(nil)
}

// allowVariable returns a [*core.PolicyError] if the policy of the machine does not allow a file at
// that path, which a variable names. Any other fault of the policy is an error of [taegis.New].
func allowVariable(path string) error {
	allowed, err := policy.Load()
	if err != nil || path == SystemPath() {
		return nil //nolint:nilerr // see above
	}
	return allowed.UserProfiles()
}

// LoadFile reads the file at path, over that of the system; see [SystemPath]. A missing file is not an error: LoadFile returns an empty File.
// A syntax error returns a [*core.FileError] with the line, an invalid value one with its key. For
// an invalid value, for example an unknown method, LoadFile returns the File together with the
// error, so that a program can correct it.
//
// The file names programs to run. LoadFile therefore rejects it if users other than its owner and
// the administrator can write it, can replace it in its folder, or have made a symbolic link on its
// path. Others may read it. The file may be a pipe under the same conditions; LoadFile reads a pipe
// to its end, until ctx ends.
func LoadFile(ctx context.Context, path string) (*File, error) {
	text, err := read(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return (&File{Path: path, Version: Version}).layered(nil)
	}
	if err != nil {
		return nil, err
	}
	return parseLayered(path, text)
}

// needsProfile reports whether the overrides and variables name a profile, or hold no credentials.
func (c Overrides) needsProfile() bool {
	lookup := c.LookupEnv
	if lookup == nil {
		lookup = os.LookupEnv
	}
	isSet := func(name string) bool {
		value, _ := lookup(name)
		return setting.Text(value) != ""
	}
	if c.Profile != "" || isSet(NameVariable) {
		return true
	}
	hasClient := func(p core.Platform) bool {
		id, secret := p.ClientSettings()
		return isSet(id) && isSet(secret)
	}
	return !isSet(core.SettingAccessToken) && !slices.ContainsFunc(platforms, hasClient)
}
