package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// requirement defines which stored token can be used instead of a new one.
type requirement int

const (
	usableToken requirement = iota // one that is valid at this moment
	freshToken                     // one that is not stale, for a refresh before expiry
	newToken                       // none
)

// need is what a walk through the chain is for.
type need struct {
	requirement

	same     *core.Token // the token whose account is to be kept, nil for any account
	rejected *core.Token // the token that the server has rejected, nil for none
	walk     *walk       // takes note of what happens; nil if there is no observer
}

// keeps reports whether an account may be used: whether it is that of the token in use.
func (n need) keeps(account core.Account) bool {
	return n.same == nil || sameAccount(n.same.Account, account)
}

// obtain walks the chain until an authenticator returns a token. A stored token of the
// authenticator's account that meets the requirement comes before the authenticator itself, even if
// it is unavailable. It returns a [*core.ChainError] if no authenticator returned one.
func (s *Session) obtain(ctx context.Context, req core.LoginRequest, n need) (core.Token, error) {
	failure := &core.ChainError{Environment: req.Environment.Name}
	named := false
	for _, authenticator := range s.authenticators {
		account, err := authenticator.Account(ctx, req)
		named = named || account != ""
		c := &candidate{Authenticator: authenticator, request: req, account: account, unavailable: err}
		token, err := s.try(ctx, c, n)
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if fault, ok := errors.AsType[*storeFault](err); ok {
			return core.Token{}, fault.err
		}
		s.logFailure(ctx, authenticator, err, req.NonInteractive == inBackground)
		failure.Attempts = append(failure.Attempts, core.Attempt{Authenticator: AuthenticatorName(authenticator), Err: err})
		if EndsChain(err) {
			return core.Token{}, failure
		}
		if n.walk != nil {
			n.walk.skip(c, err)
		}
	}
	if !named {
		token, err := s.stored(ctx, s.key(req, ""), n.requirement)
		if err == nil && !n.keeps(token.Account) {
			err = core.ErrNoToken
		}
		if err == nil {
			return token, nil
		}
		if !errors.Is(err, core.ErrNoToken) {
			return core.Token{}, err
		}
	}
	return core.Token{}, failure
}

// EndsChain reports whether the chain ends with an authenticator's error. It goes on after one that
// is unavailable, for whatever reason but a program that is not trusted: an attacker who spoils one
// authenticator must not choose the next.
func EndsChain(err error) bool {
	return !errors.Is(err, core.ErrUnavailable) || errors.Is(err, core.ErrUntrusted)
}

// sameAccount reports whether an authenticator with the account offered can refresh a token of the
// account in use. A user with a name that is not known in advance can be any.
func sameAccount(inUse, offered core.Account) bool {
	return inUse == offered || inUse.IsUser() && offered == core.AnyUserAccount || inUse == core.AnyUserAccount && offered.IsUser()
}

// candidate is an authenticator of the chain with its account.
type candidate struct {
	ports.Authenticator

	request     core.LoginRequest
	account     core.Account
	unavailable error // of Account
	resolved    bool  // the account is that of ResolveAccount
}

// resolver returns the authenticator if its account is not final yet, else nil.
func (c *candidate) resolver() ports.AccountResolver {
	if c.resolved {
		return nil
	}
	r, _ := c.Authenticator.(ports.AccountResolver)
	return r
}

// errOtherAccount ends an update of the token store for an account that turned out to be another.
var errOtherAccount = errors.New("the account is another one")

// errNotInUse is the error of an authenticator that cannot refresh the token in use.
func errNotInUse() error {
	return &core.UnavailableError{Reason: "it would log in to another account than the one in use"}
}

// try gets a token of one authenticator. No token of an account is used before the authenticator has
// named the account; until then only a token that it does not tell apart from others is.
func (s *Session) try(ctx context.Context, c *candidate, n need) (core.Token, error) {
	resolver, keeps := c.resolver(), n.keeps(c.account)
	switch {
	case !keeps && (resolver == nil || c.account != "" && !c.account.Has(n.same.Account)):
		return core.Token{}, errNotInUse()
	case c.account == "":
		return s.tryUnnamed(ctx, c, n)
	case resolver != nil && len(s.accountsOf(ctx, c.account)) > 1: // it does tell accounts apart
		account, err := resolver.ResolveAccount(ctx, c.request)
		if account == "" {
			return core.Token{}, err
		}
		if c.unavailable == nil {
			c.unavailable = err
		}
		return s.tryResolved(ctx, c, account, n)
	}
	key := s.key(c.request, c.account)
	if keeps {
		token, err := s.stored(ctx, key, n.requirement)
		if !errors.Is(err, core.ErrNoToken) {
			return token, ofStore(err)
		}
	}
	if c.unavailable != nil {
		return core.Token{}, c.unavailable
	}
	opened, other := false, c.account
	token, err := s.store.Update(ctx, key, func(ctx context.Context, stored core.Token) (token core.Token, err error) {
		opened = true
		if keeps && s.meets(stored, n.requirement) {
			return stored, nil // another process was faster
		}
		if resolver != nil {
			if other, err = resolver.ResolveAccount(ctx, c.request); err != nil {
				return core.Token{}, err
			}
			if other != c.account {
				return core.Token{}, errOtherAccount
			}
			if !keeps {
				return core.Token{}, errNotInUse()
			}
		}
		return s.authenticate(ctx, c, n)
	})
	if errors.Is(err, errOtherAccount) {
		return s.tryResolved(ctx, c, other, n)
	}
	return s.settle(token, err, opened)
}

// settle returns what came of an update of the token store, which has called the authenticator if it
// was opened.
func (s *Session) settle(token core.Token, err error, opened bool) (core.Token, error) {
	var unsaved *core.SaveError
	if errors.As(err, &unsaved) && !token.IsZero() {
		s.logger.Warn("the token works but was not saved; the next process logs in again", "store", unsaved.Store, "error", unsaved.Err)
		return token, nil
	}
	if !opened {
		err = ofStore(err)
	}
	return token, err
}

// tryResolved is try for the account that the authenticator has named.
func (s *Session) tryResolved(ctx context.Context, c *candidate, account core.Account, n need) (core.Token, error) {
	if !c.account.Has(account) && c.account != "" {
		return core.Token{}, otherAccount(c)
	}
	c.account, c.resolved = account, true
	return s.try(ctx, c, n)
}

// tryUnnamed is try for an authenticator whose account is not known. Its tokens are not stored.
func (s *Session) tryUnnamed(ctx context.Context, c *candidate, n need) (core.Token, error) {
	if c.unavailable != nil {
		return core.Token{}, c.unavailable
	}
	if resolver := c.resolver(); resolver != nil {
		account, err := resolver.ResolveAccount(ctx, c.request)
		if err != nil {
			return core.Token{}, err
		}
		if account != "" {
			return s.tryResolved(ctx, c, account, n)
		}
	}
	if !n.keeps(c.account) {
		return core.Token{}, errNotInUse()
	}
	return s.authenticate(ctx, c, n)
}

// storeFault is the error of a store if its file cannot be used. It is not the fault of an
// authenticator, so the chain does not try the next one.
type storeFault struct{ err error }

func (e *storeFault) Error() string { return e.err.Error() }

// ofStore marks an error about the file of a store. A keyring that is locked counts as a
// failure of the chain, which is remembered: it may prompt the user each time.
func ofStore(err error) error {
	if _, ok := errors.AsType[*core.FileError](err); ok {
		return &storeFault{err}
	}
	return err
}

// stored loads a token that meets the requirement, or returns [core.ErrNoToken] or the error of the
// store.
func (s *Session) stored(ctx context.Context, key core.TokenKey, r requirement) (core.Token, error) {
	if r == newToken {
		return core.Token{}, core.ErrNoToken
	}
	token, err := s.store.Load(ctx, key)
	if err == nil && (!s.meets(token, r) || token.Host == "" && s.login.Environment.Foreign(token.AccessToken.Reveal()) != "") {
		return core.Token{}, core.ErrNoToken
	}
	return token, err
}

// meets reports whether a stored token, which may be the zero one, will do.
func (s *Session) meets(token core.Token, r requirement) bool {
	switch {
	case r == newToken || token.IsZero() || s.rejections.distrusts(token.AccessToken):
		return false
	case r == freshToken:
		now, c := s.now(), s.cached.Load()
		if c != nil && c.token.AccessToken.Equal(token.AccessToken) {
			return false // the one that is to be replaced
		}
		return now.Before(token.Expiry.Add(-staleWindow(token, now)))
	}
	return true
}

// authenticate asks the authenticator for a new token of the account that it has announced. A walk
// that takes note of that calls authenticate again.
func (s *Session) authenticate(ctx context.Context, c *candidate, n need) (core.Token, error) {
	if walk := n.walk; walk != nil {
		n.walk = nil
		return walk.login(ctx, c, n)
	}
	req := c.request
	req.State = s.state(s.key(req, c.account))
	req.Rejected = n.rejected != nil && sameAccount(n.rejected.Account, c.account)
	token, err := c.Authenticate(ctx, req)
	switch {
	case err != nil:
		return core.Token{}, err
	case token.IsZero():
		return core.Token{}, &core.LoginError{
			Authenticator: AuthenticatorName(c.Authenticator), Reason: "it returned neither a token nor an error",
			HintText: "this is a defect of the authenticator: report it to its author",
		}
	case token.Account == "":
		token.Account = c.account
	case c.account.Named() && token.Account != c.account, c.account == core.AnyUserAccount && !token.Account.IsUser():
		return core.Token{}, otherAccount(c)
	}
	s.logger.LogAttrs(ctx, slog.LevelDebug, "logged in",
		slog.String("environment", req.Environment.Name), slog.String("method", AuthenticatorName(c.Authenticator)),
		slog.String("account", string(token.Account)), slog.Time("expiry", token.Expiry))
	return token, nil
}

// otherAccount is the error of an authenticator that does not keep to the account that it announced.
func otherAccount(c *candidate) error {
	return &core.LoginError{
		Authenticator: AuthenticatorName(c.Authenticator), Reason: "it returned a token of another account than the one that it announced",
		HintText: "log in to the announced account, or correct the authenticator's settings",
	}
}

// logFailure logs an authenticator without a token. It is a warning if no caller gets the error:
// in the background, and if the authenticator is skipped after a failure and a later one succeeds.
func (s *Session) logFailure(ctx context.Context, authenticator ports.Authenticator, err error, background bool) {
	level, what := slog.LevelInfo, "login failed"
	if background {
		level = slog.LevelWarn
	}
	if errors.Is(err, core.ErrDenied) {
		what = "login denied"
	}
	switch {
	case errors.Is(err, core.ErrUntrusted):
		level, what = slog.LevelWarn, "login ended: not trusted"
	case errors.Is(err, core.ErrCancelled), ctx.Err() != nil:
		level, what = slog.LevelDebug, "login cancelled"
	case errors.Is(err, core.ErrUnavailable):
		level, what = slog.LevelDebug, "authenticator unavailable"
		if unavailable, ok := errors.AsType[*core.UnavailableError](err); ok && unavailable.Err != nil && !errors.Is(unavailable.Err, core.ErrUnavailable) {
			level, what = slog.LevelWarn, "authenticator skipped after a failure"
		}
	}
	s.logger.LogAttrs(ctx, level, what, slog.String("environment", s.login.Environment.Name),
		slog.String("method", AuthenticatorName(authenticator)), slog.Any("error", err))
}

func (s *Session) key(req core.LoginRequest, account core.Account) core.TokenKey {
	return core.TokenKey{Section: req.Environment.Section(), Host: req.Environment.AuthHost(), Account: account}
}

// AuthenticatorName returns the authenticator's name if it is a [ports.Named], else its Go type.
func AuthenticatorName(authenticator ports.Authenticator) string {
	if named, ok := authenticator.(ports.Named); ok {
		return named.Name()
	}
	return fmt.Sprintf("%T", authenticator)
}
