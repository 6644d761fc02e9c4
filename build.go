package taegis

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// build creates a client from the parts that the options chose, and defaults for the others.
func (c *config) build() (*Client, error) {
	file, shared := c.openShared()
	c.shared = shared
	own, err := c.ownEnvironment()
	if err != nil {
		return nil, err
	}
	limits, hint := shared.notebookSettings(c.retry, c.logger)
	client, ours, err := c.httpClient()
	if err != nil {
		return nil, err
	}

	authenticators := c.chain()
	if hint != nil && !own.Universal && c.baseURL == "" {
		authenticators = append([]ports.Authenticator{hint}, authenticators...)
	}
	store, err := c.allowedStore(file)
	if err != nil {
		return nil, err
	}
	allowed := c.allowed(authenticators)
	wire, err := c.wire(client, limits)
	if err != nil {
		return nil, err
	}
	login := core.LoginRequest{
		Prompt:         c.userPrompt(),
		NonInteractive: c.noInput,
		HTTP:           client,
		UserAgent:      core.UserAgent("", Version, c.application),
		Timeout:        *c.timeout,
		Retry:          limits,
		Now:            c.now,
	}
	open := func(environment core.Environment) *branch {
		login := login
		login.Environment = environment
		login.Lookup = (&settings{platform: environment.Platform, lookupEnv: c.lookupEnv, renamed: shared.renamed(environment), logger: c.logger}).lookup
		if environment.AuthHost() != own.AuthHost() || environment.Platform != own.Platform {
			login.HomeEnvironment, login.HomePlatform = own.Name, own.Platform
		}
		s := session.New(session.Config{
			Authenticators: allowed, Store: store, Logger: c.logger, Login: login, Watcher: c.watcherOrNil(),
			Identify: c.identify(environment, wire.Execute),
		})
		return &branch{environment: environment, session: s, wire: s.Authorize(wire)}
	}
	all := &branches{home: open(own), wire: wire, open: open, policy: c.policy}
	wrapped, err := wrap("WithMiddleware", transport.RepeatRefused()(all), c.middleware)
	if err != nil {
		return nil, err
	}
	made := &Client{
		config: c, branches: all, transport: wrapped, authenticators: authenticators, http: client, ownsHTTP: ours,
	}
	made.calls.late = made.closeConnections
	all.belongs = made.belongs
	return made, nil
}

// chain returns the authenticators of the options, or else the default ones.
func (c *config) chain() []ports.Authenticator {
	if c.authenticators != nil {
		return c.authenticators
	}
	return []ports.Authenticator{&authn.StaticToken{}, &authn.ClientCredentials{}, &authn.Interactive{}}
}

// openShared returns the configuration file and its content. If it cannot be read and the client
// stores tokens elsewhere, it logs a warning. Otherwise the first use of the store returns the
// error: a client with an access token needs neither.
func (c *config) openShared() (*tokenstore.File, *shared) {
	file := &tokenstore.File{Path: c.configFile, Logger: c.logger, Now: c.now}
	if _, err := tokenstore.DefaultPath(); err != nil && file.Path == "" && c.store != nil {
		return file, &shared{} // without a home folder there is no file, and none is needed
	}
	held, err := readShared(file)
	if err == nil {
		return file, held
	}
	if c.store != nil && !errors.Is(err, tokenstore.ErrHidden) {
		c.logger.Warn("the configuration file is not used", "error", err)
	}
	return file, &shared{unread: err}
}

// httpClient returns the HTTP client, and whether Close closes its connections.
func (c *config) httpClient() (client *http.Client, ours bool, err error) {
	switch {
	case c.http == nil:
		client, err = transport.NewClient(transport.ClientConfig{CABundle: c.caBundle, Redirects: c.limits.Redirects, LookupEnv: c.lookupEnv})
		return client, true, err
	case c.caBundle == "":
		return c.http, false, nil
	}
	client, err = transport.TrustAlso(c.http, c.caBundle)
	if errors.Is(err, transport.ErrNotTrusted) {
		if !c.said[&c.caBundle] {
			c.logger.Warn("TAEGIS_CA_BUNDLE is not used with the HTTP client of WithHTTPClient", "error", err)
			return c.http, false, nil
		}
		err = unusable("WithCABundle", "it does not combine with this HTTP client of WithHTTPClient: "+err.Error())
	}
	return client, true, err
}

// userPrompt returns the prompt of WithPrompt, or else that of the terminal.
func (c *config) userPrompt() core.Prompt {
	if c.prompt != nil {
		return *c.prompt
	}
	return terminal.New(terminal.Options{Getenv: c.getenv})
}

// wire returns the transport for requests that have a token.
func (c *config) wire(client *http.Client, limits core.RetryLimits) (ports.Transport, error) {
	if c.transport != nil {
		return wrap(tryMiddleware, c.transport, c.tries)
	}
	var wire ports.Transport = &transport.HTTP{Client: client, Version: Version, Application: c.application, Limits: c.limits, KeepAlive: c.keepAlive}
	wire, err := wrap(tryMiddleware, transport.Log(c.logger)(wire), c.tries)
	if err != nil {
		return nil, err
	}
	wire = drift.Middleware(drift.Config{Dir: valueOr(c.driftCache, drift.DefaultDir()), Logger: c.logger, Now: c.now})(wire)
	return transport.Retry(limits)(wire), nil
}

// tryMiddleware is the option with the middleware around each try.
const tryMiddleware = "WithTryMiddleware"

// wrap puts the middleware of an option around t, the first one outermost.
func wrap(option string, t ports.Transport, middleware []ports.Middleware) (ports.Transport, error) {
	for i, around := range slices.Backward(middleware) {
		if t = around(t); isNil(t) {
			return nil, unusable(option, fmt.Sprintf("number %d of %d returns no transport", i+1, len(middleware)))
		}
	}
	return t, nil
}
