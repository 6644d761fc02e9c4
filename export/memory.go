package export

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] in memory, for tests. Its zero value is an empty store.
type Memory struct {
	mu       sync.Mutex
	position string
	feeds    map[string]Progress
	marks    map[string]Marks
}

// Position returns the position of the sink at the last commit.
func (m *Memory) Position(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.position, nil
}

// Load returns the progress of a feed.
func (m *Memory) Load(_ context.Context, id FeedID) (Progress, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, found := m.feeds[id.Key()]
	return p, found, nil
}

// Marks returns the marks of the records of a feed that were delivered.
func (m *Memory) Marks(_ context.Context, id FeedID, from, to time.Time) (Marks, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := slices.DeleteFunc(slices.Clone(m.marks[id.Key()]), func(mark Mark) bool { return !mark.within(from, to) })
	return sorted(found), nil
}

// Commit keeps a commit.
func (m *Memory) Commit(_ context.Context, c Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.feeds == nil {
		m.feeds, m.marks = map[string]Progress{}, map[string]Marks{}
	}
	state := checkpoint{Feeds: m.feeds}
	state.apply(c, m.marks)
	m.position = state.Position
	return nil
}
