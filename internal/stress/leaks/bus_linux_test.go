package leaks

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/internal/testutil"
)

// busConfig is that of a session bus on which everybody may listen.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><listen>unix:dir=/tmp</listen><auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

// A monitor listens on the session bus while tokens are sealed with a key of GNOME's keyring.
func TestKeysOnTheSessionBus(t *testing.T) {
	s := newFixture(t).asClient()
	conn := s.startBus()
	s.startKeyring(conn)
	heard, stop := s.monitor()
	s.must("--token-store", "keyring", "auth", "login")
	s.must("--token-store", "keyring", "auth", "status")
	s.must("--token-store", "keyring", "auth", "logout")
	s.must("--token-store", "keyring", "auth", "login")
	messages := heard()
	key := s.keyOf(conn)
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 32 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	s.secrets["the key as text"], s.secrets["the key"] = key, string(raw)
	s.harvest()
	found := s.mustBeClean(messages)
	files := []testutil.Output{}
	for _, name := range []string{"state/taegis/tokens/taegis.sealed"} {
		files = append(files, testutil.Output{Run: name, Text: read(s.root, name)})
	}
	found += s.mustBeClean(files)
	stress.Report(t, stress.Leaks, "session bus and sealed file, with a monitor on the bus", "0 keys, 0 tokens",
		"%d messages, %d sealed files, %d secrets x %d forms: %d", len(messages), len(files), len(s.secrets), forms, found)
	if !slices.ContainsFunc(messages, func(o testutil.Output) bool { return strings.Contains(o.Run, "CreateItem") }) {
		t.Error("the monitor has not heard that a key was kept")
	}
	// Who asks for it as it is, as keyOf does, is heard.
	mustFind(t, key, heard()...)
	stop()
}

// startBus starts a session bus of the stage's own.
func (s *fixture) startBus() *dbus.Conn {
	s.Helper()
	bus := exec.CommandContext(s.Context(), testutil.Program(s, "dbus-daemon"), "--config-file="+s.write(0o600, "bus.conf", busConfig), "--print-address=1", "--nofork")
	out, err := bus.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	start(s, bus)
	s.Cleanup(func() { _ = bus.Wait() }) // killed by the context
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.Fatal(err)
	}
	s.env["DBUS_SESSION_BUS_ADDRESS"] = strings.TrimSpace(address)
	return s.connect()
}

func (s *fixture) connect() *dbus.Conn {
	s.Helper()
	conn, err := dbus.Connect(s.env["DBUS_SESSION_BUS_ADDRESS"])
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

const secretsName = "org.freedesktop.secrets"

// startKeyring starts GNOME's keyring on the bus, unlocked.
func (s *fixture) startKeyring(conn *dbus.Conn) {
	s.Helper()
	owners := make(chan *dbus.Signal, 16)
	conn.Signal(owners)
	if err := conn.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secretsName)); err != nil {
		s.Fatal(err)
	}
	home := filepath.Join(s.root, "gnome")
	if err := os.Mkdir(home, 0o700); err != nil {
		s.Fatal(err)
	}
	daemon := exec.CommandContext(s.Context(), testutil.Program(s, "gnome-keyring-daemon"), "--foreground", "--unlock", "--components=secrets")
	daemon.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "DBUS_SESSION_BUS_ADDRESS="+s.env["DBUS_SESSION_BUS_ADDRESS"])
	daemon.Stdin = strings.NewReader("throw-away")
	start(s, daemon)
	s.Cleanup(func() { _ = daemon.Wait() }) // killed by the context
	for signal := range owners {
		if signal.Name == "org.freedesktop.DBus.NameOwnerChanged" {
			conn.RemoveSignal(owners)
			return
		}
	}
	s.Fatal("the bus is gone")
}

// monitor hears everything that goes over the bus. heard returns what has come since it was last
// called, once the bus has passed on all that was sent before.
func (s *fixture) monitor() (heard func() []testutil.Output, stop func()) {
	s.Helper()
	conn := s.connect()
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{}, uint32(0)).Err; err != nil {
		s.Fatal(err)
	}
	messages := make(chan *dbus.Message, 4096)
	conn.Eavesdrop(messages)
	marker := s.connect()
	marks := 0
	heard = func() (list []testutil.Output) {
		s.Helper()
		marks++
		mark := fmt.Sprintf("org.example.Mark%d", marks)
		if err := marker.Emit("/", mark+".Mark"); err != nil {
			s.Fatal(err)
		}
		late := time.After(20 * time.Second)
		for {
			select {
			case m := <-messages:
				if m.Headers[dbus.FieldInterface].Value() == mark {
					return list
				}
				list = append(list, testutil.Output{Run: fmt.Sprint("message ", m.Headers[dbus.FieldMember]), Text: fmt.Sprintf("%v %s", m.Body, m.Body)})
			case <-late:
				s.Fatal("the monitor hears nothing")
			}
		}
	}
	return heard, func() { _ = conn.Close() }
}

// keyOf asks the keyring for the key of the stage, without encryption.
func (s *fixture) keyOf(conn *dbus.Conn) string {
	s.Helper()
	service := conn.Object(secretsName, "/org/freedesktop/secrets")
	var output dbus.Variant
	var session dbus.ObjectPath
	if err := service.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&output, &session); err != nil {
		s.Fatal(err)
	}
	var items, locked []dbus.ObjectPath
	if err := service.Call("org.freedesktop.Secret.Service.SearchItems", 0, map[string]string{"application": "taegis-sdk"}).Store(&items, &locked); err != nil || len(items) != 1 {
		s.Fatalf("%d keys, %v", len(items), err)
	}
	var secret struct {
		Session           dbus.ObjectPath
		Parameters, Value []byte
		ContentType       string
	}
	if err := conn.Object(secretsName, items[0]).Call("org.freedesktop.Secret.Item.GetSecret", 0, session).Store(&secret); err != nil {
		s.Fatal(err)
	}
	return string(secret.Value)
}
