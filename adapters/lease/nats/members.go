package nats

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
)

// countsOfLease is after how many of its own counts an exporter removes one that has not counted.
const countsOfLease = 5

// member is the row of an exporter.
type member struct {
	// Instance is another one each time the exporter joins.
	Instance string `json:"instance"`
	Count    uint64 `json:"count"`
	// Group is equal for exporters of the same feeds.
	Group string `json:"group"`
}

// table is the entry with all exporters, by name.
type table map[string]member

// silence is for how many own counts another exporter has not counted.
type silence struct {
	count uint64 // its last
	own   int
}

// members is this exporter's view of the table.
type members struct {
	store *Store

	write    sync.Mutex // held while the table is written
	joined   bool
	revision uint64 // of the table that this exporter has written last
	silent   map[string]silence

	mu       sync.Mutex
	instance string
	group    string
	seen     table
	gone     map[string]bool // instances that have left for good
}

// count counts the own row up, or adds it. Without an error, the view was complete at that moment.
func (m *members) count(ctx context.Context, scheduled bool) error {
	m.write.Lock()
	defer m.write.Unlock()
	for {
		t, revision, err := m.read(ctx)
		if err != nil {
			return err
		}
		own, found := t[m.store.Name]
		if m.joined && found && own.Instance != m.self() {
			return m.twice()
		}
		if m.joined && !found {
			m.store.Logger.Warn("the other exporters have removed this one, which begins again")
			m.store.evict(m)
		}
		t[m.store.Name] = member{Instance: m.self(), Count: own.Count + 1, Group: m.group}
		m.bury(t)
		if err := m.replace(ctx, t, revision); err == nil {
			m.joined = true
			if scheduled {
				m.listen(t)
			}
			return nil
		} else if !errors.Is(err, errConflict) {
			return err
		}
		if err := pause.For(ctx, shortPause()); err != nil {
			return err
		}
	}
}

// read returns the table. A server can answer with an old one, which is not used.
func (m *members) read(ctx context.Context) (table, uint64, error) {
	for {
		e, err := m.store.get(ctx, membersKey)
		if err != nil {
			return nil, 0, err
		}
		t := table{}
		if e.revision >= m.revision {
			if e.revision > 0 {
				err = json.Unmarshal(e.value, &t)
			}
			return t, e.revision, err
		}
		if err := pause.For(ctx, shortPause()); err != nil {
			return nil, 0, err
		}
	}
}

func (m *members) replace(ctx context.Context, t table, revision uint64) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if revision, err = m.store.put(ctx, membersKey, text, revision); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revision, m.seen = revision, t
	return nil
}

// listen notes which exporters have not counted since the last own count.
func (m *members) listen(t table) {
	now := map[string]silence{}
	for name, other := range t {
		if name == m.store.Name {
			continue
		}
		before, known := m.silent[other.Instance]
		if known && before.count == other.Count {
			now[other.Instance] = silence{other.Count, before.own + 1}
		} else {
			now[other.Instance] = silence{count: other.Count}
		}
	}
	m.silent = now
}

// bury removes the exporters that have not counted for the time of a lease.
func (m *members) bury(t table) {
	for name, other := range t {
		if quiet := m.silent[other.Instance]; quiet.own >= countsOfLease && quiet.count == other.Count {
			m.store.Logger.Warn("an exporter is gone, and its feeds are free", "name", name)
			delete(t, name)
		}
	}
}

// leave removes the own row.
func (m *members) leave(ctx context.Context) error {
	m.write.Lock()
	defer m.write.Unlock()
	for {
		t, revision, err := m.read(ctx)
		if err != nil || t[m.store.Name].Instance != m.self() {
			return err
		}
		delete(t, m.store.Name)
		if err := m.replace(ctx, t, revision); !errors.Is(err, errConflict) {
			return err
		}
	}
}

// isGone reports whether an instance has left for good. It asks if it is not known.
func (m *members) isGone(ctx context.Context, instance string) (bool, error) {
	if gone, known := m.known(instance); known {
		return gone, nil
	}
	if err := m.count(ctx, false); err != nil {
		return false, err
	}
	gone, known := m.known(instance)
	if known {
		return gone, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone[instance] = true // another row of the exporter is another instance
	return true, nil
}

func (m *members) known(instance string) (gone, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone[instance] {
		return true, true
	}
	for _, other := range m.seen {
		if other.Instance == instance {
			return false, true
		}
	}
	return false, false
}

// exporters returns how many exporters have the same feeds, with this one.
func (m *members) exporters() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for name, other := range m.seen {
		if name == m.store.Name || other.Group == m.group {
			n++
		}
	}
	return max(n, 1)
}

func (m *members) self() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.instance
}

// renew makes this exporter another instance.
func (m *members) renew() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone[m.instance] = true
	m.instance = rand.Text()
}

// twice is the error if two exporters have the same name.
func (m *members) twice() error {
	return &core.SinkError{
		Sink: m.store.name(), Reason: "another exporter has taken the name " + m.store.Name,
		HintText: "give each exporter a name of its own", Permanent: true,
	}
}

// keep counts until the context ends.
func (m *members) keep(ctx context.Context) {
	for {
		if err := pause.For(ctx, m.store.retry()); err != nil {
			return
		}
		err := m.count(ctx, true)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			m.store.fail(err)
			return
		}
	}
}

// shortPause returns a random time before what others have changed is tried again.
func shortPause() time.Duration {
	return time.Duration(1+randomByte()) * 100 * time.Microsecond
}

func randomByte() byte {
	var b [1]byte
	_, _ = rand.Read(b[:]) // it never fails
	return b[0]
}
