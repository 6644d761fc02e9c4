package session

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// revokeTimeout is the time limit of everything that authenticators do about a logout.
const revokeTimeout = 5 * time.Second

// loggedOut is the reason for which a revocation does not prompt.
const loggedOut = "the user is logging out"

// dropped is a token that a logout deletes, with the state of its account.
type dropped struct {
	session *Session
	revoker ports.Revoker

	position int    // of the authenticator in the chain
	name     string // of the authenticator
	account  core.Account
	token    core.Token
	state    core.Secret
}

// Revocation returns a function that tells the authenticators of sessions about the tokens that these
// and their stores have now. Call it before the tokens are deleted, and the function after. What
// cannot be read, and every failure, is logged and is no failure of the logout.
func Revocation(ctx context.Context, sessions ...*Session) (revoke func(context.Context)) {
	type place struct {
		authenticator int // the sessions of a client have the same chain
		key           core.TokenKey
	}
	seen := map[place]bool{}
	var all []dropped
	for _, s := range sessions {
		for _, d := range s.dropped(ctx) {
			env := d.session.login.Environment
			p := place{d.position, core.TokenKey{Section: env.Canonical, Host: env.AuthHost(), Account: d.account}}
			if !seen[p] { // sessions of one region may have the same tokens
				seen[p] = true
				all = append(all, d)
			}
		}
	}
	return func(ctx context.Context) { revokeAll(ctx, all) }
}

// dropped returns the tokens that a logout deletes and that their authenticators want to know of.
func (s *Session) dropped(ctx context.Context) (all []dropped) {
	for i, authenticator := range s.authenticators {
		revoker, ok := authenticator.(ports.Revoker)
		if !ok {
			continue
		}
		account, _ := authenticator.Account(ctx, s.login) // an unavailable one may still have tokens
		for _, account := range s.accountsOf(ctx, account) {
			d := dropped{session: s, revoker: revoker, position: i, name: AuthenticatorName(authenticator), account: account}
			if s.find(ctx, &d) {
				all = append(all, d)
			}
		}
	}
	return all
}

// accountsOf returns the accounts of an authenticator that the session or its store has tokens of,
// and account itself in any case.
func (s *Session) accountsOf(ctx context.Context, account core.Account) []core.Account {
	if account == "" {
		return nil
	}
	list := []core.Account{account}
	add := func(other core.Account) {
		if other != account && account.Has(other) {
			list = append(list, other)
		}
	}
	inUse := core.Account("")
	if c := s.cached.Load(); c != nil {
		inUse = c.token.Account
		add(inUse)
	}
	lister, ok := s.store.(ports.TokenLister)
	if !ok {
		return list
	}
	env := s.login.Environment
	for key, err := range lister.List(ctx) {
		if err != nil {
			break // the deletion that follows returns it
		}
		if key.Host == env.AuthHost() && key.InSection(env.Section()) && key.Account != inUse {
			add(key.Account)
		}
	}
	return list
}

// find looks the token and the state of an account up. It returns false if there is neither.
func (s *Session) find(ctx context.Context, d *dropped) bool {
	key := s.key(s.login, d.account)
	token, err := s.store.Load(ctx, key)
	if c := s.cached.Load(); err != nil && c != nil && c.token.Account == d.account {
		token = c.token
	}
	d.token = token
	if state := s.state(key); state.CanKeep() {
		d.state, err = state.Load(ctx)
		if err != nil && !errors.Is(err, core.ErrNoToken) {
			s.logger.Debug("the state of an authenticator cannot be read", "account", string(d.account), "error", err)
		}
	}
	return !d.token.IsZero() || !d.state.IsZero()
}

// revokeAll tells the authenticators about dropped tokens, all at the same time.
func revokeAll(ctx context.Context, all []dropped) {
	ctx, cancel := context.WithTimeoutCause(ctx, revokeTimeout, errRevokeTimeout)
	defer cancel()
	var telling sync.WaitGroup
	for _, d := range all {
		telling.Go(func() { d.revoke(ctx) })
	}
	telling.Wait()
}

// revoke tells the authenticator.
func (d dropped) revoke(ctx context.Context) {
	req := d.session.login
	req.NonInteractive, req.Prompt = cmp.Or(req.NonInteractive, loggedOut), core.Prompt{}
	req.State = core.NewState(
		func(context.Context) (core.Secret, error) { return d.state, nil },
		func(context.Context, core.Secret) error { return core.ErrNoState },
	)
	if err := d.revoker.Revoke(ctx, req, d.token); err != nil {
		d.session.logger.LogAttrs(ctx, slog.LevelWarn, "logged out here, but the authenticator did not end its own session",
			slog.String("environment", req.Environment.Name), slog.String("method", d.name), slog.Any("error", err))
	}
}

var errRevokeTimeout = errors.New("it took longer than 5 s")
