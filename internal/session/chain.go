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

// obtain walks the chain until an authenticator returns a token. A stored token of the
// authenticator's account that meets the requirement comes before the authenticator itself, even if
// it is unavailable. If same is not nil, only authenticators of its account are tried. It returns a
// [*core.ChainError] if no authenticator returned one.
func (s *Session) obtain(ctx context.Context, req core.LoginRequest, r requirement, same *core.Token) (core.Token, error) {
	failure := &core.ChainError{Environment: req.Environment.Name}
	named := false
	for _, authenticator := range s.authenticators {
		account, err := authenticator.Account(ctx, req)
		named = named || account != ""
		var token core.Token
		if same != nil && !sameAccount(same.Account, account) {
			err = &core.UnavailableError{Reason: "it would log in to another account than the one in use"}
		} else {
			token, err = s.try(ctx, authenticator, req, account, err, r)
		}
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
		if !errors.Is(err, core.ErrUnavailable) {
			return core.Token{}, failure
		}
	}
	if !named {
		token, err := s.stored(ctx, s.key(req, ""), r)
		if err == nil && same != nil && !sameAccount(same.Account, token.Account) {
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

// sameAccount reports whether an authenticator with the account offered can refresh a token of the
// account in use. A user with a name that is not known in advance can be any.
func sameAccount(inUse, offered core.Account) bool {
	return inUse == offered || inUse.IsUser() && offered == core.AnyUserAccount || inUse == core.AnyUserAccount && offered.IsUser()
}

// try gets a token of one authenticator. account and accountErr are the results of its Account.
func (s *Session) try(ctx context.Context, authenticator ports.Authenticator, req core.LoginRequest, account core.Account, accountErr error, r requirement) (core.Token, error) {
	if account == "" {
		if accountErr != nil {
			return core.Token{}, accountErr
		}
		return s.authenticate(ctx, authenticator, req, account)
	}
	key := s.key(req, account)
	token, err := s.stored(ctx, key, r)
	if !errors.Is(err, core.ErrNoToken) {
		return token, ofStore(err)
	}
	if accountErr != nil {
		return core.Token{}, accountErr
	}
	opened := false
	token, err = s.store.Update(ctx, key, func(ctx context.Context, stored core.Token) (core.Token, error) {
		opened = true
		if s.meets(stored, r) {
			return stored, nil // another process was faster
		}
		return s.authenticate(ctx, authenticator, req, account)
	})
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

// authenticate asks the authenticator for a new token of the account that it has announced.
func (s *Session) authenticate(ctx context.Context, authenticator ports.Authenticator, req core.LoginRequest, announced core.Account) (core.Token, error) {
	token, err := authenticator.Authenticate(ctx, req)
	switch {
	case err != nil:
		return core.Token{}, err
	case token.IsZero():
		return core.Token{}, &core.LoginError{
			Authenticator: AuthenticatorName(authenticator), Reason: "it returned neither a token nor an error",
			HintText: "this is a defect of the authenticator: report it to its author",
		}
	case token.Account == "":
		token.Account = announced
	case announced.Named() && token.Account != announced, announced == core.AnyUserAccount && !token.Account.IsUser():
		return core.Token{}, &core.LoginError{
			Authenticator: AuthenticatorName(authenticator), Reason: "it returned a token of another account than the one that it announced",
			HintText: "log in to the announced account, or correct the authenticator's settings",
		}
	}
	s.logger.LogAttrs(ctx, slog.LevelDebug, "logged in",
		slog.String("environment", req.Environment.Name), slog.String("method", AuthenticatorName(authenticator)),
		slog.String("account", string(token.Account)), slog.Time("expiry", token.Expiry))
	return token, nil
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
