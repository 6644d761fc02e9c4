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

// Source is a store that tokens can be moved out of.
type Source interface {
	ports.TokenStore
	ports.TokenLister
}

// CompareDeleter is implemented by a store that can clear a token without clearing another one that
// somebody has stored in its place meanwhile. All stores of this SDK are such.
type CompareDeleter interface {
	// CompareAndDelete clears the token of key, and what of it has expired, if Load would still return
	// old, where the zero Token stands for none. It clears no other valid token, and reports whether
	// it has cleared. Its errors are those of Delete.
	CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (deleted bool, err error)
}

// Move moves every token from one store to another and returns how many it has moved. A token
// is cleared in the old store only once the new one has returned it, so Move can be interrupted at
// any moment and called again, and a token that somebody refreshes meanwhile is moved as well: even at the
// very moment of clearing, if the old store is a [CompareDeleter]. Of two tokens for one credential the
// one that expires later stays; expired ones are cleared.
//
// A token that cannot be moved stays where it is, with an error that says why: a
// [*core.StoreError], or what one of the stores returned; all others are moved nevertheless.
// Both stores being the same place is such an error. Where a user without a user name has a
// token beside those of others, it counts as the latest afterwards.
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
		return moved, errors.Join(failures...) // these are what is in the way
	}
	return moved, &core.StoreError{Store: "the old store", Reason: errChanged.Error(), HintText: "end the programs that log in, then try again", Err: errChanged}
}

// rounds is how often tokens are looked for that were stored meanwhile.
const rounds = 5

var (
	errChanged = errors.New("its tokens change all the time") // this one while it was being moved
	errExpired = errors.New("the token has expired")
)

// movable returns the keys of the tokens in a store. Those of a user without a user name come
// last, because as long as somebody has logged in later, such a key means that one's token; the
// latest ones come before them, so that they stay the latest.
func movable(ctx context.Context, from Source) (keys []core.TokenKey, err error) {
	rank := map[core.TokenKey]int{}
	for key, err := range from.List(ctx) {
		if err != nil {
			return nil, err
		}
		if env, err := core.FindEnvironment(key.Section); key.Host == "" && err == nil {
			key.Host = env.AuthHost() // of a token that does not say it
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

// claimant is whose token it is by its own claims.
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

// move moves the token of key. It returns errExpired for one that it has cleared instead, and
// errChanged where another one has taken its place.
func move(ctx context.Context, from, to ports.TokenStore, key core.TokenKey) error {
	if key.Host == "" {
		return &core.StoreError{
			Store: "[" + key.Section + "]", Reason: "the token there does not say which host it is for",
			HintText: "log in to it anew, then try again, or clear it with `taegis auth logout --environment " + key.Section + "`",
		}
	}
	token, err := from.Load(ctx, key)
	if errors.Is(err, core.ErrNoToken) {
		return cmp.Or(forget(ctx, from, key, core.Token{}), errExpired)
	}
	if err != nil {
		return err
	}
	if !key.Account.Named() && token.Account.Named() {
		return errChanged // somebody else has logged in meanwhile
	}
	if err := copyTo(ctx, to, key, token); err != nil {
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

// forget clears the token of key in the old store, or with the zero Token what has expired there. It returns
// errChanged where another one has taken its place. The lock of key does not prevent that: who logs in as
// somebody else takes another one, and a key without a name means the token of whoever came last.
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

// errSamePlace is returned where clearing the token in one store clears it in the other.
var errSamePlace = &core.StoreError{Store: "the two stores", Reason: "they are one and the same place", HintText: "nothing is to be done"}

// copyTo stores the token, unless there is one that expires later, and looks whether it is there.
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
			Store: "the new store", Reason: "it does not keep the token, which is good until " + token.Expiry.Format(time.RFC3339),
			HintText: "choose another store, or log in anew", Err: err,
		}
	}
	return nil
}
