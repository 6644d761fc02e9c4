package portstest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

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

// testNamedByLogin stores the token of a login whose user is not known in advance.
func (s *storeTest) testNamedByLogin() {
	ann := core.TokenKey{Section: section, Host: host, Account: core.UserAccount(host, "ann@example.com")}
	token := s.keep(user, mint(ann, time.Hour))
	s.want(ann, token)
	s.want(user, token)
	s.wantNone(core.TokenKey{Section: section, Host: host, Account: core.UserAccount(host, "bob@example.com")})
}

func (s *storeTest) testHosts() {
	elsewhere := first
	elsewhere.Host = "taegis.example"
	token := s.keep(elsewhere, mint(elsewhere, time.Hour))
	s.wantNone(first)
	s.wantNone(user)
	s.keep(first, mint(first, time.Hour))
	s.want(elsewhere, token)
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
	stores := []ports.TokenStore{s.TokenStore, s.another()}
	for i := range 32 {
		callers.Go(func() {
			_, err := stores[i%2].Update(s.Context(), first, func(_ context.Context, stored core.Token) (core.Token, error) {
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
	ended := make(chan error, 1)
	go func() {
		_, err := s.Update(s.Context(), first, func(context.Context, core.Token) (core.Token, error) {
			close(refreshing)
			<-release
			return mint(first, time.Hour), nil
		})
		ended <- err
	}()
	defer func() {
		close(release)
		if err := <-ended; err != nil {
			s.Errorf("Update whose login took a while: %v", err)
		}
	}()
	select {
	case <-refreshing:
	case err := <-ended:
		ended <- err
		s.Fatal("Update has not called refresh")
	}
	s.wantNone(first) // loading does not wait
	s.keep(second, mint(second, time.Hour))
	for _, store := range []ports.TokenStore{s.TokenStore, s.another()} {
		gaveUp := errors.New("gave up")
		ctx, cancel := context.WithCancelCause(s.Context())
		time.AfterFunc(10*time.Millisecond, func() { cancel(gaveUp) })
		_, err := store.Update(ctx, first, func(context.Context, core.Token) (core.Token, error) {
			s.Error("two refresh at once")
			return core.Token{}, nil
		})
		if !errors.Is(err, gaveUp) {
			s.Errorf("Update: %v, want the cause of its context", err)
		}
	}
}

func (s *storeTest) testList() {
	store := s.TokenStore.(limited)
	if _, ok := store.TokenStore.(ports.TokenLister); !ok {
		s.Skip("the store cannot list")
	}
	list := func(most int) []core.TokenKey {
		s.Helper()
		keys, err := store.list(s.Context(), most)
		if err != nil {
			s.Errorf("List: %v", err)
		}
		return keys
	}
	if keys := list(0); len(keys) != 0 {
		s.Errorf("an empty store lists %v", keys)
	}
	for _, key := range []core.TokenKey{first, second} {
		s.keep(key, mint(key, time.Hour))
	}
	keys := list(0)
	if len(keys) != 2 || !slices.Contains(keys, first) || !slices.Contains(keys, second) {
		s.Errorf("listed %v, want %v and %v", keys, first, second)
	}
	list(1) // and may be left early
}
