package keyring_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
)

// TestMain lets the test binary play another program that links the store: it then runs the
// role that a test has named instead of the tests.
func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv("KEYRING_ROLE")]; ok {
		_, _ = io.Copy(io.Discard, os.Stdin) // the starting gun: all wait for the end of their input
		if err := role(context.Background(), &keyring.Store{Dir: os.Getenv("KEYRING_DIR"), Service: "acme", Keyrings: []string{keyring.EncryptedFile}}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var roles = map[string]func(ctx context.Context, s *keyring.Store) error{
	// idle links the store and does not use it.
	"idle": func(context.Context, *keyring.Store) error {
		address, ok := os.LookupEnv("DBUS_SESSION_BUS_ADDRESS")
		fmt.Println(address, ok)
		return nil
	},
	// login logs in unless another process already has, and says whether it did.
	"login": func(ctx context.Context, s *keyring.Store) error {
		if _, err := s.Load(ctx, keyOf("mine")); !errors.Is(err, core.ErrNoToken) {
			return err
		}
		_, err := s.Update(ctx, keyOf("mine"), func(_ context.Context, stored core.Token) (core.Token, error) {
			if !stored.IsZero() {
				return stored, nil
			}
			fmt.Println("logged in")
			return mint("mine", time.Hour), nil
		})
		return err
	},
}

// child is another process in a role.
type child struct {
	*exec.Cmd
	out *bufio.Reader
	gun io.Closer

	errors bytes.Buffer // what it writes to stderr
}

// start starts a process that waits until its gun is closed.
func start(t *testing.T, role, dir string, env ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: exec.Command(self)}
	c.Env = append(append(os.Environ(), "KEYRING_ROLE="+role, "KEYRING_DIR="+dir, "GORACE=atexit_sleep_ms=0"), env...)
	c.Stderr = &c.errors
	gun, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	c.out, c.gun = bufio.NewReader(out), gun
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

// end returns what a process writes until it ends, which it does well.
func (c *child) end(t *testing.T) string {
	t.Helper()
	_ = c.gun.Close()
	text, err := io.ReadAll(c.out)
	if err := errors.Join(err, c.Wait()); err != nil {
		t.Errorf("%v: %s", err, c.errors.String())
	}
	return strings.TrimSpace(string(text))
}

func TestOf16ProcessesOneLogsIn(t *testing.T) {
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	dir := filepath.Join(t.TempDir(), "tokens")
	var children []*child
	for range 16 {
		children = append(children, start(t, "login", dir))
	}
	begin := time.Now()
	for _, c := range children {
		_ = c.gun.Close()
	}
	logins := 0
	for _, c := range children {
		logins += strings.Count(c.end(t), "logged in")
	}
	t.Logf("16 processes started together were done after %v", time.Since(begin))
	if logins != 1 {
		t.Errorf("%d processes logged in, want one", logins)
	}
	keys, err := os.ReadDir(filepath.Join(dir, "acme.sealed.keys"))
	if err != nil || len(keys) != 1 {
		t.Errorf("%d keys were made, want one: %v", len(keys), err)
	}
}
