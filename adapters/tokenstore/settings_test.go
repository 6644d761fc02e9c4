package tokenstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/adapters/tokenstore"
)

func TestSettings(t *testing.T) {
	ctx := t.Context()
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "home", "config")}
	for key, value := range map[string]string{"CLIENT_ID": "CHARLIE_CLIENT_ID", "rate": "50%", "text": "two\nlines"} {
		if err := f.Set(ctx, "charlie", key, value); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := f.Get(ctx, "charlie", strings.ToUpper(key)); got != value || !ok || err != nil {
			t.Errorf("Get: %q, %v, %v; want %q", got, ok, err, value)
		}
	}
	if text := textOf(t, f); !strings.Contains(text, "client_id = CHARLIE_CLIENT_ID\n") || !strings.Contains(text, "rate = 50%%\n") {
		t.Errorf("the file: %q", text)
	}
	for range 2 { // removing what is not there is no error
		if err := f.Unset(ctx, "charlie", "Rate"); err != nil {
			t.Error(err)
		}
	}
	if value, ok, err := f.Get(ctx, "charlie", "rate"); value != "" || ok || err != nil {
		t.Errorf("after Unset: %q, %v, %v", value, ok, err)
	}
}

func TestWhatTheFileCannotHold(t *testing.T) {
	const text = "[s]\nk = v\n"
	f := fileWith(t, text)
	for name, c := range map[string]struct{ section, key, value string }{
		"no section":               {"", "k", "v"},
		"bracket in the section":   {"a]", "k", "v"},
		"line break in section":    {"a\nb", "k", "v"},
		"no key":                   {"s", "", "v"},
		"equals log in the key":    {"s", "a=b", "v"},
		"colon in the key":         {"s", "a:b", "v"},
		"key like a comment":       {"s", "#k", "v"},
		"key like a section":       {"s", "[k", "v"},
		"space around the value":   {"s", "k", " v "},
		"comment within the value": {"s", "k", "a\n# b"},
		"not UTF-8":                {"s", "k", "\xff"},
	} {
		err := f.Set(t.Context(), c.section, c.key, c.value)
		invalid, ok := errors.AsType[*tokenstore.InvalidError](err)
		if !ok || err.Error() != "the "+invalid.What+" "+invalid.Reason {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if got := textOf(t, f); got != text {
		t.Errorf("the file became %q", got)
	}
}

func TestSnapshot(t *testing.T) {
	f := fileWith(t, "[DEFAULT]\nd = 1\n[backoff.retry]\nMax_Time = 10\nmax_tries = 3\n")
	s, err := f.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Set(t.Context(), "backoff.retry", "max_time", "20"); err != nil {
		t.Fatal(err)
	}
	if value, ok := s.Get("backoff.retry", "MAX_TIME"); value != "10" || !ok {
		t.Errorf("Get: %q, %v; want the value from before", value, ok)
	}
	if value, ok := s.Get("backoff.retry", "d"); value != "1" || !ok {
		t.Errorf("Get of a default: %q, %v", value, ok)
	}
	if diff := cmp.Diff([]string{"DEFAULT", "backoff.retry"}, s.Sections()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"max_time", "max_tries"}, s.Keys("backoff.retry")); diff != "" {
		t.Error(diff)
	}
}

func TestSnapshotOfNothing(t *testing.T) {
	missing, err := (&tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []tokenstore.Snapshot{missing, {}} {
		if _, ok := s.Get("a", "b"); ok || len(s.Sections())+len(s.Keys("a")) != 0 {
			t.Error("something in nothing")
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	f := fileWith(b, "[charlie]\nclient_id = CHARLIE_CLIENT_ID\n\n[backoff.retry]\nmax_time = 10\n\n")
	for _, id := range []string{"one", "two", "three"} {
		keep(b, f, clientKey(id), ofClient(id)+strings.Repeat("x", 900))
	}
	for name, key := range map[string]struct {
		f    *tokenstore.File
		want bool
	}{
		"found":   {f, true},
		"absent":  {fileWith(b, "[charlie]\nclient_id = A\n"), false},
		"no file": {&tokenstore.File{Path: filepath.Join(b.TempDir(), "config")}, false},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if (loaded(b, key.f, clientKey("two")) != "") != key.want {
					b.Fatal("that is wrong")
				}
			}
		})
	}
}

// A process that is killed between writing a new file and renaming it leaves it behind.
func TestWhatKilledWritersLeftIsRemoved(t *testing.T) {
	users := []string{".config-1", ".config-notes", ".config-1.old", ".config-a1.new", ".configuration"}
	for name, change := range map[string]func(*tokenstore.File) error{
		"with the next write": func(f *tokenstore.File) error { return f.Set(t.Context(), "s", "k", "w") },
		"with a logout":       func(f *tokenstore.File) error { return f.Delete(t.Context(), anybody) },
		"with a logout where the file was never finished": func(f *tokenstore.File) error {
			return errors.Join(os.Remove(f.Path), f.Delete(t.Context(), anybody))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := fileWith(t, "[s]\nk = v\n")
			dir := filepath.Dir(f.Path)
			before := time.Now().Add(-time.Minute)
			for _, name := range append([]string{".config-123456789.new"}, users...) {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, before, before)); err != nil {
					t.Fatal(err)
				}
			}
			if err := change(f); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Lstat(filepath.Join(dir, ".config-123456789.new")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what a killed writer left is still there: %v", err)
			}
			for _, name := range users {
				if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
					t.Errorf("a file of the user's own: %v", err)
				}
			}
		})
	}
}
