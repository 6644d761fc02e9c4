package tokenstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// memoryKeys is a keyring in memory.
type memoryKeys map[string][]byte

func (m memoryKeys) Get(_ context.Context, name string) ([]byte, error) {
	if key, ok := m[name]; ok {
		return key, nil
	}
	return nil, keyring.ErrNoKey
}

func (m memoryKeys) Set(_ context.Context, name string, key []byte) error {
	m[name] = key
	return nil
}

func sealed(t *testing.T) *keyring.Store {
	return &keyring.Store{KeyStore: memoryKeys{}, Dir: t.TempDir() + "/tokens"}
}

// TestStates checks the stores that keep the states of authenticators: one for each account, with or
// without a token, until a logout.
func TestStates(t *testing.T) {
	key := func(account core.Account) core.TokenKey {
		return core.TokenKey{Section: "charlie", Host: "api.ctpx.secureworks.com", Account: account}
	}
	for name, make := range map[string]func(t *testing.T) func() ports.TokenStore{
		"memory": func(*testing.T) func() ports.TokenStore {
			store := &tokenstore.Memory{}
			return func() ports.TokenStore { return store }
		},
		"sealed": func(t *testing.T) func() ports.TokenStore {
			keys, dir := memoryKeys{}, t.TempDir()+"/tokens"
			return func() ports.TokenStore { return &keyring.Store{KeyStore: keys, Dir: dir} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			open := make(t)
			want := func(account core.Account, state string) {
				t.Helper()
				got, err := open().(ports.StateStore).LoadState(t.Context(), key(account))
				if err != nil || got.Reveal() != state {
					t.Errorf("the state of %s is %q, %v; want %q", account, got.Reveal(), err, state)
				}
			}
			save := func(account core.Account, state string) {
				t.Helper()
				if err := open().(ports.StateStore).SaveState(t.Context(), key(account), core.NewSecret(state)); err != nil {
					t.Fatal(err)
				}
			}
			want("a", "")
			save("a", "\xff\x00one")
			save("b", "two")
			want("a", "\xff\x00one")
			_, err := open().Update(t.Context(), key("a"), func(context.Context, core.Token) (core.Token, error) {
				return core.Token{AccessToken: core.NewSecret("token"), Account: "a", Expiry: time.Now().Add(time.Hour)}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want("a", "\xff\x00one")
			save("a", "")
			want("a", "")
			save("a", "three")
			if err := open().Delete(t.Context(), key("a")); err != nil {
				t.Fatal(err)
			}
			want("a", "")
			want("b", "two")
			if err := open().Delete(t.Context(), key("")); err != nil {
				t.Fatal(err)
			}
			want("b", "")
		})
	}
	if _, keeps := any(&tokenstore.File{}).(ports.StateStore); keeps {
		t.Error("the file in plain text keeps states")
	}
}

// TestStatesMove checks that a state moves with its token and does not stay behind.
func TestStatesMove(t *testing.T) {
	from, to := &tokenstore.Memory{}, sealed(t)
	key := core.TokenKey{Section: "charlie", Host: "api.ctpx.secureworks.com", Account: "a"}
	_, err := from.Update(t.Context(), key, func(context.Context, core.Token) (core.Token, error) {
		return core.Token{AccessToken: core.NewSecret("token"), Account: "a", Expiry: time.Now().Add(time.Hour)}, nil
	})
	if err == nil {
		err = from.SaveState(t.Context(), key, core.NewSecret("kept"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := tokenstore.Move(t.Context(), from, to); moved != 1 || err != nil {
		t.Fatalf("moved %d, %v", moved, err)
	}
	if state, err := to.LoadState(t.Context(), key); state.Reveal() != "kept" || err != nil {
		t.Errorf("the new store has %q, %v", state.Reveal(), err)
	}
	if state, err := from.LoadState(t.Context(), key); !state.IsZero() || err != nil {
		t.Errorf("the old store still has %q, %v", state.Reveal(), err)
	}
}
