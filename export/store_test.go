package export_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
)

// commitOf returns the n-th commit of a test, with some marks.
func commitOf(n, marks int) export.Commit {
	at := time.Date(2026, 3, 1, 0, 0, n, 0, time.UTC)
	change := export.Change{Progress: export.Progress{
		Feed:  export.FeedID{Stream: "alerts", Environment: "charlie", Tenant: fmt.Sprint(n % 3)},
		Began: at, Since: at, From: at, Records: int64(n),
	}}
	for i := range marks {
		m := export.Mark{Second: at.Unix() + int64(i)}
		copy(m.Digest[:], fmt.Sprintf("%08d%08d", n, i))
		change.Marks = append(change.Marks, m)
	}
	return export.Commit{Position: fmt.Sprint(n), Feeds: []export.Change{change}}
}

// contents returns all that a store knows.
func contents(t *testing.T, dir *export.Dir) (position string, feeds []export.Progress, marks map[string]export.Marks) {
	t.Helper()
	position, err := dir.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	feeds, marks = dir.Feeds(), map[string]export.Marks{}
	for _, p := range feeds {
		found, err := dir.Marks(t.Context(), p.Feed, time.Time{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		marks[p.Feed.Key()] = found
	}
	return position, feeds, marks
}

// TestJournalThatIsCutOff cuts the journal off at each byte.
func TestJournalThatIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	dir := openDir(t, path)
	journal := filepath.Join(path, "journal-2") // the first checkpoint begins the second one
	var ends []int64
	for n := range 4 {
		if err := dir.Commit(t.Context(), commitOf(n, 2)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(journal)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, info.Size())
	}
	_ = dir.Close()
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	for length := range len(text) + 1 {
		if err := os.WriteFile(journal, text[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		want := ""
		for n, end := range ends {
			if int64(length) >= end {
				want = fmt.Sprint(n)
			}
		}
		dir := openDir(t, path)
		position, feeds, _ := contents(t, dir)
		if position != want {
			t.Errorf("cut off at %d: position %q, want %q", length, position, want)
		}
		if want != "" && len(feeds) == 0 {
			t.Errorf("cut off at %d: no feeds", length)
		}
		// What follows is appended behind what was committed.
		if err := dir.Commit(t.Context(), commitOf(9, 1)); err != nil {
			t.Fatal(err)
		}
		_ = dir.Close()
		dir = openDir(t, path)
		if position, _, _ := contents(t, dir); position != "9" {
			t.Errorf("cut off at %d: position %q after a commit", length, position)
		}
		_ = dir.Close()
	}
}

func TestDamage(t *testing.T) {
	for name, change := range map[string]func(path string) string{
		"a byte of the journal": func(path string) string { return damage(t, filepath.Join(path, "journal-2"), 30) },
		"the checkpoint":        func(path string) string { return damage(t, filepath.Join(path, "checkpoint"), 30) },
		"an empty checkpoint": func(path string) string {
			path = filepath.Join(path, "checkpoint")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state")
			dir := openDir(t, path)
			for n := range 3 {
				if err := dir.Commit(t.Context(), commitOf(n, 2)); err != nil {
					t.Fatal(err)
				}
			}
			_ = dir.Close()
			at := change(path)
			before, _ := os.ReadFile(at)
			_, err := export.OpenDir(t.Context(), path)
			file, ok := errors.AsType[*core.FileError](err)
			if !ok || file.Path != at || file.Line != 1 || core.Hint(err) == "" || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%v", err)
			}
			if after, _ := os.ReadFile(at); string(after) != string(before) {
				t.Error("the file has changed")
			}
			if _, err := export.OpenDir(t.Context(), path); errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(fmt.Sprint(err), "another process") {
				t.Errorf("the lock is held: %v", err)
			}
		})
	}
}

// damage changes a byte of a file.
func damage(t *testing.T, path string, offset int) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[offset] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	dir := openDir(t, path)
	_, err := export.OpenDir(t.Context(), path)
	if file, ok := errors.AsType[*core.FileError](err); !ok || file.Path != path || core.Hint(err) == "" {
		t.Errorf("%v", err)
	}
	_ = dir.Close()
	_ = openDir(t, path).Close()
}

// TestCheckpoints commits more than a journal holds, and reopens the store in between.
func TestCheckpoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	const commits, marks = 48, 4000 // 128 KB each
	want := map[string]int{}
	dir := openDir(t, path)
	for n := range commits {
		if n%17 == 16 {
			_ = dir.Close()
			dir = openDir(t, path)
		}
		c := commitOf(n, marks)
		want[c.Feeds[0].Progress.Feed.Key()] += marks
		if err := dir.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	one, feedsOne, marksOne := contents(t, dir)
	_ = dir.Close()
	dir = openDir(t, path)
	two, feedsTwo, marksTwo := contents(t, dir)
	if one != two || cmp.Diff(feedsOne, feedsTwo) != "" || cmp.Diff(marksOne, marksTwo) != "" {
		t.Error("the reopened store differs")
	}
	for key, n := range want {
		if len(marksTwo[key]) != n {
			t.Errorf("%d marks of %s, want %d", len(marksTwo[key]), key, n)
		}
	}
	entries, err := filepath.Glob(filepath.Join(path, "journal-*"))
	if err != nil || len(entries) != 1 || entries[0] == filepath.Join(path, "journal-2") {
		t.Errorf("journals %q, %v", entries, err)
	}
	defer dir.Close()
	if err := dir.Forget(t.Context(), feedsTwo[0].Feed); err != nil || len(dir.Feeds()) != 2 {
		t.Errorf("%d feeds are left, %v", len(dir.Feeds()), err)
	}
	if marks, err := dir.Marks(t.Context(), feedsTwo[0].Feed, time.Time{}, time.Time{}); len(marks) > 0 || err != nil {
		t.Errorf("%d marks are left, %v", len(marks), err)
	}
}
