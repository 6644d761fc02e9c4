package portstest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// TokenStore tests that a store fulfills the contract of [ports.TokenStore] and, if it can list, of
// [ports.TokenLister]:
//
//	func TestStore(t *testing.T) {
//		portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore {
//			dir := t.TempDir()
//			return func() ports.TokenStore { return &Store{Dir: dir} }
//		})
//	}
//
// The function prepare returns an empty place for the tokens of each test: a function that returns
// a store for that place. Each of its calls stands for another process. If processes cannot share
// tokens, as in memory, it returns the same store each time. A store that is an [io.Closer] is
// closed after the test.
//
// The tokens of the tests are JSON Web Tokens, so a store may read their claims. A call of a store
// that takes longer than a minute fails the test.
func TokenStore(t *testing.T, prepare func(t *testing.T) (open func() ports.TokenStore)) {
	for _, test := range []struct {
		name string
		run  func(*storeTest)
	}{
		{"an empty store has no token", (*storeTest).testEmpty},
		{"a stored token comes back", (*storeTest).testStored},
		{"a stored token is passed to refresh", (*storeTest).testShown},
		{"a new token replaces the old one", (*storeTest).testReplaced},
		{"a token keeps its identity", (*storeTest).testIdentity},
		{"an error of refresh is returned", (*storeTest).testRefreshFails},
		{"an invalid token is not stored", (*storeTest).testInvalid},
		{"a token belongs to its account", (*storeTest).testAccounts},
		{"a login names its account", (*storeTest).testNamedByLogin},
		{"a token belongs to its host", (*storeTest).testHosts},
		{"a token belongs to its section", (*storeTest).testSections},
		{"deleting one token", (*storeTest).testDeleteOne},
		{"deleting all of an environment", (*storeTest).testDeleteAll},
		{"many start together, one refreshes", (*storeTest).testTogether},
		{"waiting ends with the context", (*storeTest).testWaiting},
		{"listing", (*storeTest).testList},
		{"another store of the place has the tokens", (*storeTest).testOpenedAgain},
		{"two stores of the place keep each other's tokens", (*storeTest).testTwoWriters},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &storeTest{T: t, open: prepare(t)}
			s.TokenStore = s.another()
			test.run(s)
		})
	}
}

// A section, the authentication host that issues its tokens, and three accounts.
const (
	section = "charlie"
	host    = "api.ctpx.secureworks.com"
)

var (
	first  = core.TokenKey{Section: section, Host: host, Account: core.ClientAccount(host, "first")}
	second = core.TokenKey{Section: section, Host: host, Account: core.ClientAccount(host, "second")}
	user   = core.TokenKey{Section: section, Host: host, Account: core.AnyUserAccount}
)

// storeTest is a place under test, with one store for it.
type storeTest struct {
	*testing.T
	ports.TokenStore
	open func() ports.TokenStore
}

// another returns one more store for the place, as another process would have it.
func (s *storeTest) another() ports.TokenStore {
	store := s.open()
	s.Cleanup(func() { closeStore(s.T, store) })
	return limited{store}
}

// mint returns a new token for key that expires after life.
func mint(key core.TokenKey, life time.Duration) core.Token {
	now := time.Now().Truncate(time.Second)
	part := func(v any) string {
		text, _ := json.Marshal(v) // maps of strings and numbers have no errors
		return base64.RawURLEncoding.EncodeToString(text)
	}
	access := part(map[string]any{"alg": "none"}) + "." + part(map[string]any{
		"exp": now.Add(life).Unix(), "iat": now.Unix(), "jti": serial.Add(1),
	}) + ".c2lnbmF0dXJl"
	t := core.NewToken(access, now)
	t.Account, t.Host, t.Origin = key.Account, key.Host, "portstest"
	return t
}

var serial atomic.Int64

// keep stores token under key and returns it.
func (s *storeTest) keep(key core.TokenKey, token core.Token) core.Token {
	s.Helper()
	got, err := s.Update(s.Context(), key, func(context.Context, core.Token) (core.Token, error) { return token, nil })
	if err != nil || !got.AccessToken.Equal(token.AccessToken) {
		s.Fatalf("Update of %v: %v; same token: %v", key, err, got.AccessToken.Equal(token.AccessToken))
	}
	return token
}

func (s *storeTest) want(key core.TokenKey, token core.Token) {
	s.Helper()
	if got, err := s.Load(s.Context(), key); err != nil || !got.AccessToken.Equal(token.AccessToken) {
		s.Errorf("Load of %v: %v; want the token expiring %v, got the one expiring %v", key, err, token.Expiry, got.Expiry)
	}
}

func (s *storeTest) wantNone(key core.TokenKey) {
	s.Helper()
	if got, err := s.Load(s.Context(), key); !errors.Is(err, core.ErrNoToken) || !got.IsZero() {
		s.Errorf("Load of %v: %v, want core.ErrNoToken and no token", key, err)
	}
}
