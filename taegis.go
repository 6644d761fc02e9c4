// Package taegis logs in to the Taegis XDR platform and carries calls to its GraphQL APIs.
//
//	client, err := taegis.New(taegis.WithEnvironment("charlie"))
//	if err != nil { … }
//	defer client.Close()
//	made, err := clients.New(client).CreateClient(ctx, clients.CreateClientArgs{Name: "my_awesome_app"})
//
// # Logging in
//
// Logging in is an ordered chain: a cached token, then OAuth client credentials from CLIENT_ID
// and CLIENT_SECRET, then a user at the terminal, by single sign-on or by user name, password
// and MFA code. Every part of it can be chosen with an [Option]: the links, the place where
// tokens rest, the wire. The cached tokens lie in the file that the Python SDK uses too.
//
// # Settings per call
//
// What a client says for all its calls, a context says for single ones:
//
//	ctx = taegis.ContextWithTenant(ctx, "00000")
//	ctx = taegis.ContextWithSelection(ctx, "alerts { list { id } }")
//	page, err := alerts.New(client).AlertsServiceSearch(ctx, args)
//
// These settings cascade: an inner one replaces the outer of its kind, headers one by one, and the
// outer ones hold again where the derived context ends. An empty value takes a setting away, that of
// the client too. What a [core.Request] says itself comes before its context, and the context before
// the client's options. A setting that cannot be used, such as a selection with a syntax error, gives
// a [*core.ArgumentError] and nothing is sent, also where a context inside replaces it.
//
// It is the [Client] that reads them, before its middleware, which sees the request as it will go
// out; a transport that is used without a client, such as a fake, does not see them.
//
// [Query] and [Subscribe] go further than [ContextWithSelection] and decode into a type of the caller's
// own, from which the selection follows.
//
// # Variables
//
// A program that sets nothing obeys these environment variables, as the command line does:
// TAEGIS_ENVIRONMENT, TAEGIS_API_URL, TAEGIS_TENANT_ID, TAEGIS_ACCESS_TOKEN, TAEGIS_NO_INPUT,
// TAEGIS_CONFIG_FILE, TAEGIS_CA_BUNDLE, TAEGIS_TOKEN_STORE, and the proxies HTTPS_PROXY, HTTP_PROXY,
// ALL_PROXY and NO_PROXY. An option comes before its variable. [New] provides the token stores "file"
// and "memory"; for the others, and for the profile that TAEGIS_PROFILE names, it returns an error
// that names the package profile, which reads both.
//
// White space, invisible characters and quotes around a value are ignored, as is "Bearer " before a
// token; quotes are logged. A variable that is empty then counts as unset. In a path a leading "~/"
// is the home directory; any other "~", and "$", in a path from a variable is an error.
package taegis

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/ports"
)

// Version is the version of this SDK. The servers see it in the User-Agent header.
const Version = "0.1.0"

// DefaultEnvironment is where a client logs in that is told nothing else.
const DefaultEnvironment = "charlie"

// DefaultTimeout bounds each request, but never a user, a held device request or a stream.
const DefaultTimeout = 60 * time.Second

// Client logs in and carries calls. It is a [ports.Transport], safe for concurrent use; make
// one and keep it.
type Client struct {
	config         *config
	branches       *branches
	transport      ports.Transport // the caller's middleware over the branches
	authenticators []ports.Authenticator
	http           *http.Client // nil if it is the caller's own
	calls          calls

	deprecated sync.Map // the deprecated operations that were logged, by [operationKey]
}

// New returns a client. It checks its options and reads the configuration file, but sends
// nothing: logging in happens with the first call that needs it.
//
// It returns a [*core.UnknownEnvironmentError], a [*core.BaseURLError], a [*core.SettingError] for a
// variable that cannot be used, a [*core.ArgumentError] for a tenant that no header can carry, a
// [*core.FileError] for a certificate bundle that cannot be used, or an option's own error. What is
// wrong with the configuration file stops only what needs a token from it.
func New(options ...Option) (*Client, error) {
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	return c.build()
}

// Environment is where the client logs in and sends its calls, unless their context says
// otherwise.
func (c *Client) Environment() core.Environment { return c.branches.home.environment }

// Execute sends a query or mutation; see [ports.Transport]. Before its own errors come those of
// [Client.Token], and a [*core.ArgumentError] for a setting of the context that cannot be used.
func (c *Client) Execute(ctx context.Context, req *core.Request, out any) error {
	addressed, err := c.addressed(ctx, req)
	if err != nil {
		return err
	}
	ctx, call, err := c.calls.begin(ctx)
	if err != nil {
		return err
	}
	defer call.end()
	return byClose(ctx, c.transport.Execute(ctx, addressed, out))
}

// Subscribe starts a subscription; see [ports.Transport]. Its errors are those of
// [Client.Execute].
func (c *Client) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	addressed, err := c.addressed(ctx, req)
	if err != nil {
		return failing(err)
	}
	return c.calls.stream(ctx, c.transport, addressed)
}

// addressed returns a copy of req with what the caller left open: from the context, else from the
// client's options.
func (c *Client) addressed(ctx context.Context, req *core.Request) (*core.Request, error) {
	c.warnDeprecated(ctx, req.Operation)
	r, s := *req, settingsOf(ctx)
	if err := s.fill(&r); err != nil {
		return nil, err
	}
	if r.Environment.APIURL == "" {
		environment, err := c.find(s.environment)
		if err != nil {
			return nil, err
		}
		r.Environment = environment
	}
	if r.Tenant == "" {
		r.Tenant = or(s.tenant, c.config.tenant)
	} else if reason := setting.TenantFault(r.Tenant); reason != "" {
		return nil, &core.ArgumentError{Operation: r.Operation.Name, Argument: "tenant", Reason: reason}
	}
	if r.Timeout == 0 {
		r.Timeout = or(s.timeout, *c.config.timeout)
	}
	return &r, nil
}

// operationKey names an operation. A program may describe the same one many times.
type operationKey struct{ service, name string }

// warnDeprecated logs the first call of a deprecated operation: one warning is help, more are noise.
func (c *Client) warnDeprecated(ctx context.Context, op *core.Operation) {
	if op.Deprecated == "" {
		return
	}
	if _, again := c.deprecated.LoadOrStore(operationKey{op.Service, op.Name}, true); !again {
		c.config.logger.WarnContext(ctx, "a deprecated operation is called",
			"service", op.Service, "operation", op.Name, "replacement", op.Deprecated)
	}
}

// or returns a setting where there is one, else what holds without it.
func or[T any](setting *T, otherwise T) T {
	if setting == nil {
		return otherwise
	}
	return *setting
}

// Token returns a token that is good at this moment: from memory, from the store, or from the
// chain; that of [ContextWithAccessToken] is returned as it is. It returns a [*core.ChainError]
// where no link gave one, a [*core.FileError] where the store cannot be read, an
// [*core.ArgumentError] for a setting of the context that cannot be used, [core.ErrClosed] after
// Close, and the cause of ctx where that ends first.
//
// Like the methods below it obeys the environment of the context, which can be an
// [*core.UnknownEnvironmentError] or a [*core.BaseURLError].
func (c *Client) Token(ctx context.Context) (core.Token, error) {
	s := settingsOf(ctx)
	if s.fault != nil { // it may be what its token is wrong for
		return core.Token{}, s.fault
	}
	if !s.token.IsZero() && c.calls.isClosed() {
		return core.Token{}, core.ErrClosed
	}
	branch, err := c.branchFor(s.environment)
	if err != nil {
		return core.Token{}, err
	}
	if !s.token.IsZero() {
		return c.givenToken(s, branch.environment)
	}
	if token := branch.session.Fresh(); token != nil {
		return *token, nil // a call less to copy it through
	}
	return branch.session.Token(ctx)
}

// Login logs in anew, whatever is cached, and caches the token. Its errors are those of Token.
func (c *Client) Login(ctx context.Context) (core.Token, error) {
	branch, err := c.branch(ctx)
	if err != nil {
		return core.Token{}, err
	}
	return branch.session.Login(ctx)
}

// ClearTokens forgets the token and deletes every stored token of the environment, whoever's it
// is and under whichever of its names. A refresh under way is ended. Its error is that of the
// store, or the cause of ctx.
func (c *Client) ClearTokens(ctx context.Context) error {
	branch, err := c.branch(ctx)
	if err != nil {
		return err
	}
	for _, other := range c.branches.sharing(branch) {
		err = errors.Join(err, other.session.Clear(ctx))
	}
	return errors.Join(branch.session.Clear(ctx), err)
}

// Close ends the calls and streams that are under way, those that wait for their next try too, the
// refresh of tokens and every authenticator that can be closed, for example a plugin. These calls, and
// calls after Close, fail with [core.ErrClosed]. The connections of an HTTP client of
// [WithHTTPClient] are left alone. A second Close does nothing.
func (c *Client) Close() (err error) {
	if !c.calls.close() {
		return nil
	}
	defer c.closeConnections()
	defer func() { err = errors.Join(err, closeAll(c.authenticators)) }()
	return c.branches.close()
}

func (c *Client) closeConnections() {
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
}
