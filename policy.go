package taegis

import (
	"context"
	"fmt"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/policy"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// Names of authenticators that are no methods.
const (
	withToken  = "with-token"  // a token that a user has pasted
	ownAccount = "own-account" // never available; see package profile
)

// allowed returns the chain with an [excluded] in place of each authenticator that the policy does
// not allow.
func (c *config) allowed(chain []ports.Authenticator) []ports.Authenticator {
	if c.policy == nil {
		return chain
	}
	list := make([]ports.Authenticator, len(chain))
	for i, authenticator := range chain {
		list[i] = authenticator
		name := session.AuthenticatorName(authenticator)
		switch authenticator := authenticator.(type) {
		case *notebookHint: // it logs in to nothing
		case *authn.StaticToken:
			if authenticator.Token.IsZero() {
				list[i] = &policedToken{authenticator, c.policy}
			}
		default:
			if err := c.method(name); err != nil {
				list[i] = &excluded{name, err}
			}
		}
	}
	return list
}

// method returns an error for an authenticator that the policy does not allow, by its name.
func (c *config) method(name string) error {
	switch name {
	case withToken:
		return c.policy.AccessToken("stdin")
	case ownAccount:
		return nil
	}
	return c.policy.Method(name)
}

// excluded takes the place of an authenticator that the policy does not allow.
type excluded struct {
	name string
	err  error
}

// Name returns the name of the authenticator.
func (e *excluded) Name() string { return e.name }

// Account returns an account that no token has: without any account, a client would use a stored
// token of any account, which the excluded authenticator may have obtained.
func (e *excluded) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return core.Account("policy/" + e.name), e.err
}

// Authenticate returns the error of Account.
func (e *excluded) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return core.Token{}, e.err
}

// policedToken takes the place of a token from a variable. If the variable is set and not allowed,
// it ends the chain: the next authenticator would log in to an account that the user did not mean.
type policedToken struct {
	*authn.StaticToken
	policy *policy.Policy
}

// Account returns a [*core.PolicyError] if the variable is set and not allowed.
func (e *policedToken) Account(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	account, err := e.StaticToken.Account(ctx, req)
	if err != nil {
		return account, err
	}
	return account, e.policy.AccessToken("the variable " + core.SettingAccessToken)
}

// Authenticate returns the error of Account, or the token.
func (e *policedToken) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	if _, err := e.Account(ctx, req); err != nil {
		return core.Token{}, err
	}
	return e.StaticToken.Authenticate(ctx, req)
}

// allowedStore returns the token store of the options, or else the shared file. If the policy does not
// allow it, the error is a [*core.PolicyError].
func (c *config) allowedStore(file ports.TokenStore) (ports.TokenStore, error) {
	store := c.store
	if store == nil {
		store = file
	}
	return store, c.policy.TokenStore(storeName(store))
}

// storeName returns the name of a token store, or else its Go type.
func storeName(store ports.TokenStore) string {
	if named, ok := store.(ports.Named); ok {
		return named.Name()
	}
	return fmt.Sprintf("%T", store)
}
