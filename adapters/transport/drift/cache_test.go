package drift_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport/drift"
)

// TestFolderOfOtherFiles stores adaptations in a folder with other, old files. Only files of this
// package are removed, if they are expired or too many.
func TestFolderOfOtherFiles(t *testing.T) {
	const hash = "d41d8cd98f00b204e9800998ecf8427e"
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-48 * time.Hour)
	write := func(name string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	kept := []string{
		"users.db", "id_ed25519", "checkpoint.json", ".hidden", "0001.json", hash, hash + ".json", "." + hash + ".json-1.new",
		"taegis-adaptation-", "taegis-adaptation-.json", "taegis-adaptation-notes.json", "taegis-adaptation-" + hash,
		"taegis-adaptation-" + hash + ".json.bak", "my-taegis-adaptation-" + hash + ".json",
		"taegis-adaptation-" + strings.ToUpper(hash) + ".json", "taegis-adaptation-" + hash[1:] + ".json",
		".taegis-adaptation-" + hash + ".json-x.new", ".taegis-adaptation-" + hash + ".json-1.new.txt",
	}
	for _, name := range kept {
		write(name)
	}
	for n := range 1100 { // more adaptations than the limit
		name := fmt.Sprintf("page-%04d.json", n)
		write(name)
		kept = append(kept, name)
	}
	// A folder and a link to a file with names of this package.
	folder := "taegis-adaptation-" + strings.Repeat("a", 32) + ".json"
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, folder), old, old); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, folder)
	link := "taegis-adaptation-" + strings.Repeat("b", 32) + ".json"
	if err := os.Symlink(filepath.Join(dir, "users.db"), filepath.Join(dir, link)); err == nil { // Windows requires a privilege
		kept = append(kept, link)
	}
	gone := []string{"taegis-adaptation-" + hash + ".json", ".taegis-adaptation-" + hash + ".json-123.new"}
	for _, name := range gone {
		write(name)
	}

	g := newGateway(t, 422, validating(t, schemaOf("age: Int", "")))
	now := time.Now().Add(48 * time.Hour) // at which even the link has expired
	wire := newMiddleware(drift.Config{Dir: dir, Now: func() time.Time { return now }})
	if err := wire.Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		left[entry.Name()] = true
	}
	for _, name := range kept {
		if !left[name] {
			t.Errorf("%s was removed", name)
		}
		delete(left, name)
	}
	for _, name := range gone {
		if left[name] {
			t.Errorf("%s is still there", name)
		}
	}
	if len(left) != 1 {
		t.Errorf("%d new files", len(left))
	}
}

// TestSomethingElseInPlaceOfAnAdaptation creates a link and a folder with the name of an
// adaptation's file. A call without a new adaptation neither reads nor removes them.
func TestSomethingElseInPlaceOfAnAdaptation(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var current atomic.Bool // reports whether the server has the current schema
	older := validating(t, schemaOf("age: Int", ""))
	g := newGateway(t, 422, func(document string, variables map[string]any) string {
		if current.Load() {
			return ""
		}
		return older(document, variables)
	})
	call := func() {
		t.Helper()
		if err := newMiddleware(drift.Config{Dir: dir}).Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil); err != nil {
			t.Fatal(err)
		}
	}
	call()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	current.Store(true)
	for name, put := range map[string]func(path string) error{
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"link":   func(path string) error { return os.Symlink(filepath.Join(t.TempDir(), "target"), path) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.RemoveAll(files[0]); err != nil {
				t.Fatal(err)
			}
			if err := put(files[0]); err != nil && runtime.GOOS == "windows" {
				t.Skipf("links take a privilege: %v", err)
			} else if err != nil {
				t.Fatal(err)
			}
			call()
			left, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || !slices.Equal(left, files) {
				t.Errorf("%q are left, %v", left, err)
			}
		})
	}
}
