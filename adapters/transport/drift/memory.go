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

// operationKey identifies the server and the operation of an adaptation.
type operationKey struct {
	host, gateway string
	kind          core.OperationKind
	operation     string
	selection     string // the original
}

// memory stores adaptations in the process and, for other processes, in files.
type memory struct {
	dir    string // no files if empty; guarded by mu
	now    func() time.Time
	logger *slog.Logger

	mu    sync.RWMutex
	read  bool                         // the folder has been listed
	files map[string]bool              // its files that have not been read yet
	known map[operationKey]*remembered // nil if the operation has no file
}

// remembered is a stored adaptation.
type remembered struct {
	Version   int    `json:"version"`
	Host      string `json:"host"`
	Gateway   string `json:"gateway"`
	Operation string `json:"operation"`
	adaptation
	history // guarded by memory.mu
	warned  sync.Once
}

// version is the version of the files' format.
const version = 3

// maxAdaptations is the maximum number of adaptations in memory and in the folder. There are 1,002
// operations; only programs that generate operations or use many regions have more.
const maxAdaptations = 1024

// recall returns the adaptation of an operation, or nil.
func (m *memory) recall(key operationKey, op *core.Operation) *remembered {
	m.mu.RLock()
	r, seen := m.known[key]
	expired := r != nil && r.expired(m.now())
	m.mu.RUnlock()
	if expired {
		m.forget(key, op, r)
		return nil
	}
	if seen {
		return r
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.listFolder()
	if len(m.files) == 0 {
		return nil
	}
	if r, seen := m.known[key]; seen {
		return r // another call has read it meanwhile
	}
	if name := fileName(key, op); m.files[name] {
		r = load(m.dir, name, key, m.now())
	}
	m.remember(key, r)
	return r
}

// remember stores the adaptation of an operation in memory. If there are too many entries, it
// removes one without an adaptation, or else the oldest. The caller holds m.mu.
func (m *memory) remember(key operationKey, r *remembered) {
	if _, seen := m.known[key]; !seen && len(m.known) >= maxAdaptations {
		var oldest operationKey
		var rejected time.Time
		for known, r := range m.known {
			if r == nil {
				oldest = known
				break
			}
			if rejected.IsZero() || r.Rejected.Before(rejected) {
				oldest, rejected = known, r.Rejected
			}
		}
		delete(m.known, oldest)
	}
	m.known[key] = r
}

// idle reports whether no adaptation is stored, so that recall need not be called.
func (m *memory) idle() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.read && len(m.files) == 0 && len(m.known) == 0
}

// listFolder lists the folder's files when it is first called. The caller holds m.mu.
func (m *memory) listFolder() {
	if m.read {
		return
	}
	m.read, m.files, m.known = true, map[string]bool{}, map[operationKey]*remembered{}
	if m.dir == "" {
		return
	}
	if err := fileperm.Folder(m.dir); errors.Is(err, fileperm.ErrUnsafe) { // other users could change what is sent
		m.logger.Warn("the drift cache is not used", "error", err)
		m.dir = ""
		return
	}
	for _, name := range listFiles(m.dir, m.now()) {
		m.files[name] = true
	}
}

// keep stores an adaptation that worked. It keeps the operation's history.
func (m *memory) keep(key operationKey, op *core.Operation, worked *adaptation) *remembered {
	m.mu.Lock()
	m.listFolder()
	known := m.known[key]
	if known != nil && known.equal(worked) {
		m.mu.Unlock()
		return known
	}
	r := &remembered{Version: version, Host: key.host, Gateway: key.gateway, Operation: key.operation, adaptation: *worked}
	if known != nil {
		r.history = known.history
	} else {
		r.reject(m.now())
	}
	m.remember(key, r)
	write := m.writer(key, op, r)
	m.mu.Unlock()
	write()
	return r
}

// startTrial reports whether the call tries the original operation although an adaptation is
// stored. If a trial is due, it returns true to one call; the others use the adaptation.
func (m *memory) startTrial(r *remembered) bool {
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

// accepted records that the original operation was accepted, if an adaptation for it is stored.
func (m *memory) accepted(key operationKey, op *core.Operation) {
	m.change(key, op, (*history).accept)
}

// rejected records that a call's original operation was rejected and its adaptation accepted.
func (m *memory) rejected(key operationKey, op *core.Operation) {
	now := m.now()
	m.change(key, op, func(b *history) { b.reject(now) })
}

// confirms reports whether a call sends the original operation a second time after a rejection.
func (m *memory) confirms(r *remembered) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return r.confirms()
}

// change changes the history of an operation, and stores the change if it matters to other
// processes.
func (m *memory) change(key operationKey, op *core.Operation, update func(*history)) {
	m.mu.Lock()
	r := m.known[key]
	if r == nil {
		m.mu.Unlock()
		return
	}
	before := r.history
	update(&r.history)
	write := func() {}
	if r.history != before && r.worthStoring(before) {
		write = m.writer(key, op, r)
	}
	m.mu.Unlock()
	write()
}

// writer returns a function that writes the current state of an adaptation to its file. The caller
// holds m.mu, and calls the function after unlocking it.
func (m *memory) writer(key operationKey, op *core.Operation, r *remembered) func() {
	dir := m.dir
	if dir == "" {
		return func() {}
	}
	text, err := json.Marshal(r)
	return func() {
		if err == nil {
			err = save(dir, fileName(key, op), text)
		}
		if err != nil {
			m.logger.Debug("cannot store an adaptation in the drift cache", "operation", key.operation, "error", err)
		}
	}
}

// forget removes an expired adaptation, unless another call has replaced it.
func (m *memory) forget(key operationKey, op *core.Operation, r *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[key] != r {
		return
	}
	m.known[key] = nil
	if m.dir != "" {
		drop(filepath.Join(m.dir, fileName(key, op)))
	}
}
