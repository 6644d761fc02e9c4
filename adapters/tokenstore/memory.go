package tokenstore

import (
	"context"
	"iter"
	"maps"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Memory stores tokens in the memory of the process. Its zero value is ready to use. It implements
// [ports.TokenStore], [ports.TokenLister], [ports.StateStore] and [CompareDeleter]. Its methods return
// [core.ErrNoToken], the error of refresh, or the cause of a context that ended.
type Memory struct {
	// Now returns the current time; nil means [time.Now].
	Now func() time.Time

	logins keyed[core.TokenKey]
	mu     sync.Mutex
	tokens map[core.TokenKey]core.Token
	latest map[string]core.TokenKey // by section: the key of the token that was stored last
	states map[core.TokenKey]core.Secret
}

// Load returns the token of key; see [ports.TokenStore].
func (m *Memory) Load(_ context.Context, key core.TokenKey) (core.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if token := m.find(key); !token.IsZero() {
		return token, nil
	}
	return core.Token{}, core.ErrNoToken
}

// Update refreshes the token of key; see [ports.TokenStore].
func (m *Memory) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	unlock, err := m.logins.lock(ctx, key)
	if err != nil {
		return core.Token{}, err
	}
	defer unlock()
	stored, _ := m.Load(ctx, key) // the zero token if there is none
	token, err := refresh(ctx, stored)
	if err != nil {
		return core.Token{}, err
	}
	switch {
	case !token.Valid(now(m.Now)):
	case !token.AccessToken.Equal(stored.AccessToken):
		m.put(key, token)
	case token.Identity != stored.Identity:
		m.identify(key, token)
	}
	return token, nil
}

// Delete deletes the token of key. If key has no account, it deletes all tokens of its section; see
// [ports.TokenStore].
func (m *Memory) Delete(_ context.Context, key core.TokenKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(key)
	if key.Account == "" {
		maps.DeleteFunc(m.tokens, func(k core.TokenKey, _ core.Token) bool { return k.Section == key.Section })
		return nil
	}
	for _, k := range m.meant(key) {
		delete(m.tokens, k)
	}
	return nil
}

// CompareAndDelete deletes the token of key if it is still old; see [CompareDeleter].
func (m *Memory) CompareAndDelete(_ context.Context, key core.TokenKey, old core.Token) (deleted bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.find(key).AccessToken.Equal(old.AccessToken) {
		return false, nil
	}
	for _, k := range m.meant(key) {
		if token := m.tokens[k]; token.AccessToken.Equal(old.AccessToken) || !token.Valid(now(m.Now)) {
			delete(m.tokens, k)
			m.forget(k)
		}
	}
	return true, nil
}

// List yields the keys of all tokens; see [ports.TokenLister].
func (m *Memory) List(context.Context) iter.Seq2[core.TokenKey, error] {
	return func(yield func(core.TokenKey, error) bool) {
		m.mu.Lock()
		keys := maps.Clone(m.tokens)
		m.mu.Unlock()
		for key := range keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}

// find returns the valid token that key means, or the zero token. The caller holds m.mu.
func (m *Memory) find(key core.TokenKey) core.Token {
	for _, k := range m.meant(key) {
		if token := m.tokens[k]; token.Valid(now(m.Now)) {
			return token
		}
	}
	return core.Token{}
}

// meant returns the keys under which the token of key may be stored: if its account is not Named,
// first that of the latest login. The caller holds m.mu.
func (m *Memory) meant(key core.TokenKey) []core.TokenKey {
	latest := m.latest[key.Section]
	if key.Account.Named() || latest.Host != key.Host {
		return []core.TokenKey{key}
	}
	return []core.TokenKey{latest, key}
}

func (m *Memory) put(key core.TokenKey, token core.Token) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key.Account = owner(key, token)
	token.Account, token.Host = key.Account, key.Host
	if m.tokens == nil {
		m.tokens, m.latest = map[core.TokenKey]core.Token{}, map[string]core.TokenKey{}
	}
	m.tokens[key], m.latest[key.Section] = token, key
}

// identify stores the identity of a token if it is still the one that key means.
func (m *Memory) identify(key core.TokenKey, token core.Token) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.meant(key) {
		if stored := m.tokens[k]; stored.AccessToken.Equal(token.AccessToken) {
			stored.Identity = token.Identity
			m.tokens[k] = stored
		}
	}
}

// owner returns the account of a token that was obtained for key: an authenticator without a user
// name may receive the account from the server.
func owner(key core.TokenKey, token core.Token) core.Account {
	if key.Account.Named() || token.Account == "" {
		return key.Account
	}
	return token.Account
}

// now returns the time of clock, or the system's if clock is nil.
func now(clock func() time.Time) time.Time {
	if clock == nil {
		return time.Now()
	}
	return clock()
}
