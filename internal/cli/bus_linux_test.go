package cli_test

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestTheBusIsNotDialled checks that a command without a keyring neither connects to the session bus nor
// starts a dbus-daemon. The keyring library would do so at the start of a program.
func TestTheBusIsNotDialled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program, whose order of initialisation is what counts; the race detector adds nothing")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "taegis")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/taegis").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	bus, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "bus"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bus.Close() }()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	run := func(args ...string) {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = []string{"HOME=" + dir, "DBUS_SESSION_BUS_ADDRESS=unix:path=" + bus.Addr().String(), "CLIENT_ID=x", "CLIENT_SECRET=y"}
		_ = cmd.Run() // its failure does not matter
	}
	dialled := func(within time.Duration) bool {
		if err := bus.SetDeadline(time.Now().Add(within)); err != nil {
			t.Fatal(err)
		}
		conn, err := bus.Accept()
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() }) // closing it earlier would make the library try another keyring
		}
		return err == nil
	}
	run("version")
	run("auth", "status", "--no-input")
	if dialled(time.Millisecond) {
		t.Error("the bus was dialled without need")
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run("auth", "login", "--no-input", "--token-store", "keyring", "--api-url", "http://127.0.0.1:1")
	}()
	if !dialled(10 * time.Second) {
		t.Error("the keyring was not used although it was chosen")
	}
	end()
	<-ended
	if files, err := filepath.Glob(filepath.Join(dir, ".local/state/taegis/tokens/*.sealed")); len(files) > 0 || err != nil {
		t.Errorf("a key was made in a keyring of this machine, for %v: %v", files, err)
	}
}
