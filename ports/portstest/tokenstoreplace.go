package portstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// testOpenedAgain reads and deletes with one store what another one has stored.
func (s *storeTest) testOpenedAgain() {
	other := &storeTest{T: s.T, TokenStore: s.another()}
	token := s.keep(first, mint(first, time.Hour))
	other.want(first, token)
	other.want(user, token)
	newer := other.keep(first, mint(first, 2*time.Hour))
	s.want(first, newer)
	two := s.keep(second, mint(second, time.Hour))
	if err := other.Delete(s.Context(), first); err != nil {
		s.Error(err)
	}
	s.wantNone(first)
	s.want(second, two)
	(&storeTest{T: s.T, TokenStore: s.another()}).want(second, two)
}

// testTwoWriters stores tokens of many accounts with two stores at once.
func (s *storeTest) testTwoWriters() {
	stores := []*storeTest{s, {T: s.T, TokenStore: s.another()}}
	tokens := map[core.TokenKey]core.Token{}
	for i := range 20 {
		key := core.TokenKey{Section: section, Host: host, Account: core.ClientAccount(host, fmt.Sprint("client ", i))}
		tokens[key] = mint(key, time.Hour)
	}
	var writers sync.WaitGroup
	next := 0
	for key, token := range tokens {
		store := stores[next%2]
		next++
		writers.Go(func() {
			_, err := store.Update(s.Context(), key, func(context.Context, core.Token) (core.Token, error) { return token, nil })
			if err != nil {
				s.Errorf("Update of %v: %v", key, err)
			}
		})
	}
	writers.Wait()
	for key, token := range tokens {
		s.want(key, token)
	}
}

func closeStore(t *testing.T, store ports.TokenStore) {
	if closer, ok := store.(io.Closer); ok {
		if err := closer.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// callLimit is how long one call of a store may take.
const callLimit = time.Minute

// limited is a store whose calls return an error if they take too long.
type limited struct {
	ports.TokenStore
}

// Load returns what the store returns.
func (l limited) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	return within("Load", func() (core.Token, error) { return l.TokenStore.Load(ctx, key) })
}

// Update returns what the store returns.
func (l limited) Update(
	ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error),
) (core.Token, error) {
	return within("Update", func() (core.Token, error) { return l.TokenStore.Update(ctx, key, refresh) })
}

// Delete returns what the store returns.
func (l limited) Delete(ctx context.Context, key core.TokenKey) error {
	_, err := within("Delete", func() (none struct{}, err error) { return none, l.TokenStore.Delete(ctx, key) })
	return err
}

// list returns the first keys that the store lists, most of them at most, and the errors.
func (l limited) list(ctx context.Context, most int) (keys []core.TokenKey, err error) {
	return within("List", func() (keys []core.TokenKey, err error) {
		for key, failed := range l.TokenStore.(ports.TokenLister).List(ctx) {
			err = errors.Join(err, failed)
			if keys = append(keys, key); len(keys) == most {
				break
			}
		}
		return keys, err
	})
}

// within returns the result of call, or an error if call takes too long. Its goroutine is abandoned
// then: the test fails with the error and does not hang.
func within[T any](name string, call func() (T, error)) (result T, err error) {
	type outcome struct {
		result T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := call()
		done <- outcome{result, err}
	}()
	timer := time.NewTimer(callLimit)
	defer timer.Stop()
	select {
	case got := <-done:
		return got.result, got.err
	case <-timer.C:
		return result, fmt.Errorf("%s has not returned within %v", name, callLimit)
	}
}
