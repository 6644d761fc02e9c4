package tokenstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Source is a store from which [Move] can move tokens.
type Source interface {
	ports.TokenStore
	ports.TokenLister
}

// CompareDeleter is implemented by stores that can delete a token without deleting another one that
// a concurrent caller has stored in its place. All stores of this SDK implement it.
type CompareDeleter interface {
	// CompareAndDelete deletes the token of key, and its expired tokens, if Load would still return
	// old; the zero Token means that Load would return none. It deletes no other valid token, and
	// reports whether it deleted the token. Its errors are those of Delete.
	CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (deleted bool, err error)
}

// Move moves every token from one store to another and returns the number of moved tokens. It
// deletes a token from the old store only after the new store has returned it, so Move can be
// interrupted at any moment and called again. A token that is refreshed during the move is moved
// too, even at the moment of its deletion if the old store is a [CompareDeleter]. Of two tokens for
// one account, Move keeps the one that expires later. It deletes expired tokens.
//
// If a token cannot be moved, it stays in the old store and Move returns an error with the reason:
// a [*core.StoreError], or the error of one of the stores. States of authenticators move with their
// tokens if both stores keep any. It still moves all other tokens. If both
// stores are the same place, Move returns an error. If a token of [core.AnyUserAccount] is moved
// together with others of its environment, it counts as the latest afterwards.
func Move(ctx context.Context, from Source, to ports.TokenStore) (moved int, err error) {
	var failures []error
	for range rounds {
		keys, err := movable(ctx, from)
		if err != nil {
			return moved, err
		}
		again := false
		failures = nil
		for _, key := range keys {
			switch err := move(ctx, from, to, key); {
			case err == nil:
				moved++
			case errors.Is(err, errChanged):
				again = true
			case !errors.Is(err, errExpired):
				failures = append(failures, fmt.Errorf("the token of %s: %w", key.Section, err))
			}
			if ctx.Err() != nil {
				return moved, context.Cause(ctx)
			}
		}
		if !again {
			return moved, errors.Join(failures...)
		}
	}
	if failures != nil {
		return moved, errors.Join(failures...) // they explain why tokens are left
	}
	return moved, &core.StoreError{Store: "the old store", Reason: errChanged.Error(), HintText: "end the programs that log in, then try again", Err: errChanged}
}

// rounds is the number of times that Move looks for tokens that were stored meanwhile.
const rounds = 5

var (
	errChanged = errors.New("its tokens change all the time") // this one while it was being moved
	errExpired = errors.New("the token has expired")
)

// movable returns the keys of the tokens in a store. Keys of [core.AnyUserAccount] come last,
// because such a key means the token of the latest login. The latest tokens come before them, so
// that they stay the latest.
func movable(ctx context.Context, from Source) (keys []core.TokenKey, err error) {
	rank := map[core.TokenKey]int{}
	for key, err := range from.List(ctx) {
		if err != nil {
			return nil, err
		}
		if env, err := core.FindEnvironment(key.Section); key.Host == "" && err == nil {
			key.Host = env.AuthHost() // the token does not name its host
		}
		latest, err := from.Load(ctx, core.TokenKey{Section: key.Section, Host: key.Host})
		if err != nil && !errors.Is(err, core.ErrNoToken) {
			return nil, err
		}
		if key.Account == "" {
			key.Account = claimant(latest, key.Host)
		}
		switch {
		case !key.Account.Named():
			rank[key] = 2
		case key.Account == latest.Account:
			rank[key] = 1
		}
		keys = append(keys, key)
	}
	slices.SortStableFunc(keys, func(a, b core.TokenKey) int { return cmp.Compare(rank[a], rank[b]) })
	return keys, nil
}

// claimant returns the account that the token's claims name.
func claimant(token core.Token, host string) core.Account {
	claims, err := token.Claims()
	switch {
	case err == nil && claims.ClientID != "":
		return core.ClientAccount(host, claims.ClientID)
	case err == nil && claims.Username != "":
		return core.UserAccount(host, claims.Username)
	}
	return core.AnyUserAccount
}

// move moves the token of key. It returns errExpired if it has cleared an expired token instead,
// and errChanged if another token has replaced it.
func move(ctx context.Context, from, to ports.TokenStore, key core.TokenKey) error {
	if key.Host == "" {
		return &core.StoreError{
			Store: "[" + key.Section + "]", Reason: "the token does not name its host",
			HintText: "log in to this environment again and retry, or log out of it",
		}
	}
	token, err := from.Load(ctx, key)
	if errors.Is(err, core.ErrNoToken) {
		return cmp.Or(copyState(ctx, from, to, key), forget(ctx, from, key, core.Token{}), errExpired)
	}
	if err != nil {
		return err
	}
	if !key.Account.Named() && token.Account.Named() {
		return errChanged // another user has logged in meanwhile
	}
	if err := cmp.Or(copyTo(ctx, to, key, token), copyState(ctx, from, to, key)); err != nil {
		return err
	}
	_, err = from.Update(ctx, key, func(ctx context.Context, stored core.Token) (core.Token, error) {
		if !stored.AccessToken.Equal(token.AccessToken) {
			return stored, errChanged
		}
		return stored, forget(ctx, from, key, token)
	})
	if err != nil {
		return err
	}
	if _, err := to.Load(ctx, key); errors.Is(err, core.ErrNoToken) {
		return errors.Join(errSamePlace, copyTo(context.WithoutCancel(ctx), to, key, token))
	}
	return nil
}

// copyState copies what an authenticator keeps for key. A store that keeps no state loses it: the next
// login begins without.
func copyState(ctx context.Context, from, to ports.TokenStore, key core.TokenKey) error {
	source, ok := from.(ports.StateStore)
	target, keeps := to.(ports.StateStore)
	if !ok || !keeps {
		return nil
	}
	state, err := source.LoadState(ctx, key)
	if err != nil || state.IsZero() {
		return err
	}
	return target.SaveState(ctx, key, state)
}

// forget clears the token of key in the old store, or with the zero Token the expired tokens there.
// It returns errChanged if another token has replaced it. The lock of key does not prevent that: a
// login with another account takes another lock, and a key without an account means the token of
// the latest login.
func forget(ctx context.Context, from ports.TokenStore, key core.TokenKey, token core.Token) error {
	store, ok := from.(CompareDeleter)
	if !ok {
		return from.Delete(ctx, key)
	}
	deleted, err := store.CompareAndDelete(ctx, key, token)
	if err == nil && !deleted {
		return errChanged
	}
	return err
}

// errSamePlace is returned if clearing the token in one store clears it in the other.
var errSamePlace = &core.StoreError{Store: "the two stores", Reason: "they are the same place", HintText: "choose another store"}

// copyTo stores the token, unless the store has one that expires later, and checks that it is
// stored.
func copyTo(ctx context.Context, to ports.TokenStore, key core.TokenKey, token core.Token) error {
	_, err := to.Update(ctx, key, func(_ context.Context, stored core.Token) (core.Token, error) {
		if stored.Expiry.After(token.Expiry) && (stored.Account == token.Account || key.Account.Named()) {
			return stored, nil
		}
		return token, nil
	})
	if err != nil {
		return err
	}
	if _, err := to.Load(ctx, key); err != nil {
		return &core.StoreError{
			Store: "the new store", Reason: "it does not return the token, which is valid until " + token.Expiry.Format(time.RFC3339),
			HintText: "choose another store, or log in again", Err: err,
		}
	}
	return nil
}
