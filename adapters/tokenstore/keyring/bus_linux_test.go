package keyring_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/taegis-go/taegis/internal/testutil"
)

// busConfig is that of a session bus that starts no programs by itself.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>`

// startBus starts a session bus of the test's own, sets its address and returns its process.
func startBus(t *testing.T) *os.Process {
	t.Helper()
	config := filepath.Join(t.TempDir(), "bus.conf")
	if err := os.WriteFile(config, []byte(busConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	bus := exec.Command(testutil.Program(t, "dbus-daemon"), "--config-file="+config, "--print-address=1", "--nofork")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	startChild(t, bus)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	return bus.Process
}

// startChild starts a program that ends with the test.
func startChild(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// connect returns a connection to the bus of the test.
func connect(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

const (
	secrets = "org.freedesktop.secrets"
	root    = dbus.ObjectPath("/org/freedesktop/secrets")
	login   = root + "/collection/login"
	prompt1 = root + "/prompt/p1"
)

// startGnomeKeyring starts a bus and GNOME's keyring on it, unlocked.
func startGnomeKeyring(t *testing.T) *os.Process {
	t.Helper()
	program := testutil.Program(t, "gnome-keyring-daemon")
	startBus(t)
	conn := connect(t)
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	owners := make(chan *dbus.Signal, 16)
	conn.Signal(owners)
	if err := conn.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secrets)); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command(program, "--foreground", "--unlock", "--components=secrets")
	daemon.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home)
	daemon.Stdin = strings.NewReader("throw-away")
	startChild(t, daemon)
	for signal := range owners {
		if signal.Name == "org.freedesktop.DBus.NameOwnerChanged" {
			return daemon.Process
		}
	}
	t.Fatal("the bus is gone")
	return nil
}

// lockCollection locks the default collection, as a screen lock may.
func lockCollection(t *testing.T) {
	t.Helper()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := connect(t).Object(secrets, root).Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{login}).Store(&locked, &prompt)
	if err != nil || len(locked) != 1 {
		t.Fatalf("locked %v: %v", locked, err)
	}
}

// suspend stops a process until the end of the test, without ending it.
func suspend(t *testing.T, p *os.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Signal(syscall.SIGCONT) })
}

// secretService is a stand-in that does what no real one does when it is wanted to.
type secretService struct {
	hangs  bool   // never answers
	deaf   bool   // keeps nothing
	lacks  bool   // has no default collection
	lies   bool   // agrees to an algorithm that it does not know
	denies string // the name of the error that it answers CreateItem with
	prompt func(emit func(dismissed bool))

	conn      *dbus.Conn
	mu        sync.Mutex
	locked    bool
	prompts   int
	dismissed chan struct{}
	items     map[string][]byte
}

// wire is the API's structure for a secret.
type wire struct {
	Session           dbus.ObjectPath
	Parameters, Value []byte
	ContentType       string
}

// serve starts a bus and the stand-in on it.
func (s *secretService) serve(t *testing.T) *secretService {
	t.Helper()
	startBus(t)
	s.conn, s.items, s.dismissed = connect(t), map[string][]byte{}, make(chan struct{}, 1)
	s.locked = s.prompt != nil
	export := func(path dbus.ObjectPath, of string, methods map[string]any) {
		if err := s.conn.ExportMethodTable(methods, path, of); err != nil {
			t.Fatal(err)
		}
	}
	export(root, "org.freedesktop.Secret.Service", map[string]any{
		"OpenSession": func(algorithm string, _ dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
			if s.hangs {
				<-t.Context().Done()
			}
			if algorithm != "plain" && !s.lies {
				return dbus.MakeVariant(""), "/", dbus.NewError("org.freedesktop.DBus.Error.NotSupported", []any{"no"})
			}
			return dbus.MakeVariant(""), root + "/session/s1", nil
		},
		"ReadAlias": func(string) (dbus.ObjectPath, *dbus.Error) { return "/", nil },
		"Unlock": func([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
			return nil, prompt1, nil
		},
	})
	export(prompt1, "org.freedesktop.Secret.Prompt", map[string]any{
		"Prompt": func(string) *dbus.Error {
			s.mu.Lock()
			s.prompts++
			s.mu.Unlock()
			go s.prompt(s.complete)
			return nil
		},
		"Dismiss": func() *dbus.Error { s.dismissed <- struct{}{}; return nil },
	})
	if !s.lacks {
		export(login, "org.freedesktop.DBus.Properties", map[string]any{
			"Get": func(string, string) (dbus.Variant, *dbus.Error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				return dbus.MakeVariant(s.locked), nil
			},
		})
	}
	export(login, "org.freedesktop.Secret.Collection", map[string]any{
		"SearchItems": func(attributes map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if _, ok := s.items[attributes["key"]]; !ok {
				return nil, nil
			}
			return []dbus.ObjectPath{login + "/" + dbus.ObjectPath(attributes["key"])}, nil
		},
		"CreateItem": func(properties map[string]dbus.Variant, secret wire, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
			name := properties["org.freedesktop.Secret.Item.Attributes"].Value().(map[string]string)["key"]
			item := login + "/" + dbus.ObjectPath(name)
			switch {
			case s.denies != "":
				return "/", "/", dbus.NewError(s.denies, []any{"no"})
			case !s.deaf:
				s.mu.Lock()
				s.items[name] = secret.Value
				s.mu.Unlock()
			}
			export(item, "org.freedesktop.Secret.Item", map[string]any{
				"GetSecret": func(session dbus.ObjectPath) (wire, *dbus.Error) {
					return wire{session, []byte{}, secret.Value, "text/plain"}, nil
				},
			})
			return item, "/", nil
		},
	})
	if reply, err := s.conn.RequestName(secrets, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return s
}

// complete ends the prompt.
func (s *secretService) complete(dismissed bool) {
	s.mu.Lock()
	s.locked = dismissed
	s.mu.Unlock()
	_ = s.conn.Emit(prompt1, "org.freedesktop.Secret.Prompt.Completed", dismissed, dbus.MakeVariant(""))
}
