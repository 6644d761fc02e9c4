package logs

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// opened returns a file of 10 bytes as an input.
func opened(t *testing.T) (*input, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := openInput(t.Context(), &cmdutil.App{}, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in, path
}

func TestFilesThatChangeWhileTheyAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		change func(path string) error
		text   string
		reason string // of the error, "" for none
		grown  int64
	}{
		"not at all": {func(string) error { return nil }, "0123456789", "", 0},
		"shorter":    {func(path string) error { return os.Truncate(path, 7) }, "0123456", "shorter while it was read: 7 of 10 bytes", 0},
		"emptied":    {func(path string) error { return os.Truncate(path, 0) }, "0123", "shorter while it was read: 4 of 10 bytes", 0},
		"removed":    {os.Remove, "0123456789", "", 0},
		"rotated":    {func(path string) error { return os.Rename(path, path+".1") }, "0123456789", "", 0},
		"longer": {func(path string) error {
			return os.WriteFile(path, []byte("0123456789 and more"), 0o600)
		}, "0123456789", "", 19},
	} {
		t.Run(name, func(t *testing.T) {
			in, path := opened(t)
			begin := make([]byte, 4)
			if _, err := io.ReadFull(in, begin); err != nil {
				t.Fatal(err)
			}
			if err := c.change(path); err != nil {
				t.Skip(err) // Windows keeps files that are open
			}
			rest, err := io.ReadAll(in)
			if got := string(begin) + string(rest); got != c.text || (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
				t.Errorf("%q, %v", got, err)
			}
			if got := in.grown(); got != c.grown {
				t.Errorf("grown to %d, want %d", got, c.grown)
			}
		})
	}
}

func TestInputErrorsNameOneFile(t *testing.T) {
	full := &core.FileError{Path: "/spool/input", Reason: "cannot write it: no space left on device", HintText: "free space"}
	for _, c := range []struct {
		err  error
		want string
	}{
		{&os.PathError{Op: "open", Path: "a.log", Err: os.ErrPermission}, "a.log: permission denied"},
		{errors.Join(full), full.Error()},
		{errors.New("it is empty"), "a.log: it is empty"},
	} {
		if got := inputError("a.log", c.err).Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
