package plugins_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// versioned is a folder with versions of one program, as a package manager fills it.
type versioned struct {
	*fixture

	program []byte
	log     lockedBuffer
}

// lockedBuffer is a buffer for a logger.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

func newVersioned(t *testing.T) *versioned {
	t.Helper()
	if runtime.GOOS == "darwin" {
		t.Skip("versions differ in bytes that macOS checks")
	}
	v := &versioned{fixture: play(t, "opaque")}
	var err error
	if v.program, err = os.ReadFile(v.Path); err != nil {
		t.Fatal(err)
	}
	v.Path = filepath.Join(t.TempDir(), "taegis-plugin-acme")
	v.Logger = slog.New(slog.NewTextHandler(&v.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return v
}

// put puts a version at path, replacing what is there, and returns its checksum.
func (v *versioned) put(t *testing.T, path, version string) string {
	t.Helper()
	if err := os.WriteFile(path+".new", append(bytes.Clone(v.program), version...), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	sum, err := plugins.Checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// wantVersion logs in, and checks which version did it.
func (v *versioned) wantVersion(t *testing.T, p *plugins.Plugin, sum string) {
	t.Helper()
	if _, err := p.Authenticate(t.Context(), v.request()); err != nil {
		t.Fatal(err)
	}
	log := v.log.text()
	at := strings.LastIndex(log, "sha256=")
	if at < 0 || !strings.HasPrefix(log[at:], "sha256="+sum) {
		t.Fatalf("another version than %s ran: %s", sum, log)
	}
}

// TestProfileFirst lists the new version before it is there: the old one runs until then, and a
// process that runs is replaced at its next login.
func TestProfileFirst(t *testing.T) {
	v := newVersioned(t)
	next := v.put(t, v.Path, "2")
	old := v.put(t, v.Path, "1")
	v.SHA256 = []string{next, old}
	service := v.open(t)
	v.wantVersion(t, service, old)
	v.put(t, v.Path, "2")
	v.wantVersion(t, service, next)
	v.wantVersion(t, v.open(t), next)
}

// TestProgramFirst replaces the program before the new version is listed: a process that runs goes
// on, and a new one starts the old version if that is kept next to it.
func TestProgramFirst(t *testing.T) {
	v := newVersioned(t)
	old := v.put(t, v.Path, "1")
	v.SHA256 = []string{old}
	service := v.open(t)
	v.wantVersion(t, service, old)
	next := v.put(t, v.Path, "2")
	v.wantVersion(t, service, old)
	if !strings.Contains(v.log.text(), "level=WARN") {
		t.Errorf("nothing warns of the version that is not listed: %s", v.log.text())
	}
	_, err := v.open(t).Authenticate(t.Context(), v.request())
	if e, ok := errors.AsType[*plugins.ChecksumError](err); !ok || e.Got != next {
		t.Errorf("a new process gives %v", err)
	}
	v.put(t, plugins.VersionPath(v.Path, old), "1")
	v.wantVersion(t, v.open(t), old)
}

// TestVersionsSideBySide starts the most preferred version that is there and may run.
func TestVersionsSideBySide(t *testing.T) {
	v := newVersioned(t)
	old, next := v.put(t, v.Path, "1"), v.put(t, v.Path, "2")
	for _, sum := range []string{old, next} {
		v.put(t, plugins.VersionPath(v.Path, sum), map[string]string{old: "1", next: "2"}[sum])
	}
	for name, c := range map[string]struct {
		spoil      string
		sums, deny []string
		want       string
	}{
		"new first":             {"", []string{next, old}, nil, next},
		"rolled back":           {"", []string{old, next}, nil, old},
		"path of a version":     {"", []string{next, old}, nil, next},
		"new denied":            {"", []string{next, old}, []string{strings.ToUpper(next)}, old},
		"all denied":            {"", []string{next, old}, []string{next, old}, ""},
		"neither listed":        {"", []string{strings.Repeat("0", 64)}, nil, ""},
		"new tampered":          {next, []string{next, old}, nil, old},
		"old tampered, not new": {old, []string{next, old}, nil, next},
	} {
		t.Run(name, func(t *testing.T) {
			s := *v.fixture
			s.SHA256, s.Deny = c.sums, c.deny
			if name == "path of a version" {
				s.Path = plugins.VersionPath(v.Path, old)
			}
			if c.spoil != "" {
				v.put(t, v.Path, "spoiled")
				v.put(t, plugins.VersionPath(v.Path, c.spoil), "spoiled")
				defer v.put(t, plugins.VersionPath(v.Path, c.spoil), map[string]string{old: "1", next: "2"}[c.spoil])
				defer v.put(t, v.Path, "2")
			}
			found, err := plugins.FindProgram(s.Config)
			if found.SHA256 != c.want || c.want == "" && !errors.Is(err, core.ErrUntrusted) {
				t.Errorf("%+v, %v; want %s", found, err, c.want)
			}
		})
	}
}
