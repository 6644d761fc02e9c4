package keyring

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/taegis-go/taegis/core"
)

// stateRecord is what an authenticator keeps for one account; see [core.State].
type stateRecord struct {
	Environment string       `json:"environment"`
	Host        string       `json:"host"`
	Account     core.Account `json:"account"`
	State       []byte       `json:"state"`
}

func (r stateRecord) key() core.TokenKey {
	return core.TokenKey{Section: r.Environment, Host: r.Host, Account: r.Account}
}

// LoadState returns the state of key; see [ports.StateStore]. Like Load, it finds nothing in a file
// that cannot be opened any more.
func (s *Store) LoadState(ctx context.Context, key core.TokenKey) (core.Secret, error) {
	p, err := s.place()
	if err != nil {
		return core.Secret{}, err
	}
	file, err := s.unseal(ctx, p)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, core.ErrNoToken):
		return core.Secret{}, nil
	case err != nil:
		return core.Secret{}, err
	}
	return core.NewSecret(string(file.state(key))), nil
}

// SaveState replaces the state of key; see [ports.StateStore]. It seals it as the tokens are sealed.
func (s *Store) SaveState(ctx context.Context, key core.TokenKey, state core.Secret) error {
	p, err := s.place()
	if err != nil {
		return err
	}
	return s.edit(ctx, p, func(c *contents) { c.keep(key, []byte(state.Reveal())) })
}

// state returns the state of key, nil for none.
func (c *contents) state(key core.TokenKey) []byte {
	key.Section = canonical(key.Section)
	for _, r := range c.States {
		if r.key() == key {
			return r.State
		}
	}
	return nil
}

// keep replaces the state of key; an empty one deletes it.
func (c *contents) keep(key core.TokenKey, state []byte) {
	key.Section = canonical(key.Section)
	c.forget(key)
	if len(state) > 0 {
		c.States = append(c.States, stateRecord{key.Section, key.Host, key.Account, state})
	}
}

// forget deletes the state of key; with an empty account all states of its environment.
func (c *contents) forget(key core.TokenKey) {
	key.Section = canonical(key.Section)
	c.States = slices.DeleteFunc(c.States, func(r stateRecord) bool {
		return r.key() == key || key.Account == "" && r.Environment == key.Section
	})
}
