// Package taegis logs in to the Taegis XDR platform and sends calls to its GraphQL APIs.
//
//	client, err := taegis.New(taegis.WithEnvironment("charlie"))
//	if err != nil { … }
//	defer client.Close()
//	made, err := clients.New(client).CreateClient(ctx, clients.CreateClientArgs{Name: "my_awesome_app"})
//
// # Logging in
//
// A client logs in by an ordered chain: a stored token, then OAuth client credentials from
// CLIENT_ID and CLIENT_SECRET, then a prompt at the terminal, for single sign-on or for user name,
// password and MFA code. An [Option] replaces any part of it: authenticators, token store,
// transport. Tokens are stored in the file that the Python SDK uses.
//
// # Settings per call
//
// Options apply to all calls of a client. A context overrides them for the calls made with it:
//
//	ctx = taegis.ContextWithTenant(ctx, "00000")
//	ctx = taegis.ContextWithSelection(ctx, "alerts { list { id } }")
//	page, err := alerts.New(client).AlertsServiceSearch(ctx, args)
//
// A setting replaces the same setting of parent contexts; a header replaces only the header of the
// same name. An empty value removes a setting, including that of the client. A field of a
// [core.Request] takes precedence over the context, and the context over the client's options. If a
// setting cannot be used, for example a selection with a syntax error, the call returns a
// [*core.ArgumentError] and sends nothing, even if a child context replaces the setting.
//
// The [Client] applies these settings before its middleware. A transport that is used without a
// client, for example a fake, ignores them.
//
// [Query] and [Subscribe] decode into the caller's type and derive the selection from it.
//
// # Policy
//
// The administrator of a machine can limit methods, token stores, environments and plugins in a
// file, which [New] obeys and neither an option nor a variable overrides; see docs/enterprise.md.
// An authenticator that the policy excludes is unavailable to the chain, by its name: see
// [ports.Named]. A token of [ContextWithAccessToken] and a transport of [WithTransport] are those of
// the program.
//
// # Variables
//
// If an option is not set, New reads its environment variable, as the command line does:
// TAEGIS_ENVIRONMENT, TAEGIS_API_URL, TAEGIS_TENANT_ID, TAEGIS_ACCESS_TOKEN, TAEGIS_NO_INPUT,
// TAEGIS_CONFIG_FILE, TAEGIS_CA_BUNDLE, TAEGIS_TOKEN_STORE, and the proxies HTTPS_PROXY,
// HTTP_PROXY, ALL_PROXY and NO_PROXY. An option takes precedence over its variable. [New] provides
// the token stores "file" and "memory". It returns an error for any other store and for
// TAEGIS_PROFILE: package profile supports both.
//
// White space, invisible characters and quotes around a value are ignored, as is "Bearer " before a
// token. If there were quotes, New logs a warning. A variable that is then empty counts as unset.
// In a path, a leading "~/" is the home directory. Any other "~" or a "$" in a path from a variable
// is an error.
package taegis

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/ports"
)

// Version is the version of this SDK. The User-Agent header contains it.
const Version = "0.1.0"

// DefaultEnvironment is the environment of a client without [WithEnvironment] and
// TAEGIS_ENVIRONMENT.
const DefaultEnvironment = "charlie"

// DefaultTimeout is the time limit of each request. It does not apply to prompts, device
// authorization or subscriptions.
const DefaultTimeout = 60 * time.Second

// Client logs in and sends calls. It implements [ports.Transport] and is safe for concurrent use.
// Create one client and reuse it.
type Client struct {
	config         *config
	branches       *branches
	transport      ports.Transport // the caller's middleware over the branches
	authenticators []ports.Authenticator
	http           *http.Client
	ownsHTTP       bool // it is not that of WithHTTPClient
	calls          calls

	deprecated sync.Map // the deprecated operations that were logged, by [operationKey]
}

// New returns a client. It checks the options and reads the configuration file, but sends nothing:
// the first call that needs a token logs in.
//
// If something cannot be used, New returns an error: for the environment, a
// [*core.UnknownEnvironmentError] or a [*core.BaseURLError]; for a variable, a
// [*core.SettingError]; for an option or the tenant, a [*core.ArgumentError]; for the certificate
// bundle, a [*core.FileError]. If the policy of this machine does not allow the environment or the
// token store, or cannot be used, it returns a [*core.PolicyError]. If the configuration file cannot
// be read, New succeeds, and only the calls that need a token from it fail.
func New(options ...Option) (*Client, error) {
	c, err := configure(options)
	if err != nil {
		return nil, err
	}
	return c.build()
}

// Environment returns the environment that the client logs in and sends calls to, unless a context
// chooses another one.
func (c *Client) Environment() core.Environment { return c.branches.home.environment }

// Execute sends a query or mutation; see [ports.Transport]. It also returns the errors of
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

// addressed returns a copy of req in which the context, or else the client's options, fill the
// fields that are not set.
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
	if err := c.fillTenant(&r, s); err != nil {
		return nil, err
	}
	if r.Timeout == 0 {
		r.Timeout = valueOr(s.timeout, *c.config.timeout)
	}
	return &r, nil
}

// fillTenant sets the tenant of a request that names none. That of the client's options belongs to
// the platform of the client's own environment. On fusion, the session fills in one that is missing
// still.
func (c *Client) fillTenant(r *core.Request, s *callSettings) error {
	if r.Operation.Kind == core.KindGet {
		return nil
	}
	platform := r.Environment.Platform
	switch {
	case r.Tenant != "":
	case s.tenant != nil:
		r.Tenant = *s.tenant
	case platform == c.Environment().Platform:
		r.Tenant = c.config.tenant
	}
	reason := setting.TenantFault(r.Tenant)
	if reason == "" && r.Tenant != "" {
		reason = platform.TenantFault(r.Tenant)
	}
	if reason != "" {
		return &core.ArgumentError{Operation: r.Operation.Name, Argument: "tenant", Reason: reason}
	}
	return nil
}

// operationKey identifies an operation, of which a program may have many values.
type operationKey struct{ service, name string }

// warnDeprecated logs the first call of each deprecated operation.
func (c *Client) warnDeprecated(ctx context.Context, op *core.Operation) {
	if op.Deprecated == "" {
		return
	}
	if _, again := c.deprecated.LoadOrStore(operationKey{op.Service, op.Name}, true); !again {
		c.config.logger.WarnContext(ctx, "a deprecated operation is called",
			"service", op.Service, "operation", op.Name, "replacement", op.Deprecated)
	}
}

// valueOr returns a setting if it is set, else the default.
func valueOr[T any](setting *T, otherwise T) T {
	if setting == nil {
		return otherwise
	}
	return *setting
}

// Token returns a valid token from memory, from the token store or from the chain. The token of
// [ContextWithAccessToken] is returned unchanged.
//
// If no authenticator returns a token, Token returns a [*core.ChainError]. If the token store
// cannot be read, it returns a [*core.FileError] or a [*core.StoreError]; for a setting of the
// context that cannot be used, a [*core.ArgumentError]; after Close, [core.ErrClosed]; and if ctx
// ends first, its cause.
//
// Like Login, ClearTokens and Explain, Token uses the environment of ctx. It returns a
// [*core.UnknownEnvironmentError] or a [*core.BaseURLError] if that cannot be used.
func (c *Client) Token(ctx context.Context) (core.Token, error) {
	s := settingsOf(ctx)
	if s.fault != nil { // it may be about the token
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

// Login logs in, even if a valid token is stored, and stores the new token. It returns the errors
// of [Client.Token].
func (c *Client) Login(ctx context.Context) (core.Token, error) {
	branch, err := c.branch(ctx)
	if err != nil {
		return core.Token{}, err
	}
	return branch.session.Login(ctx)
}

// ClearTokens deletes every token of the environment from memory and from the token store, for all
// accounts and all names of the environment. It cancels a refresh in progress. Then each authenticator
// that is a [ports.Revoker] has 5 s to end what its logins have begun; a failure of it is logged as a
// warning. ClearTokens returns the error of the token store, or the cause of ctx.
func (c *Client) ClearTokens(ctx context.Context) error {
	branch, err := c.branch(ctx)
	if err != nil {
		return err
	}
	sessions := []*session.Session{branch.session}
	for _, other := range c.branches.sharing(branch) {
		sessions = append(sessions, other.session)
	}
	revoke := session.Revocation(ctx, sessions...)
	for _, one := range slices.Backward(sessions) {
		err = errors.Join(err, one.Clear(ctx))
	}
	if err == nil {
		revoke(ctx)
	}
	return err
}

// Close ends all calls, subscriptions and token refreshes in progress, and closes every
// authenticator that is an [io.Closer], for example a plugin. These calls, and calls after Close,
// return [core.ErrClosed]. Close does not close the connections of [WithHTTPClient]. A second Close
// does nothing.
func (c *Client) Close() (err error) {
	if !c.calls.close() {
		return nil
	}
	defer c.closeConnections()
	defer func() { err = errors.Join(err, closeAll(c.authenticators)) }()
	return c.branches.close()
}

// HTTPTransport returns the HTTP transport of the client's requests, with its connections, proxies
// and certificates, for requests of other kinds, for example to signed URLs. It adds no token, no
// tenant and no cookies.
func (c *Client) HTTPTransport() http.RoundTripper {
	if c.http.Transport == nil {
		return http.DefaultTransport
	}
	return c.http.Transport
}

func (c *Client) closeConnections() {
	if c.ownsHTTP {
		c.http.CloseIdleConnections()
	}
}
