//go:build unix

package profile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// Explicit credentials need no profile: a default file that cannot be read is then a warning, and
// otherwise an error with its reason.
func TestADefaultFileThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(home, path string) error
		reason string // of the error and the warning; "" if the file counts as missing
	}{
		"the home is a file": {breaks: func(home, _ string) error {
			return errors.Join(os.RemoveAll(home), os.WriteFile(home, nil, 0o600))
		}},
		"a folder on the way is a file": {breaks: func(_, path string) error {
			return os.WriteFile(filepath.Dir(path), nil, 0o600)
		}},
		"a link to itself": {
			breaks: func(_, path string) error {
				return errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.Symlink(filepath.Base(path), path))
			},
			reason: "too many levels of symbolic links",
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			t.Setenv("HOME", home)
			t.Setenv("XDG_CONFIG_HOME", "")
			t.Setenv(profile.PathVariable, "")
			path, err := profile.DefaultPath()
			if err := errors.Join(err, os.MkdirAll(filepath.Dir(filepath.Dir(path)), 0o700), c.breaks(home, path)); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			overrides := profile.Overrides{
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
				LookupEnv: func(name string) (string, bool) {
					value, ok := map[string]string{core.SettingAccessToken: "abc", profile.NameVariable: " "}[name]
					return value, ok
				},
			}
			if f, err := profile.LoadFor(t.Context(), overrides); err != nil || f == nil || f.Path != path {
				t.Errorf("with a token: %v, %v", f, err)
			}
			if logged := log.String(); (logged != "") != (c.reason != "") || !strings.Contains(logged, c.reason) {
				t.Errorf("the warning is %q", logged)
			}
			overrides.LookupEnv = func(string) (string, bool) { return "", false }
			_, err = profile.LoadFor(t.Context(), overrides)
			if fault, ok := errors.AsType[*core.FileError](err); c.reason != "" && (!ok || !strings.Contains(fault.Reason, c.reason)) {
				t.Errorf("without a token: %v", err)
			} else if c.reason == "" && err != nil {
				t.Errorf("without a token: %v", err)
			}
		})
	}
}

func TestANamedFileBelowAFileDoesNotExist(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(profile.PathVariable, filepath.Join(file, "config.toml"))
	if _, err := profile.Load(t.Context()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), profile.PathVariable) {
		t.Error(err)
	}
}

func TestInitDoesNotSuggestMovingADevice(t *testing.T) {
	_, err := profile.Init(os.DevNull)
	if !errors.Is(err, fs.ErrExist) || strings.Contains(core.Hint(err), "move") || !strings.Contains(core.Hint(err), profile.PathVariable) {
		t.Error(err)
	}
}
