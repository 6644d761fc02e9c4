package keyring_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
)

// The library that this package links dials the session bus when a program starts, and starts
// one that it never ends where there is none.

func TestAStartDoesNotDialTheBus(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	bus, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	address := "unix:path=" + socket
	if got := start(t, "idle", "", "DBUS_SESSION_BUS_ADDRESS="+address).end(t); got != address+" true" {
		t.Errorf("the program sees %q, want its address handed back", got)
	}
	if err := bus.(*net.UnixListener).SetDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if conn, err := bus.Accept(); err == nil {
		conn.Close()
		t.Error("the bus was dialled")
	}
}

func TestAStartLeavesNoBusBehind(t *testing.T) {
	testutil.Program(t, "dbus-launch")
	mark := "KEYRING_TEST_MARK=" + strconv.Itoa(os.Getpid())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // to restore it
	os.Unsetenv("DBUS_SESSION_BUS_ADDRESS")
	const starts = 10
	begin := time.Now()
	for range starts {
		if got := start(t, "idle", "", mark).end(t); got != "false" {
			t.Errorf("the program sees %q, want no address", got)
		}
	}
	buses := daemonsWith(t, mark)
	t.Logf("%d starts, %v each, left %d dbus-daemons behind", starts, time.Since(begin)/starts, buses)
	if buses != 0 {
		t.Errorf("%d dbus-daemons were left behind", buses)
	}
}

// daemonsWith counts the dbus-daemons that have inherited a variable, and ends them.
func daemonsWith(t *testing.T, variable string) (n int) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		environment, _ := os.ReadFile(path) // a process may end meanwhile
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "comm"))
		if string(name) == "dbus-daemon\n" && bytes.Contains(environment, []byte(variable+"\x00")) {
			n++
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				_ = syscall.Kill(pid, syscall.SIGTERM)
			}
		}
	}
	return n
}

func TestWhatAStartCosts(t *testing.T) {
	startBus(t)
	c := start(t, "idle", "", "GODEBUG=inittrace=1")
	c.end(t)
	const prefix = "init github.com/99designs/keyring @"
	for line := range strings.Lines(c.errors.String()) {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		t.Log(strings.TrimSpace(line))
		_, after, _ := strings.Cut(line, " ms, ")
		clock, err := strconv.ParseFloat(strings.TrimSpace(strings.Split(after, " ms clock")[0]), 64)
		if err != nil || clock > 5 {
			t.Errorf("the library's init took %v ms: %v", clock, err)
		}
		return
	}
	t.Errorf("the library is not initialised: %s", c.errors.String())
}
