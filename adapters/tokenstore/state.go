package tokenstore

import (
	"context"
	"maps"

	"github.com/taegis-go/taegis/core"
)

// LoadState returns the state of key; see [ports.StateStore].
func (m *Memory) LoadState(_ context.Context, key core.TokenKey) (core.Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[key], nil
}

// SaveState replaces the state of key; see [ports.StateStore].
func (m *Memory) SaveState(_ context.Context, key core.TokenKey, state core.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case state.IsZero():
		delete(m.states, key)
	case m.states == nil:
		m.states = map[core.TokenKey]core.Secret{key: state}
	default:
		m.states[key] = state
	}
	return nil
}

// forget deletes the state of key; with an empty account all states of its section. The caller holds
// m.mu.
func (m *Memory) forget(key core.TokenKey) {
	delete(m.states, key)
	if key.Account == "" {
		maps.DeleteFunc(m.states, func(k core.TokenKey, _ core.Secret) bool { return k.Section == key.Section })
	}
}
