package heal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/private"
)

// lifetime is how long a repair is believed: the server may have caught up since.
const lifetime = 24 * time.Hour

// place says what a repair is for.
type place struct {
	host, gateway string
	kind          core.Kind
	operation     string
	selection     string // as it was written
}

// memory keeps repairs while the process runs and, in files, beyond.
type memory struct {
	dir    string // empty: nowhere; guarded by mu
	now    func() time.Time
	logger *slog.Logger

	mu    sync.RWMutex
	read  bool                  // the folder has been looked into
	files map[string]bool       // its files that have not been read yet
	known map[place]*remembered // nil for what is known to need no repair
}

// remembered is a repair as it is kept.
type remembered struct {
	Version   int       `json:"version"`
	Host      string    `json:"host"`
	Gateway   string    `json:"gateway"`
	Operation string    `json:"operation"`
	Made      time.Time `json:"made"`
	repair
	warned sync.Once
}

// version is that of the files' format.
const version = 1

// recall returns what is known for an operation, nil for nothing.
func (m *memory) recall(p place, op *core.Operation) *remembered {
	m.mu.RLock()
	r, seen := m.known[p]
	m.mu.RUnlock()
	if r != nil && m.now().Sub(r.Made) > lifetime {
		m.forget(p, op)
		return nil
	}
	if seen {
		return r
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lookAround()
	if len(m.files) == 0 {
		return nil
	}
	if name := fileName(p, op); m.files[name] {
		r = m.load(name, p)
	}
	m.known[p] = r
	return r
}

// idle reports whether there is nothing to recall, as long as no schema has drifted.
func (m *memory) idle() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.read && len(m.files) == 0 && len(m.known) == 0
}

// lookAround lists the folder, once.
func (m *memory) lookAround() {
	if m.read {
		return
	}
	m.read, m.files, m.known = true, map[string]bool{}, map[place]*remembered{}
	if m.dir == "" {
		return
	}
	if err := private.Folder(m.dir); errors.Is(err, private.ErrUnsafe) { // others could choose what is sent
		m.logger.Warn("the folder of repaired operations is not used", "error", err)
		m.dir = ""
		return
	}
	entries, _ := os.ReadDir(m.dir) // a folder that is not there, or not for us, holds nothing
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && m.now().Sub(info.ModTime()) > lifetime {
			_ = os.Remove(filepath.Join(m.dir, entry.Name())) // another time will do
			continue
		}
		m.files[entry.Name()] = true
	}
}

// load reads a file; one that is old, damaged or about something else is removed.
func (m *memory) load(name string, p place) *remembered {
	path := filepath.Join(m.dir, name)
	text, err := private.ReadFile(path)
	if err != nil {
		_ = os.Remove(path) // others could have written it
		return nil
	}
	var r remembered
	err = json.Unmarshal(text, &r)
	age := m.now().Sub(r.Made)
	if err != nil || r.Version != version || r.Host != p.host || r.Gateway != p.gateway || r.Operation != p.operation || age < 0 || age > lifetime {
		_ = os.Remove(path) // else it expires again the next time
		return nil
	}
	if _, err := parseSelection(r.Selection); err != nil {
		_ = os.Remove(path)
		return nil
	}
	return &r
}

// keep remembers a repair that worked.
func (m *memory) keep(p place, op *core.Operation, what *repair) *remembered {
	r := &remembered{Version: version, Host: p.host, Gateway: p.gateway, Operation: p.operation, Made: m.now(), repair: *what}
	m.mu.Lock()
	m.lookAround()
	if known := m.known[p]; known != nil && known.equal(what) {
		m.mu.Unlock()
		return known
	}
	m.known[p] = r
	dir := m.dir
	m.mu.Unlock()
	if dir == "" {
		return r
	}
	if err := r.save(dir, fileName(p, op)); err != nil {
		m.logger.Debug("a repaired operation could not be kept for later", "operation", p.operation, "error", err)
	}
	return r
}

// save writes a file that is never seen half-written.
func (r *remembered) save(dir, name string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := private.MakeFolder(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, name+".*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// forget drops a repair that no longer works.
func (m *memory) forget(p place, op *core.Operation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[p] = nil
	if m.dir != "" {
		_ = os.Remove(filepath.Join(m.dir, fileName(p, op))) // else it is forgotten again the next time
	}
}

// fileName is a digest of where and what: of the operation all that its documents are made of,
// before values are written into them.
func fileName(p place, op *core.Operation) string {
	h := sha256.New()
	for _, text := range []string{p.host, p.gateway, string(p.kind), p.operation, p.selection} {
		h.Write([]byte(text + "\x00"))
	}
	for _, a := range op.Arguments {
		h.Write([]byte(a.Name + ":" + a.Type + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16]) + ".json"
}
