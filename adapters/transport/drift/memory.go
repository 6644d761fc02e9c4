package drift

import (
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// place says what a repair is for.
type place struct {
	host, gateway string
	kind          core.OperationKind
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
	Version   int    `json:"version"`
	Host      string `json:"host"`
	Gateway   string `json:"gateway"`
	Operation string `json:"operation"`
	adaptation
	belief // guarded by memory.mu
	warned sync.Once
}

// version is that of the files' format.
const version = 2

// most is how many repairs are remembered, in memory and in the folder. There are 950 operations;
// beyond are programs that make up operations, or speak to many regions.
const most = 1024

// recall returns what is known for an operation, nil for nothing.
func (m *memory) recall(p place, op *core.Operation) *remembered {
	m.mu.RLock()
	r, seen := m.known[p]
	over := r != nil && r.over(m.now())
	m.mu.RUnlock()
	if over {
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
		var rejected time.Time
		for p, r := range m.known {
			if r == nil {
				oldest = p
				break
			}
			if rejected.IsZero() || r.Rejected.Before(rejected) {
				oldest, rejected = p, r.Rejected
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
	if err := fileperm.Folder(m.dir); errors.Is(err, fileperm.ErrUnsafe) { // others could choose what is sent
		m.logger.Warn("the folder of repaired operations is not used", "error", err)
		m.dir = ""
		return
	}
	for _, name := range list(m.dir, m.now()) {
		m.files[name] = true
	}
}

// keep remembers a repair that worked. What is known about the whole operation stays known.
func (m *memory) keep(p place, op *core.Operation, what *adaptation) *remembered {
	m.mu.Lock()
	m.lookAround()
	known := m.known[p]
	if known != nil && known.equal(what) {
		m.mu.Unlock()
		return known
	}
	r := &remembered{Version: version, Host: p.host, Gateway: p.gateway, Operation: p.operation, adaptation: *what}
	if known != nil {
		r.belief = known.belief
	} else {
		r.reject(m.now())
	}
	m.remember(p, r)
	write := m.writer(p, op, r)
	m.mu.Unlock()
	write()
	return r
}

// claim reports whether a call is to try the whole operation, although a repair is known. If that is
// due, one call tries it and the others use the repair.
func (m *memory) claim(r *remembered) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if r.trusts(now) {
		return false
	}
	if !r.Retry.IsZero() {
		r.Retry = now.Add(trialTime)
	}
	return true
}

// accepted notes that the whole operation was accepted, if a repair for it is known.
func (m *memory) accepted(p place, op *core.Operation) {
	m.change(p, op, (*belief).accept)
}

// rejected notes that the whole operation of a call was refused, and the repair accepted.
func (m *memory) rejected(p place, op *core.Operation) {
	now := m.now()
	m.change(p, op, func(b *belief) { b.reject(now) })
}

// asksTwice reports whether a call whose whole operation is refused sends it once more.
func (m *memory) asksTwice(r *remembered) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return r.asksTwice()
}

// change changes what is known about an operation, and writes news to its file.
func (m *memory) change(p place, op *core.Operation, how func(*belief)) {
	m.mu.Lock()
	r := m.known[p]
	if r == nil {
		m.mu.Unlock()
		return
	}
	before := r.belief
	how(&r.belief)
	write := func() {}
	if r.belief != before && r.isNews(before) {
		write = m.writer(p, op, r)
	}
	m.mu.Unlock()
	write()
}

// writer returns a function that writes a repair as it is now to its file. The caller holds m.mu,
// and calls the function after unlocking it.
func (m *memory) writer(p place, op *core.Operation, r *remembered) func() {
	dir := m.dir
	if dir == "" {
		return func() {}
	}
	text, err := json.Marshal(r)
	return func() {
		if err == nil {
			err = save(dir, fileName(p, op), text)
		}
		if err != nil {
			m.logger.Debug("a repaired operation could not be kept for later", "operation", p.operation, "error", err)
		}
	}
}

// forget drops a repair that is too old, unless another call has found a better one.
func (m *memory) forget(p place, op *core.Operation, r *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[p] != r {
		return
	}
	m.known[p] = nil
	if m.dir != "" {
		drop(filepath.Join(m.dir, fileName(p, op)))
	}
}
