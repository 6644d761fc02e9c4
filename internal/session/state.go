package session

import (
	"context"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// state returns the place where the store keeps the state of an account; the zero State if it keeps
// none. What cannot be kept is logged once more here, because an authenticator may not care.
func (s *Session) state(key core.TokenKey) core.State {
	store, ok := s.store.(ports.StateStore)
	if !ok || key.Account == "" {
		return core.State{}
	}
	return core.NewState(
		func(ctx context.Context) (core.Secret, error) { return store.LoadState(ctx, key) },
		func(ctx context.Context, state core.Secret) error {
			// It is kept even if ctx has ended: what it replaces may be of no use any more.
			err := store.SaveState(context.WithoutCancel(ctx), key, state)
			if err != nil {
				s.logger.Warn("the state of an authenticator was not kept; its next login begins without it", "account", string(key.Account), "error", err)
			}
			return err
		},
	)
}
