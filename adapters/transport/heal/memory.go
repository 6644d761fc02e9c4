package heal

import (
	"errors"
	"log/slog"
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

// most is how many repairs are remembered, in memory and in the folder. There are 950 operations;
// beyond are programs that make up operations, or speak to many regions.
const most = 1024

// recall returns what is known for an operation, nil for nothing.
func (m *memory) recall(p place, op *core.Operation) *remembered {
	m.mu.RLock()
	r, seen := m.known[p]
	m.mu.RUnlock()
	if r != nil && m.now().Sub(r.Made) > lifetime {
		m.forget(p, op, r)
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
	if r, seen := m.known[p]; seen {
		return r // another call was faster
	}
	if name := fileName(p, op); m.files[name] {
		r = load(m.dir, name, p, m.now())
	}
	m.remember(p, r)
	return r
}

// remember holds what is known for an operation. Where there is no room, what needs no repair goes,
// else the oldest repair. The caller holds m.mu.
func (m *memory) remember(p place, r *remembered) {
	if _, seen := m.known[p]; !seen && len(m.known) >= most {
		var oldest place
		var made time.Time
		for p, r := range m.known {
			if r == nil {
				oldest = p
				break
			}
			if made.IsZero() || r.Made.Before(made) {
				oldest, made = p, r.Made
			}
		}
		delete(m.known, oldest)
	}
	m.known[p] = r
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
	for _, name := range list(m.dir, m.now()) {
		m.files[name] = true
	}
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
	m.remember(p, r)
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

// forget drops a repair that no longer works, unless another call has found a better one.
func (m *memory) forget(p place, op *core.Operation, r *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r == nil || m.known[p] != r {
		return
	}
	m.known[p] = nil
	if m.dir != "" {
		drop(filepath.Join(m.dir, fileName(p, op)))
	}
}
