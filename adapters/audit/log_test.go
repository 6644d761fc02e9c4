package audit_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/audit"
	"github.com/taegis-go/taegis/core"
)

// secret is in the text of every error here, and must be in no log.
const secret = "s3cr3t-of-the-server"

func event(kind core.LoginEventKind, err error) core.LoginEvent {
	return core.LoginEvent{
		Kind: kind, Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Duration: 1500 * time.Millisecond,
		Environment: "charlie", AuthHost: "api.ctpx.secureworks.com", Tenant: "145831", Authenticator: "plugin:acme",
		Account: core.PluginAccount("acme"), Username: "ann@example.com\ninjected", Expiry: time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC),
		Program: core.Program{Name: "acme", Path: "/usr/lib/taegis/acme", SHA256: strings.Repeat("a", 64), Version: "1.2.3", Vendor: "ACME"},
		Err:     err,
	}
}

// lines returns the records of a log file.
func lines(t *testing.T, path string) (records []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		records = append(records, r)
	}
	return records
}

func observe(t *testing.T, l *audit.Log, e core.LoginEvent) {
	t.Helper()
	if err := l.ObserveLogin(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	l := &audit.Log{Target: path}
	defer l.Close()
	for kind, c := range map[core.LoginEventKind]struct {
		err          error
		result, code string
	}{
		core.EventLogin:         {nil, "success", "ok"},
		core.EventRefresh:       {&core.LoginError{Authenticator: "a", Reason: secret, Denied: true}, "failure", "denied"},
		core.EventLogout:        {&core.FileError{Path: "/x", Reason: secret}, "failure", "store"},
		core.EventTokenRejected: {core.ErrUnauthorized, "failure", "rejected"},
		core.EventSkipped:       {&core.UnavailableError{Reason: secret}, "failure", "unavailable"},
		core.EventPluginStart:   {&core.ConnectionError{Operation: "login", Host: "h", Err: errors.New(secret)}, "failure", "unreachable"},
		core.EventPluginCrash:   {errors.New(secret), "failure", "failed"},
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		observe(t, l, event(kind, c.err))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), secret) {
			t.Errorf("a secret is in %s", text)
		}
		r := lines(t, path)[0]
		for key, want := range map[string]any{
			"time": "2026-03-01T12:00:00.000Z", "event": string(kind), "result": c.result, "reason": c.code, "duration_ms": 1500.0,
			"environment": "charlie", "tenant": "145831", "authenticator": "plugin:acme", "account": string(core.PluginAccount("acme")),
			"user": "ann@example.com\ninjected", "uid": fmt.Sprint(os.Getuid()), "pid": float64(os.Getpid()), "expiry": "2026-03-01T13:00:00Z",
		} {
			if r[key] != want {
				t.Errorf("%s: %s is %v, want %v", kind, key, r[key], want)
			}
		}
		plugin, _ := r["plugin"].(map[string]any)
		if plugin["version"] != "1.2.3" || plugin["sha256"] != strings.Repeat("a", 64) || plugin["vendor"] != "ACME" {
			t.Errorf("the plugin is %v", plugin)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Another program rotates the file: the next event goes to a new one.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.jsonl")
	l := &audit.Log{Target: path}
	defer l.Close()
	observe(t, l, event(core.EventLogin, nil))
	if err := os.Rename(path, path+".1"); err != nil {
		t.Skip("an open file cannot be renamed here:", err)
	}
	observe(t, l, event(core.EventLogout, nil))
	observe(t, l, event(core.EventLogout, nil))
	if before, after := lines(t, path+".1"), lines(t, path); len(before) != 1 || len(after) != 2 {
		t.Errorf("%d and %d records", len(before), len(after))
	}
}

// Lines of many writers do not mix.
func TestManyWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	var writers sync.WaitGroup
	for range 8 {
		l := &audit.Log{Target: path}
		defer l.Close()
		writers.Go(func() {
			for range 50 {
				observe(t, l, event(core.EventLogin, nil))
			}
		})
	}
	writers.Wait()
	if n := len(lines(t, path)); n != 400 {
		t.Errorf("%d records", n)
	}
}

// A log that cannot be written is told once, or denies each login if it is required.
func TestFaults(t *testing.T) {
	dir := t.TempDir()
	for name, target := range map[string]string{
		"no folder":   filepath.Join(dir, "missing", "audit.jsonl"),
		"a folder":    dir,
		"no service":  "syslog:" + filepath.Join(dir, "no-socket"),
		"no target":   "somewhere",
		"a bad place": "journal:relative",
	} {
		t.Run(name, func(t *testing.T) {
			var logged bytes.Buffer
			l := &audit.Log{Target: target, Logger: slog.New(slog.NewTextHandler(&logged, nil))}
			for range 3 {
				observe(t, l, event(core.EventLogin, nil))
			}
			if n := strings.Count(logged.String(), "the audit log cannot be written"); n < 1 || strings.Count(logged.String(), "\n") != 1 {
				t.Errorf("logged: %s", &logged)
			}
			required := &audit.Log{Target: target, Required: true}
			err := required.ObserveLogin(t.Context(), event(core.EventLogin, nil))
			if _, ok := errors.AsType[*core.FileError](err); !ok || core.Hint(err) == "" {
				t.Errorf("required: %v", err)
			}
		})
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := (&audit.Log{Target: link, Required: true}).ObserveLogin(t.Context(), event(core.EventLogin, nil)); err == nil {
		t.Error("a symbolic link was followed")
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a symbolic link was followed")
	}
}

func TestServices(t *testing.T) {
	dir, err := os.MkdirTemp("", "audit") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, service := range []string{audit.Syslog, audit.Journal} {
		socket := filepath.Join(dir, service)
		listen := func() *net.UnixConn {
			_ = os.Remove(socket)
			conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
			if err != nil {
				t.Skip("no sockets of that kind here:", err)
			}
			return conn
		}
		l := &audit.Log{Target: service + ":" + socket, Required: true}
		for range 2 { // the service is started again in between
			conn := listen()
			observe(t, l, event(core.EventLogin, core.ErrDenied))
			message := make([]byte, 8<<10)
			n, err := conn.Read(message)
			if err != nil {
				t.Fatal(err)
			}
			text := string(message[:n])
			prefix, body, _ := strings.Cut(text, "{")
			var r map[string]any
			if err := json.NewDecoder(bufio.NewReader(strings.NewReader("{" + body))).Decode(&r); err != nil || r["reason"] != "denied" {
				t.Errorf("%s: %q, %v", service, text, err)
			}
			for _, part := range map[string][]string{
				audit.Syslog:  {"<84>", ": @cee: "},
				audit.Journal: {"PRIORITY=4\n", "SYSLOG_FACILITY=10\n", "MESSAGE="},
			}[service] {
				if !strings.Contains(prefix, part) {
					t.Errorf("%s: %q is missing in %q", service, part, prefix)
				}
			}
			conn.Close()
		}
		l.Close()
	}
}
