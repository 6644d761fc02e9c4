package keyring_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

// run runs a program and returns what it prints.
func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	out, err := exec.Command(testutil.Program(t, name), args...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// onPass returns a store on a password store with a key of GnuPG's of its own.
func onPass(t *testing.T) *keyring.Store {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg") //nolint:usetesting // it holds a socket, whose path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GNUPGHOME", home)
	t.Setenv("PASSWORD_STORE_DIR", filepath.Join(t.TempDir(), "store"))
	t.Cleanup(func() {
		_, _ = run(t, "gpgconf", "--kill", "all")
		_ = os.RemoveAll(home)
	})
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.Pass}
	wantError(t, s.Prepare(t.Context()), keyring.ErrAbsent, "pass init")
	for _, command := range [][]string{
		{"gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "throw-away", "default", "default", "never"},
		{"pass", "init", "throw-away"},
	} {
		if out, err := run(t, command[0], command[1:]...); err != nil {
			t.Fatalf("%v: %v %s", command, err, out)
		}
	}
	return s
}

func TestPass(t *testing.T) {
	s := onPass(t)
	token := keep(t, s, "mine")
	begin := time.Now()
	want(t, again(s), "mine", token)
	t.Logf("reading the key: %v", time.Since(begin))
	if out, err := run(t, "pass", "ls", "taegis-sdk/acme"); err != nil {
		t.Errorf("pass ls: %v %s", err, out)
	}
	portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore {
		dir := filepath.Join(t.TempDir(), "tokens")
		return func() ports.TokenStore {
			other := again(s)
			other.Dir = dir
			return other
		}
	})
	store := os.Getenv("PASSWORD_STORE_DIR")
	if out, err := exec.Command("sh", "-c", `for f in "$0"/taegis-sdk/acme/*.gpg; do echo rubbish > "$f"; done`, store).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	_, err := again(s).Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrDenied, "keyring pass", "pass ls")
	if out, err := exec.Command("sh", "-c", `cd "$0" && for f in taegis-sdk/acme/*.gpg; do echo "no key" | pass insert -m -f "${f%.gpg}"; done`, store).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	_, err = again(s).Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrNoKey, fileOf(s))
	if err := os.RemoveAll(filepath.Join(store, "taegis-sdk")); err != nil {
		t.Fatal(err)
	}
	_, err = again(s).Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrNoKey, fileOf(s))
}

func TestPassThatIsNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.Pass}
	wantError(t, s.Prepare(t.Context()), keyring.ErrAbsent, "not installed")
}

// A program that never ends is ended.
func TestAPassThatHangs(t *testing.T) {
	dir := t.TempDir()
	pids := filepath.Join(dir, "pids")
	script := "#!/bin/sh\necho $$ >> " + pids + "\nexec sleep 600\n"
	if err := os.WriteFile(filepath.Join(dir, "pass"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".gpg-id"), []byte("throw-away\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PASSWORD_STORE_DIR", dir)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.Pass}
	var started []string
	for s.UnlockTimeout = 300 * time.Millisecond; len(started) < 3; s.UnlockTimeout *= 2 { // until programs start within that
		if s.UnlockTimeout > time.Minute {
			t.Fatalf("%d programs were started", len(started))
		}
		givesUp(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if err := s.Prepare(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("a caller that gives up: %v", err)
		}
		text, _ := os.ReadFile(pids) // none until the first program runs
		started = strings.Fields(string(text))
	}
	for _, pid := range started {
		if n, err := strconv.Atoi(pid); err != nil || syscall.Kill(n, 0) == nil {
			t.Errorf("process %s, %v, lives on", pid, err)
		}
	}
}

// A call of the library that never returns is left alone, and no second one joins it.
func TestAPassphraseThatNeverComes(t *testing.T) {
	s := newStore(t, nil)
	s.Keyrings, s.UnlockTimeout = []string{keyring.EncryptedFile}, 300*time.Millisecond
	var asked atomic.Int32
	never := make(chan struct{})
	defer close(never)
	s.Passphrase = func(context.Context, string) (core.Secret, error) {
		asked.Add(1)
		<-never
		return core.Secret{}, core.ErrCancelled
	}
	givesUp(t, s)
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// givesUp checks that a store whose keyring does not answer says so in time, again and again.
func givesUp(t *testing.T, s *keyring.Store) {
	t.Helper()
	for range 3 {
		begin := time.Now()
		wantError(t, s.Prepare(t.Context()), keyring.ErrLocked, "keyring "+s.Keyrings[0], s.UnlockTimeout.String())
		testutil.Within(t, "giving up", time.Since(begin), s.UnlockTimeout)
	}
}

func TestKeyCtl(t *testing.T) {
	if out, err := run(t, "keyctl", "show", "@u"); err != nil {
		testutil.Missing(t, "a kernel that allows keyrings: "+out)
	}
	s := newStore(t, nil)
	s.Service, s.Keyrings = "test-"+strconv.Itoa(os.Getpid()), []string{keyring.KeyCtl}
	t.Cleanup(func() {
		if id, err := run(t, "keyctl", "search", "@u", "keyring", "taegis-sdk/"+s.Service); err == nil {
			_, _ = run(t, "keyctl", "unlink", id, "@u")
		}
	})
	portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore {
		dir := filepath.Join(t.TempDir(), "tokens")
		return func() ports.TokenStore {
			other := again(s)
			other.Dir = dir
			return other
		}
	})
	token := keep(t, s, "mine")
	begin := time.Now()
	want(t, again(s), "mine", token)
	t.Logf("reading the key: %v", time.Since(begin))
	if id, err := run(t, "keyctl", "search", "@u", "keyring", "taegis-sdk/"+s.Service); err != nil {
		t.Errorf("keyctl search: %v %s", err, id)
	} else if out, err := run(t, "keyctl", "clear", id); err != nil { // as a restart does
		t.Fatalf("keyctl clear: %v %s", err, out)
	}
	_, err := again(s).Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrNoKey, fileOf(s))
}
