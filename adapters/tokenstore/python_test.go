package tokenstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/testutil"
)

// python runs Python's own opinion of the file.
func python(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	script := filepath.Join("..", "..", "internal", "inifile", "testdata", "python_config.py")
	cmd := exec.CommandContext(t.Context(), testutil.Program(t, "python3"), append([]string{script}, args...)...)
	cmd.Stderr = t.Output()
	return cmd
}

// answer returns what Python prints.
func answer(t testing.TB, args ...string) string {
	t.Helper()
	out, err := python(t, args...).Output()
	if err != nil {
		t.Fatal("python:", err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func TestATokenOfPythonsIsUsed(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	access := ofClient("mine")
	answer(t, "set", f.Path, "charlie", "access_token", access)
	if got := loaded(t, f, clientKey("mine")); got != access {
		t.Errorf("loaded %q", got)
	}
	keep(t, f, clientKey("other"), ofClient("other"))
	answer(t, "set", f.Path, "charlie", "access_token", access) // voids the mark, which stays
	if got := loaded(t, f, clientKey("mine")); got != access {
		t.Errorf("with a void mark: loaded %q", got)
	}
	answer(t, "set", f.Path, "charlie", "access_token", "")
	if got := loaded(t, f, anybody); got != "" {
		t.Errorf("cleared by Python: loaded %q", got)
	}
}

func TestPythonUsesOurToken(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	one, two := ofClient("one"), ofClient("two")
	keep(t, f, clientKey("one"), one)
	keep(t, f, clientKey("two"), two)
	if got := answer(t, "get", f.Path, "charlie", "access_token"); got != two {
		t.Errorf("Python reads %q", got)
	}
	answer(t, "set", f.Path, "other", "key", "value") // rewrites the whole file
	if loaded(t, f, clientKey("one")) != one || loaded(t, f, clientKey("two")) != two {
		t.Error("Python did not keep what this SDK wrote")
	}
	if err := f.Delete(t.Context(), anybody); err != nil {
		t.Fatal(err)
	}
	if got := answer(t, "get", f.Path, "charlie", "access_token"); got != "" {
		t.Errorf("after clearing Python reads %q", got)
	}
	if text := textOf(t, f); !strings.Contains(text, "access_token = \n") || strings.Contains(text, "owner") || strings.Contains(text, "/") {
		t.Errorf("cleared: %q", text)
	}
}

// Whatever is done to the file, Python and this SDK read the same in it.
func TestEveryFileOfOursIsPythons(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	testutil.Program(t, "python3")
	names := rapid.SampledFrom([]string{"charlie", "us1", "lab", "backoff.retry"})
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			section := names.Draw(r, "section")
			key := core.TokenKey{Section: section, Host: host, Account: core.ClientAccount(host, names.Draw(r, "client"))}
			switch rapid.IntRange(0, 4).Draw(r, "step") {
			case 0:
				keep(t, f, key, ofClient(names.Draw(r, "of")))
			case 1:
				if err := f.Delete(t.Context(), key); err != nil {
					r.Fatal(err)
				}
			case 2:
				if err := f.Unset(t.Context(), section, names.Draw(r, "key")); err != nil {
					r.Fatal(err)
				}
			default:
				value := rapid.String().Draw(r, "value")
				err := f.Set(t.Context(), section, names.Draw(r, "key"), value)
				var invalid *tokenstore.InvalidError
				if err != nil && !errors.As(err, &invalid) {
					r.Fatal(err)
				}
			}
		}
		if rapid.IntRange(0, 9).Draw(r, "compare") > 0 {
			return // starting Python takes its time
		}
		snapshot, err := f.Snapshot(t.Context())
		if err != nil {
			r.Fatal(err)
		}
		want := map[string]map[string]string{}
		for _, section := range snapshot.Sections() {
			want[section] = map[string]string{}
			for _, key := range snapshot.Keys(section) {
				want[section][key], _ = snapshot.Get(section, key)
			}
		}
		got := map[string]map[string]string{}
		text := answer(t, "dump", f.Path)
		if err := json.Unmarshal([]byte(text), &got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			r.Fatalf("Python reads %s\nwant %v", text, want)
		}
	})
}

func TestWeWaitForPythonsLock(t *testing.T) {
	for _, name := range []string{"config", "config.ini", ".hidden", "a.b.c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			weWaitForPythonsLock(t, &tokenstore.File{Path: filepath.Join(t.TempDir(), name)})
		})
	}
}

func weWaitForPythonsLock(t *testing.T, f *tokenstore.File) {
	holder := python(t, "hold", f.Path, "60")
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 16)); err != nil { // "held"
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := f.Set(ctx, "s", "k", "v"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Set while Python holds the lock: %v", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	if err := f.Set(t.Context(), "s", "k", "v"); err != nil {
		t.Error(err)
	}
}

func TestPythonWaitsForOurLock(t *testing.T) {
	f := fileWith(t, "")
	held, err := filelock.Try(f.Path+".lock", 0o600)
	if err != nil {
		t.Fatal(err)
	}
	set := python(t, "set", f.Path, "s", "k", "v")
	if err := set.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- set.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("Python ended while the lock was held: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if text := textOf(t, f); text != "" {
		t.Errorf("Python has written %q", text)
	}
	if err := errors.Join(held.Unlock(), <-ended); err != nil {
		t.Fatal(err)
	}
	if value, _, err := f.Get(t.Context(), "s", "k"); value != "v" || err != nil {
		t.Errorf("Get: %q, %v", value, err)
	}
}

// Python writers that read outside the lock can drop what others wrote. They must not be able
// to do more than that.
func TestBesideManyPythons(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config"), Logger: newLogger(t.Output())}
	// More than a write of Python's holds, so that its writers can mix.
	if err := f.Set(t.Context(), "large", "key", strings.Repeat("x", 20_000)); err != nil {
		t.Fatal(err)
	}
	var pythons sync.WaitGroup
	for i := range 8 {
		hammer := python(t, "hammer", f.Path, fmt.Sprint("python", i), "25")
		if err := hammer.Start(); err != nil {
			t.Fatal(err)
		}
		pythons.Go(func() {
			if err := hammer.Wait(); err != nil {
				t.Error("python:", err)
			}
		})
	}
	ended := make(chan struct{})
	go func() { pythons.Wait(); close(ended) }()
	key, writes, dropped := clientKey("mine"), 0, 0
	for working := true; working; writes++ {
		select {
		case <-ended:
			working = false
		default:
		}
		keep(t, f, key, jwt(time.Hour, map[string]any{"jti": writes}))
		if err := f.Set(t.Context(), "go", fmt.Sprint("k", writes%50), fmt.Sprint(writes)); err != nil {
			t.Error(err)
		}
		if loaded(t, f, key) == "" {
			dropped++
		}
	}
	t.Logf("%d writes while Python wrote, which dropped the token %d times", 2*writes, dropped)
	if text := answer(t, "dump", f.Path); strings.Contains(text, `"error"`) {
		t.Errorf("Python cannot read the file: %s\n%s", text, textOf(t, f))
	}
	if loaded(t, f, key) == "" {
		t.Error("the last token is not there, although nothing else writes")
	}
}
