package portstest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"sync"
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
//		portstest.TokenStore(t, func(t *testing.T) ports.TokenStore { return &Store{Dir: t.TempDir()} })
//	}
//
// The function open returns an empty store. The tokens of the tests are JSON Web Tokens, so a store
// may read their claims.
func TokenStore(t *testing.T, open func(t *testing.T) ports.TokenStore) {
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
		{"a token belongs to its host", (*storeTest).testHosts},
		{"a token belongs to its section", (*storeTest).testSections},
		{"deleting one token", (*storeTest).testDeleteOne},
		{"deleting all of an environment", (*storeTest).testDeleteAll},
		{"many start together, one refreshes", (*storeTest).testTogether},
		{"waiting ends with the context", (*storeTest).testWaiting},
		{"listing", (*storeTest).testList},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(&storeTest{t, open(t)}) })
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

// storeTest is a store under test.
type storeTest struct {
	*testing.T
	ports.TokenStore
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

func (s *storeTest) testEmpty() {
	s.wantNone(first)
	s.wantNone(user)
}

func (s *storeTest) testStored() {
	token := s.keep(first, mint(first, time.Hour))
	got, err := s.Load(s.Context(), first)
	if err != nil || !got.AccessToken.Equal(token.AccessToken) {
		s.Fatalf("Load: %v", err)
	}
	if !got.Expiry.Equal(token.Expiry) || got.Account != first.Account || got.Host != host || got.Origin == "" {
		s.Errorf("Load: %+v, want %+v", got, token)
	}
}

func (s *storeTest) testShown() {
	token := s.keep(first, mint(first, time.Hour))
	got, err := s.Update(s.Context(), first, func(_ context.Context, stored core.Token) (core.Token, error) {
		if !stored.AccessToken.Equal(token.AccessToken) {
			s.Error("refresh got another token than the stored one")
		}
		return stored, nil
	})
	if err != nil || !got.AccessToken.Equal(token.AccessToken) {
		s.Errorf("Update: %v", err)
	}
	s.want(first, token)
}

func (s *storeTest) testReplaced() {
	s.keep(first, mint(first, time.Hour))
	s.want(first, s.keep(first, mint(first, 2*time.Hour)))
}

// testIdentity stores identities with their tokens. The identity of an older token does not make it
// the latest.
func (s *storeTest) testIdentity() {
	tenant := core.Identity{ID: "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10", Type: core.IdentityTenant}
	partner := core.Identity{ID: "0b8b0f43-51ce-4f0e-9d6a-3c1de0c5a902", Type: core.IdentityPartner}
	want := func(key core.TokenKey, identity core.Identity) {
		s.Helper()
		if got, err := s.Load(s.Context(), key); err != nil || got.Identity != identity {
			s.Errorf("Load of %v: %v, identity %+v, want %+v", key, err, got.Identity, identity)
		}
	}
	one := mint(first, time.Hour)
	s.keep(first, one)
	want(first, core.Identity{})
	two := mint(second, time.Hour)
	two.Identity = partner
	s.keep(second, two)
	want(second, partner)
	one.Identity = tenant
	s.keep(first, one)
	want(first, tenant)
	s.want(user, two) // still the latest
	want(user, partner)
	s.keep(first, mint(first, 2*time.Hour))
	want(first, core.Identity{})
	want(second, partner)
}

func (s *storeTest) testRefreshFails() {
	cause := errors.New("login denied")
	_, err := s.Update(s.Context(), first, func(_ context.Context, stored core.Token) (core.Token, error) {
		if !stored.IsZero() {
			s.Error("refresh got a token from an empty store")
		}
		return mint(first, time.Hour), cause
	})
	if !errors.Is(err, cause) {
		s.Errorf("Update: %v, want the error of refresh", err)
	}
	s.wantNone(first)
}

func (s *storeTest) testInvalid() {
	s.keep(first, mint(first, -time.Hour))
	s.wantNone(first)
	s.keep(first, mint(first, core.ExpiryMargin/2))
	s.wantNone(first)
	s.keep(first, core.Token{AccessToken: core.NewSecret("opaque"), Account: first.Account, Host: host})
	s.wantNone(first)
}

func (s *storeTest) testAccounts() {
	one := s.keep(first, mint(first, time.Hour))
	s.wantNone(second)
	s.want(user, one) // an account that is not named matches any token
	two := s.keep(second, mint(second, time.Hour))
	s.want(second, two)
	s.want(first, one) // displaced, not lost
	s.want(user, two)
	someone := s.keep(user, mint(user, time.Hour))
	s.want(user, someone)
	s.want(first, one)
	s.want(second, two)
}

func (s *storeTest) testHosts() {
	elsewhere := first
	elsewhere.Host = "taegis.example"
	token := s.keep(elsewhere, mint(elsewhere, time.Hour))
	s.wantNone(first)
	s.wantNone(user)
	s.keep(first, mint(first, time.Hour))
	s.want(elsewhere, token)
	anyone := elsewhere
	anyone.Account = ""
	s.wantNone(anyone)
}

func (s *storeTest) testSections() {
	other := core.TokenKey{Section: "delta", Host: host, Account: first.Account}
	s.keep(first, mint(first, time.Hour))
	s.wantNone(other)
	token := s.keep(other, mint(other, time.Hour))
	if err := s.Delete(s.Context(), core.TokenKey{Section: section, Host: host}); err != nil {
		s.Error(err)
	}
	s.want(other, token)
}

func (s *storeTest) testDeleteOne() {
	if err := s.Delete(s.Context(), first); err != nil {
		s.Errorf("deleting a missing token: %v", err)
	}
	s.keep(first, mint(first, time.Hour))
	two := s.keep(second, mint(second, time.Hour))
	if err := s.Delete(s.Context(), first); err != nil {
		s.Error(err)
	}
	s.wantNone(first)
	s.want(second, two)
	if err := s.Delete(s.Context(), user); err != nil { // the token of the latest login
		s.Error(err)
	}
	s.wantNone(user)
	s.wantNone(second)
}

func (s *storeTest) testDeleteAll() {
	elsewhere := first
	elsewhere.Host = "taegis.example"
	for _, key := range []core.TokenKey{first, second, elsewhere, user} {
		s.keep(key, mint(key, time.Hour))
	}
	if err := s.Delete(s.Context(), core.TokenKey{Section: section, Host: host}); err != nil {
		s.Error(err)
	}
	for _, key := range []core.TokenKey{first, second, elsewhere, user} {
		s.wantNone(key)
	}
}

func (s *storeTest) testTogether() {
	var refreshes atomic.Int64
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() {
			_, err := s.Update(s.Context(), first, func(_ context.Context, stored core.Token) (core.Token, error) {
				if !stored.IsZero() {
					return stored, nil
				}
				refreshes.Add(1)
				return mint(first, time.Hour), nil
			})
			if err != nil {
				s.Error(err)
			}
		})
	}
	callers.Wait()
	if n := refreshes.Load(); n != 1 {
		s.Errorf("%d callers logged in, want one", n)
	}
}

func (s *storeTest) testWaiting() {
	refreshing, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		_, err := s.Update(s.Context(), first, func(context.Context, core.Token) (core.Token, error) {
			close(refreshing)
			<-release
			return mint(first, time.Hour), nil
		})
		if err != nil {
			s.Error(err)
		}
	})
	<-refreshing
	s.wantNone(first) // loading does not wait
	s.keep(second, mint(second, time.Hour))
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(s.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(gaveUp) })
	_, err := s.Update(ctx, first, func(context.Context, core.Token) (core.Token, error) {
		s.Error("two refresh at once")
		return core.Token{}, nil
	})
	if !errors.Is(err, gaveUp) {
		s.Errorf("Update: %v, want the cause of its context", err)
	}
	close(release)
	holder.Wait()
}

func (s *storeTest) testList() {
	lister, ok := s.TokenStore.(ports.TokenLister)
	if !ok {
		s.Skip("the store cannot list")
	}
	list := func() (keys []core.TokenKey) {
		for key, err := range lister.List(s.Context()) {
			if err != nil {
				s.Error(err)
			}
			keys = append(keys, key)
		}
		return keys
	}
	if keys := list(); len(keys) != 0 {
		s.Errorf("an empty store lists %v", keys)
	}
	for _, key := range []core.TokenKey{first, second} {
		s.keep(key, mint(key, time.Hour))
	}
	keys := list()
	if len(keys) != 2 || !slices.Contains(keys, first) || !slices.Contains(keys, second) {
		s.Errorf("listed %v, want %v and %v", keys, first, second)
	}
	for _, err := range lister.List(s.Context()) { // and may be left early
		if err != nil {
			s.Error(err)
		}
		break
	}
}
