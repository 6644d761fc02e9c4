package crash_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unsafeWriters are writers that omit a step. They show that the checker would notice it.
var unsafeWriters = []struct {
	writer
	survivesKills bool // and only fails where the power does
}{
	{forgetful("who does not sync the file", "temp rename folder"), true},
	{forgetful("who syncs the file too late", "temp rename file folder"), true},
	{forgetful("who does not sync the folder", "temp file rename"), true},
	{forgetful("who writes in place", "place file folder"), false},
}

// forgetful returns a writer who takes the named parts of replacing a file, in that order.
func forgetful(name, parts string) writer {
	path := func(dir string) string { return filepath.Join(dir, "file") }
	return writer{
		name:  name,
		setup: func(dir string) error { return os.WriteFile(path(dir), []byte("old content"), 0o600) },
		steps: []func(context.Context, string) error{func(_ context.Context, dir string) error {
			return replaceBy(parts, path(dir), "new content")
		}},
		look: func(_ context.Context, dir string, _ *slog.Logger) (state, error) {
			text, err := os.ReadFile(path(dir))
			if err == nil && string(text) != "old content" && string(text) != "new content" {
				err = fmt.Errorf("it holds %q", text)
			}
			return state{"content": string(text)}, err
		},
	}
}

func replaceBy(parts, path, text string) error {
	var file *os.File
	take := map[string]func() error{
		"place": func() (err error) {
			if file, err = os.Create(path); err == nil {
				_, err = file.WriteString(text)
			}
			return err
		},
		"temp": func() (err error) {
			if file, err = os.Create(path + ".new"); err == nil {
				_, err = file.WriteString(text)
			}
			return err
		},
		"file":   func() error { return file.Sync() },
		"rename": func() error { return os.Rename(path+".new", path) },
		"folder": func() error {
			folder, err := os.Open(filepath.Dir(path))
			if err != nil {
				return err
			}
			return errors.Join(folder.Sync(), folder.Close())
		},
	}
	var err error
	for part := range strings.FieldsSeq(parts) {
		err = errors.Join(err, take[part]())
	}
	return errors.Join(err, file.Close())
}

func init() {
	for _, w := range unsafeWriters {
		programs[w.name] = w.run
	}
}

// lenient is a test that does not fail.
type lenient struct{ testing.TB }

func (lenient) Fail() {}

func TestUnsafeWritersAreCaught(t *testing.T) {
	for _, w := range unsafeWriters {
		t.Run(w.name, func(t *testing.T) {
			damage := func(work func(j *checker, versions []state)) int64 {
				j := &checker{TB: lenient{t}} // without Python, which has no say in it
				work(j, j.versions(w.writer))
				return j.unreadable.Load() + j.lost.Load()
			}
			if damage(func(j *checker, versions []state) {
				for _, f := range record(j, w.writer) {
					f.checker(j, w.writer, versions)
				}
			}) == 0 {
				t.Error("no power failure has done any damage")
			}
			byKills := damage(func(j *checker, versions []state) {
				stops := undisturbed(j, w.writer)
				for n := range stops {
					killAndCheck(j, w.writer, versions, stops, n)
				}
			})
			if (byKills == 0) != w.survivesKills {
				t.Errorf("kills have done damage %d times", byKills)
			}
		})
	}
}
