package taegis

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/policy"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// Option sets one part of a client. Options are applied in order, and a later one replaces an
// earlier one. An option takes precedence over its environment variable.
//
// [New] returns a [*core.ArgumentError] for an option without a value: a nil pointer, function or
// interface, a list that is empty or contains one of these, and an empty name or path. Options that
// accept an empty value document it: an empty tenant, base URL or CA bundle means none, even if the
// option's variable is set.
type Option func(*config) error

// config is the result of the options; a zero field means that no option has set it.
type config struct {
	environment    string
	custom         []core.Environment // those of WithEnvironments
	baseURL        string
	universal      bool
	tenant         string
	authenticators []ports.Authenticator
	store          ports.TokenStore
	transport      ports.Transport
	middleware     []ports.Middleware
	tries          []ports.Middleware // around each try
	observers      []ports.LoginObserver
	watch          func(*config) *session.Watcher // these two are set with the observers, so that
	records        func(*config, string) bool     // a program without any does not link what they call
	prompt         *core.Prompt
	noInput        string
	configFile     string
	caBundle       string
	http           *http.Client
	retry          core.RetryLimits
	limits         core.Limits
	timeout        *time.Duration
	keepAlive      time.Duration
	driftCache     *string
	application    core.Application
	logger         *slog.Logger
	now            func() time.Time
	lookupEnv      func(string) (string, bool)
	shared         *shared // the configuration file; nil until it is read
	policy         *policy.Policy

	said map[*string]bool // the fields that an option has set, so that their variables do not apply
}

// WithEnvironment chooses an environment of Taegis by its name or alias, or a custom one by the
// name under which [WithEnvironments] registers it. Together with [WithBaseURL], any other name
// makes a custom environment. Its variable is TAEGIS_ENVIRONMENT; the default is
// [DefaultEnvironment].
func WithEnvironment(name string) Option {
	return func(c *config) error { return c.say("WithEnvironment", &c.environment, name) }
}

// WithEnvironments registers custom environments by their names; see [core.NewEnvironment].
// [WithEnvironment], TAEGIS_ENVIRONMENT and [ContextWithEnvironment] choose one of them by its
// name, ignoring case. A custom environment takes precedence over an environment of Taegis with the
// same name; of several custom ones with the same name, the last is used. [WithBaseURL] and
// TAEGIS_API_URL replace its base URLs, too. New returns a [*core.BaseURLError] if a base URL
// cannot be used.
func WithEnvironments(environments ...core.Environment) Option {
	return func(c *config) error {
		if len(environments) == 0 {
			return unusable("WithEnvironments", "at least one is needed")
		}
		for i, environment := range environments {
			if environment.Name == "" {
				return unusable("WithEnvironments", fmt.Sprintf("number %d of %d has no name", i+1, len(environments)))
			}
			if err := environment.Validate(); err != nil {
				return err
			}
		}
		c.custom = append(c.custom, environments...)
		return nil
	}
}

// WithBaseURL replaces all base URLs of the environment with one, for example that of an emulator.
// It also applies to other environments that [ContextWithEnvironment] chooses. Its variable is
// TAEGIS_API_URL. An empty URL keeps the base URLs of the environment.
func WithBaseURL(url string) Option {
	return func(c *config) error { c.sayOrNone(&c.baseURL, url); return nil }
}

// WithUniversalAuth logs in at the universal authentication host
// (docs/protocol.md#universal-authentication). Calls go to the region. Fusion has no such host: for
// an environment of fusion, New returns a [*core.ArgumentError]. If the context of a call chooses
// an environment of fusion, the call logs in at fusion.
func WithUniversalAuth() Option {
	return func(c *config) error { c.universal = true; return nil }
}

// WithTenant sets the tenant of calls by its id, which is a UUID on fusion. Its variable is
// TAEGIS_TENANT_ID. An empty id means no tenant; on fusion it means the tenant of the credentials.
// The tenant does not apply to calls to an environment of another platform.
func WithTenant(id string) Option {
	return func(c *config) error { c.sayOrNone(&c.tenant, id); return nil }
}

// WithAuthenticators replaces the chain. The client tries the authenticators in the given order, so
// put those that prompt last.
func WithAuthenticators(authenticators ...ports.Authenticator) Option {
	return func(c *config) error {
		c.authenticators = slices.Clone(authenticators)
		return presentAll("WithAuthenticators", authenticators)
	}
}

// WithTokenStore stores tokens in store instead of the file that is shared with the Python SDK. Its
// variable is TAEGIS_TOKEN_STORE.
func WithTokenStore(store ports.TokenStore) Option {
	return func(c *config) error { c.store = store; return present("WithTokenStore", store) }
}

// WithLoginObserver notifies observers of logins, refreshes and logouts, in addition to those of
// earlier options; see [ports.LoginObserver]. The client does not close them. Package adapters/audit
// has an observer that writes an audit log. If the variable TAEGIS_AUDIT_LOG names one that none of
// the observers writes, New returns a [*core.SettingError].
func WithLoginObserver(observers ...ports.LoginObserver) Option {
	return func(c *config) error {
		c.observers = append(c.observers, observers...)
		c.watch, c.records = (*config).watcher, (*config).writes
		return presentAll("WithLoginObserver", observers)
	}
}

// WithTransport sends calls through t, with a token, instead of HTTP with retries. Logins still use
// HTTP. Calls to all environments go through t, each with its own environment and token.
func WithTransport(t ports.Transport) Option {
	return func(c *config) error { c.transport = t; return present("WithTransport", t) }
}

// WithMiddleware wraps the client's transport; the first middleware is the outermost. Middleware
// receives requests without their tokens.
func WithMiddleware(middleware ...ports.Middleware) Option {
	return func(c *config) error {
		c.middleware = append(c.middleware, middleware...)
		return presentAll("WithMiddleware", middleware)
	}
}

// WithTryMiddleware wraps the transport that sends each try of a request; the first middleware is
// the outermost. It runs below the session, the retries and the adaptation to the server's schema,
// so it counts what is really sent, for example to stay within a limit of requests. Unlike that of
// [WithMiddleware] it receives requests with their tokens. With [WithTransport] it wraps that
// transport.
func WithTryMiddleware(middleware ...ports.Middleware) Option {
	return func(c *config) error {
		c.tries = append(c.tries, middleware...)
		return presentAll(tryMiddleware, middleware)
	}
}

// WithDriftCache sets the folder that stores adaptations of operations for other processes; the
// default is taegis/drift in the user's cache folder. An empty dir keeps them in memory only. The
// folder may contain other files: only files with names that begin with "taegis-adaptation-" are
// removed. See [core.Adaptation].
func WithDriftCache(dir string) Option {
	return func(c *config) error { c.driftCache = &dir; return nil }
}

// WithPrompt prompts the user through prompt instead of at the terminal. With the zero Prompt, the
// client cannot prompt.
func WithPrompt(prompt core.Prompt) Option {
	return func(c *config) error { c.prompt = &prompt; return nil }
}

// WithNonInteractive disables prompts. Errors contain reason, or a default if it is empty. Its
// variable is TAEGIS_NO_INPUT=1.
func WithNonInteractive(reason string) Option {
	return func(c *config) error {
		if c.noInput = reason; reason == "" {
			c.noInput = "the program does not allow it"
		}
		return nil
	}
}

// WithConfigFile sets the path of the configuration file that is shared with the Python SDK; the
// default is ~/.taegis_sdk_python/config. Its variable is TAEGIS_CONFIG_FILE.
func WithConfigFile(path string) Option {
	return func(c *config) error { return c.say("WithConfigFile", &c.configFile, path) }
}

// WithCABundle trusts the PEM certificates in a file in addition to the system's, or to those of
// [WithHTTPClient]. Its variable is TAEGIS_CA_BUNDLE. An empty path adds none.
func WithCABundle(path string) Option {
	return func(c *config) error { c.sayOrNone(&c.caBundle, path); return nil }
}

// WithHTTPClient replaces the SDK's HTTP client, for logins and calls. It is not changed, and
// [Client.Close] does not close its connections. Redirects to another host are never followed.
//
// Together with [WithCABundle], its Transport must be an [*http.Transport]. The client then uses a
// copy that also trusts these certificates. For any other transport, New returns a
// [*core.ArgumentError], or logs a warning if only the variable TAEGIS_CA_BUNDLE is set.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error { c.http = client; return present("WithHTTPClient", client) }
}

// WithApplication adds the program's name and version to the User-Agent header of calls and login
// requests, so that support can find its calls; see [core.UserAgent]. The version may be empty.
// Each is one word of at most 50 ASCII characters; for any other, New returns a
// [*core.ArgumentError].
func WithApplication(name, version string) Option {
	return func(c *config) error {
		c.application = core.Application{Name: name, Version: version}
		if err := c.application.Validate(); err != nil {
			return unusable("WithApplication", err.Error())
		}
		return nil
	}
}

// WithRetry limits retries. A limit of zero selects the value in section backoff.retry of the
// configuration file, or else the value in [core.DefaultRetryLimits].
func WithRetry(limits core.RetryLimits) Option {
	return func(c *config) error {
		if limits.MaxTries < 0 || limits.MaxTime < 0 {
			return unusable("WithRetry", "a limit is negative")
		}
		c.retry = limits
		return nil
	}
}

// WithTimeout sets the time limit of each request instead of [DefaultTimeout]; zero disables it.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return unusable("WithTimeout", "the timeout is negative")
		}
		c.timeout = &d
		return nil
	}
}

// WithKeepAlive sets how long a subscription may be silent before the client pings the server, and
// how long the answer and the handshake may take. The default is 30 s.
func WithKeepAlive(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return unusable("WithKeepAlive", "the time is not positive")
		}
		c.keepAlive = d
		return nil
	}
}

// WithLimits limits the resources that an answer can use, for example its size. A zero field
// selects the value in [core.DefaultLimits]. If an answer exceeds a limit, the call returns a
// [*core.LimitError] that names the field to raise. Answers of login endpoints are always limited
// to 1 MiB.
func WithLimits(limits core.Limits) Option {
	return func(c *config) error {
		if limits.ResponseBytes < 0 || limits.MessageBytes < 0 || limits.ValueBytes < 0 || limits.Depth < 0 {
			return unusable("WithLimits", "a limit other than Redirects is negative")
		}
		c.limits = limits
		return nil
	}
}

// WithLogger logs warnings, and each call at debug level, to logger instead of [slog.Default]. At
// [transport.LevelTrace] it also logs each call as a curl command. Secrets are redacted.
//
// [transport.LevelTrace]:
// https://pkg.go.dev/github.com/taegis-go/taegis/adapters/transport#LevelTrace
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error { c.logger = logger; return present("WithLogger", logger) }
}

// WithClock makes the client call now for the current time, instead of [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *config) error { c.now = now; return present("WithClock", now) }
}

// WithLookupEnv makes the client look up environment variables with lookup, instead of
// [os.LookupEnv].
func WithLookupEnv(lookup func(string) (string, bool)) Option {
	return func(c *config) error { c.lookupEnv = lookup; return present("WithLookupEnv", lookup) }
}

// getenv returns a variable's value, "" if it is unset.
func (c *config) getenv(name string) string {
	value, _ := c.lookupEnv(name)
	return value
}

// configure applies the options, then their environment variables and defaults, and reads the policy.
func configure(options []Option) (*config, error) {
	c := &config{lookupEnv: os.LookupEnv, now: time.Now, said: map[*string]bool{}}
	for i, option := range options {
		if option == nil {
			return nil, unusable(fmt.Sprintf("option %d", i+1), "it is nil")
		}
		if err := option(c); err != nil {
			return nil, err
		}
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	if err := c.readSettings(); err != nil {
		return nil, err
	}
	if c.environment == "" {
		c.environment = DefaultEnvironment
	}
	if c.timeout == nil {
		c.timeout = new(DefaultTimeout)
	}
	var err error
	c.policy, err = policy.Load()
	return c, err
}
