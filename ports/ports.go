// Package ports defines the interfaces that adapters implement: [Authenticator], [TokenStore],
// [Transport] and [Sink]. Implement one to replace that part of a client or of an export: see
// examples/authenticator and examples/adapters. Package portstest has a conformance test for each.
//
// A port has at most three methods. Optional features are interfaces of their own.
package ports

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/taegis-go/taegis/core"
)

// Authenticator logs in. A client tries the authenticators of its chain in order.
type Authenticator interface {
	// Account returns the account that Authenticate would log in to. It only reads settings: it
	// uses no network, prompt, lock or child process.
	//
	// If the authenticator cannot be used here, the error is a [*core.UnavailableError] with reason
	// and hint, or another error that wraps [core.ErrUnavailable]. Any other error ends the chain.
	// Account may return a non-empty account together with an error: a stored token of that account
	// is used even if the authenticator cannot obtain a new one. Tokens of an authenticator that
	// returns an empty account are never stored.
	Account(ctx context.Context, req core.LoginRequest) (core.Account, error)

	// Authenticate obtains a new token. If the authenticator turns out to be unavailable, the error
	// wraps [core.ErrUnavailable], and the chain tries the next one. Any other error ends the
	// chain.
	Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error)
}

// Named is implemented by an authenticator or a token store with a name for errors, logs and the
// policy of a machine. One without a name has that of its Go type, for example "*main.TokenFile".
type Named interface {
	// Name returns one word, for example "client-credentials", "interactive" or "plugin:NAME", or
	// "keyring" for a token store.
	Name() string
}

// TokenStore stores tokens between calls and, if it is shared, between processes. It is safe for
// concurrent use.
//
// It stores one token for each [core.TokenKey]: section, host and account. A key whose account is
// not [core.Account.Named] means another key in all methods: that of the latest login of its
// section, which is the last one that Update stored a new token for, if that one has the same host;
// or else the key as it is. Tokens of other keys stay stored when a login follows.
//
// A token counts only if it is valid, see [core.Token.Valid]; so one that expires within
// [core.ExpiryMargin] or has no expiry is as good as none. A store may delete those.
type TokenStore interface {
	// Load returns the stored token for key, with the values of all fields that Update was given.
	// Account and Host are those of its key, and Origin names the store to users. If there is no
	// valid token, the error wraps [core.ErrNoToken]. Load takes no lock: it returns at once, also
	// while Update waits for refresh.
	Load(ctx context.Context, key core.TokenKey) (core.Token, error)

	// Update locks key, across processes if the store is shared, and calls refresh with the stored
	// token, or the zero Token if there is no valid one. So only one of many processes that start
	// together logs in. Other keys are not locked: a login may wait minutes for its user.
	//
	// Update stores the token that refresh returns if its AccessToken differs and it is valid, and
	// that makes it the latest login. If the account of key is not Named and the token has an
	// Account, that is the account under which it is stored. If only the Identity of the token
	// differs, Update adds it to the stored token, which does not make it the latest login. In each
	// case Update returns the token of refresh.
	//
	// Waiting for the lock ends with ctx; the error wraps the context's cause. If refresh fails,
	// Update writes nothing and returns an error that wraps that of refresh. If storing fails, it
	// returns the token together with a [*core.SaveError].
	Update(
		ctx context.Context, key core.TokenKey,
		refresh func(context.Context, core.Token) (core.Token, error),
	) (core.Token, error)

	// Delete deletes the token of key. If the account of key is empty, it deletes every token of
	// the section, for all accounts and hosts. Deleting a missing token is not an error.
	Delete(ctx context.Context, key core.TokenKey) error
}

// TokenLister is implemented by token stores that can list their tokens.
type TokenLister interface {
	// List yields the key of every stored token, valid or expired. An error ends the sequence.
	List(ctx context.Context) iter.Seq2[core.TokenKey, error]
}

// Transport sends requests to Taegis. Transports wrap each other like [net/http.RoundTripper].
type Transport interface {
	// Execute sends a query or mutation and decodes the operation's value into out: `data.NAME`,
	// or all of `data` for a request with a document. If out is nil, Execute discards the value.
	//
	// If the answer is not a complete success, Execute decodes the data that arrived and returns a
	// [*core.ResponseError], which wraps [core.ErrUnauthorized] for a rejected token. If there is
	// no answer, it returns a [*core.ConnectionError].
	Execute(ctx context.Context, req *core.Request, out any) error

	// Subscribe starts a subscription and yields the value of each message, as Execute would
	// decode it, until the server completes the subscription, ctx ends or the caller leaves the
	// loop. An error without a value ends the sequence. An error with a value is a
	// [*core.ResponseError] with status 200 about that message: its value is partial, or null if
	// the message had no data.
	Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error]
}

// Middleware wraps a transport.
type Middleware func(Transport) Transport
