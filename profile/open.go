package profile

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/setting"
)

// OpenFor reads the file at [DefaultPath] for a choice. If that does not need a profile, a file that
// the system does not let this user read is a warning, and counts as empty: no profile is named, and
// variables hold what authenticates. The errors are otherwise those of [LoadContext].
func OpenFor(ctx context.Context, c Overrides) (*File, error) {
	file, err := OpenContext(ctx)
	if _, unread := errors.AsType[syscall.Errno](err); !unread || errors.Is(err, fs.ErrNotExist) || c.needsProfile() {
		return file, err
	}
	path, pathErr := DefaultPath()
	if pathErr != nil {
		return nil, err
	}
	if !fileperm.IsHidden(path) { // else there may be no such file
		cmp.Or(c.Logger, slog.Default()).Warn("no profile is used, because their file cannot be read", "error", err)
	}
	return &File{Path: path, Version: Version}, nil
}

// needsProfile reports whether a choice cannot do without the file of profiles.
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
	return !isSet(core.SettingAccessToken) && (!isSet(core.SettingClientID) || !isSet(core.SettingClientSecret))
}
