package drift_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport/drift"
)

func TestAdaptationsAreStored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "drift")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	sdl := schemaOf("name: String note: String }", "name: String }")
	var mu sync.Mutex
	decide := validating(t, sdl)
	g := newGateway(t, 422, func(document string, variables map[string]any) string {
		mu.Lock()
		defer mu.Unlock()
		return decide(document, variables)
	})
	var log bytes.Buffer
	// call makes a call of a new process, and returns the number of its requests.
	call := func() int {
		t.Helper()
		wire := newMiddleware(drift.Config{Dir: dir, Now: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for range 2 {
			if err := wire.Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil); err != nil {
				t.Fatal(err)
			}
		}
		return len(g.sent()) - 1 // the second call of a process needs one
	}
	files := func() []string {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}

	if n := call(); n != 2 {
		t.Errorf("the first call took %d requests", n)
	}
	if n := call(); n != 1 {
		t.Errorf("the second process took %d requests", n)
	}
	if said := strings.Count(log.String(), "client.child.note"); said != 2 {
		t.Errorf("logged %d times by two processes:\n%s", said, log.String())
	}
	if list := files(); len(list) != 1 {
		t.Fatalf("files %v", list)
	}
	if info, err := os.Stat(files()[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	now = now.Add(25 * time.Hour)
	if n := call(); n != 2 {
		t.Errorf("after a day %d requests", n)
	}
	if n := call(); n != 1 {
		t.Errorf("and then %d", n)
	}

	for _, damage := range []string{"", "{", `{"version":1}`, `{"version":99}`} {
		if err := os.WriteFile(files()[0], []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if n := call(); n != 2 {
			t.Errorf("with a file of %q %d requests", damage, n)
		}
	}

	mu.Lock()
	decide = validating(t, schemaOf("age: Int", ""))
	mu.Unlock()
	if n := call(); n != 3 {
		t.Errorf("with an outdated adaptation %d requests", n)
	}
	if n := call(); n != 1 {
		t.Errorf("and then %d", n)
	}
}

func TestAnAdaptationThatCannotBeStoredIsUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, 422, validating(t, schemaOf("age: Int", "")))
	wire := newMiddleware(drift.Config{Dir: dir})
	for range 2 {
		if err := wire.Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(g.sent()); n != 3 {
		t.Errorf("%d requests", n)
	}
}

// Only the first call of an operation needs additional requests, even with other arguments.
func TestManyCallers(t *testing.T) {
	g := newGateway(t, 422, validating(t, schemaOf("age: Int", "", "id: String!", "id: ID!")))
	wire := newMiddleware(drift.Config{Dir: t.TempDir()})
	call := func() {
		if err := wire.Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil); err != nil {
			t.Error(err)
		}
	}
	call()
	g.sent()
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(call)
	}
	callers.Wait()
	if n := len(g.sent()); n != 64 {
		t.Errorf("%d requests of 64 callers", n)
	}
}

// A program that generates its operations does not fill the memory with adaptations.
func TestTheOldestAdaptationIsRemovedFromMemory(t *testing.T) {
	const most = 1024
	g := newGateway(t, 422, validating(t, schemaOf("age: Int", "")))
	now := time.Now()
	wire := newMiddleware(drift.Config{Now: func() time.Time { now = now.Add(time.Millisecond); return now }})
	// call returns the number of requests that a call of the nth operation took.
	call := func(n int) int {
		op := client
		op.Selection = fmt.Sprintf("{ name%d: name pet { ... on Dog { age name } } }", n)
		if err := wire.Execute(t.Context(), request(g, op, map[string]any{"id": "1"}), nil); err != nil {
			t.Fatal(err)
		}
		return len(g.sent())
	}
	for n := range most + 1 {
		if requests := call(n); requests != 2 {
			t.Fatalf("operation %d took %d requests", n, requests)
		}
	}
	for n, requests := range map[int]int{most: 1, 1: 1} {
		if got := call(n); got != requests {
			t.Errorf("operation %d took %d requests", n, got)
		}
	}
	if got := call(0); got != 2 {
		t.Errorf("the oldest took %d requests", got)
	}
}

func TestTheOldestFilesAreRemoved(t *testing.T) {
	const most = 1024
	dir := filepath.Join(t.TempDir(), "drift")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for n := range most + 2 { // files of other programs, the first of them the oldest
		path := filepath.Join(dir, fmt.Sprintf("taegis-adaptation-%032d.json", n))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now.Add(time.Duration(n-most-2)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	g := newGateway(t, 422, validating(t, schemaOf("age: Int", "")))
	for want := range 2 { // another process uses the stored adaptation
		wire := newMiddleware(drift.Config{Dir: dir})
		if err := wire.Execute(t.Context(), request(g, client, map[string]any{"id": "1"}), nil); err != nil {
			t.Fatal(err)
		}
		if n := len(g.sent()); n != 2-want {
			t.Errorf("%d requests", n)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != most {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if oldest := files[0].Name(); oldest != fmt.Sprintf("taegis-adaptation-%032d.json", 3) {
		t.Errorf("the oldest that stayed is %s", oldest)
	}
}
