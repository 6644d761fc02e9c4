package ports

import (
	"context"

	"github.com/taegis-go/taegis/core"
)

// AccountResolver is implemented by an authenticator that knows its account only when it is about to
// log in, for example because the badge in a reader decides.
type AccountResolver interface {
	// ResolveAccount returns the account that Authenticate would log in to now: that of Account, or
	// one of those that [core.Account.With] makes of it. It may take time and start a process, but
	// does not prompt. It is called if there is no usable token of Account's account, or if there are
	// tokens of several, so a token of an account that it tells apart is used only after it has named
	// that account. Its errors have the meaning of those of Authenticate. As Account does, it may
	// return an account together with an error; an empty one means that no stored token may be used.
	ResolveAccount(ctx context.Context, req core.LoginRequest) (core.Account, error)
}

// Revoker is implemented by an authenticator that ends what its logins have begun, for example a
// session of a broker.
type Revoker interface {
	// Revoke is called after a token of the authenticator was deleted because the user logged out.
	// It does not prompt. The State of the request returns what the authenticator has kept, which is
	// deleted too; the token is zero if only that was left. An error is logged as a warning, and the
	// logout succeeds in any case.
	Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error
}

// StateStore is implemented by token stores that keep the state of authenticators, so that no other
// user can read it; see [core.State].
type StateStore interface {
	// LoadState returns the state of key, whether or not a token of key is stored; the zero Secret
	// if there is none.
	LoadState(ctx context.Context, key core.TokenKey) (core.Secret, error)

	// SaveState replaces the state of key. The zero Secret deletes it, as does Delete of the store.
	SaveState(ctx context.Context, key core.TokenKey, state core.Secret) error
}
