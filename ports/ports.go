// Package ports says what the SDK needs from outside: a way to log in, a place for tokens, a
// wire. Adapters implement these interfaces; ports/portstest holds a conformance test for each.
// A port has at most three methods and grows only by a second interface.
package ports

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/taegis-go/taegis/core"
)

// Authenticator is one link of the chain: one way to log in.
type Authenticator interface {
	// Account names whose token Authenticate would return, without revealing it. It reads
	// settings only: no network, prompt, lock or child process.
	//
	// A link that cannot try here returns an error that wraps [core.ErrUnavailable] and
	// holds the reason and the hint; any other error ends the chain. Beside an error the
	// link still returns the credential where it knows it: a stored token of that credential
	// is used even where the link cannot obtain a new one. The empty credential names nobody:
	// its tokens are never stored.
	Account(ctx context.Context, req core.LoginRequest) (core.Account, error)

	// Authenticate obtains a new token. Its error wraps [core.ErrUnavailable] where the link
	// turns out to be unable to try; any other error ends the chain.
	Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error)
}

// Named is implemented by an authenticator that has a name in the vocabulary of links:
// "client-credentials", "interactive", "sso", "password", "plugin:NAME", "exec:PROGRAM".
type Named interface {
	Name() string
}

// TokenStore keeps tokens between calls and, where it is shared, between processes.
type TokenStore interface {
	// Load returns the stored token for key if it is still valid, else an error that wraps
	// [core.ErrNoToken]. It takes no lock and is always asked first. A key whose credential is
	// not Named gets the token of whoever logged in last.
	Load(ctx context.Context, key core.TokenKey) (core.Token, error)

	// Update holds key's lock, across processes where the store is shared, calls refresh with
	// the stored token (the zero Token if there is no valid one) and stores the result if it
	// differs. Of many processes that start together, one logs in. Waiting obeys ctx. An
	// error of refresh comes back wrapped, and nothing is written. If storing fails, Update
	// returns the token and a [*core.SaveError].
	Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error)

	// Delete clears the token of key; with an empty credential, every token of the
	// environment, whoever's and whichever host's it is. Clearing what is not there is no error.
	Delete(ctx context.Context, key core.TokenKey) error
}

// TokenLister is implemented by stores that can say which tokens they hold.
type TokenLister interface {
	// List yields the key of every stored token, valid or expired. An error ends it.
	List(ctx context.Context) iter.Seq2[core.TokenKey, error]
}

// Transport carries requests to Taegis. Transports wrap each other like [net/http.RoundTripper].
type Transport interface {
	// Execute sends a query or mutation and decodes the operation's value into out: `data.NAME`,
	// or all of `data` for a request with a document of its own. A nil out discards it.
	//
	// It returns a [*core.ResponseError] for an answer that is no full success, after
	// decoding what data there was; one that wraps [core.ErrUnauthorized] for a rejected
	// token; and a [*core.ConnectionError] where no answer came.
	Execute(ctx context.Context, req *core.Request, out any) error

	// Subscribe starts a subscription and yields each message's value, as Execute would decode
	// it, until the server completes it, the context ends or the caller leaves the loop. An error
	// without a value is the last thing it yields. An error with a value is a
	// [*core.ResponseError] with status 200 about that one message: its value is partial, or null
	// if the message had no data.
	Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error]
}

// Middleware wraps a transport.
type Middleware func(Transport) Transport
