package taegis

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Option chooses one part of a client. Options are applied in order; a later one wins.
//
// The same rule holds for all of them: [New] returns a [*core.ArgumentError] for an option without a
// value, which is a nil pointer, function or interface, a list that is empty or holds one of these,
// and an empty name or path. An option that may be empty says what that means: an empty tenant, base
// URL or CA bundle means none, even if the option's variable has one.
type Option func(*config) error

// config is what the options say; a zero field means that they said nothing.
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
	shared         *shared // what the configuration file says; nil until it was read

	said map[*string]bool // the fields whose variables do not apply because an option has set them
}

// WithEnvironment chooses an environment of Taegis by its name or alias, or a custom one by the name
// under which [WithEnvironments] registers it. Together with [WithBaseURL], any other name makes a
// custom environment. Its variable is TAEGIS_ENVIRONMENT; the default is [DefaultEnvironment].
func WithEnvironment(name string) Option {
	return func(c *config) error { return c.say("WithEnvironment", &c.environment, name) }
}

// WithEnvironments registers custom environments by their names; see [core.NewEnvironment].
// [WithEnvironment], TAEGIS_ENVIRONMENT and [ContextWithEnvironment] choose one of them by its name,
// in any case. It comes before an environment of Taegis with the same name, and the last of several
// with one name is used. [WithBaseURL] and TAEGIS_API_URL replace its base URLs, too. New returns a
// [*core.BaseURLError] if a base URL cannot be used.
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

// WithBaseURL puts one base URL, such as an emulator's or a proxy's, in place of all those of
// the environment, and of any other that [ContextWithEnvironment] names. Its variable is
// TAEGIS_API_URL. An empty one means those of the environment.
func WithBaseURL(url string) Option {
	return func(c *config) error { c.sayOrNone(&c.baseURL, url); return nil }
}

// WithUniversalAuth logs in at the universal authentication host; calls stay in the region.
func WithUniversalAuth() Option {
	return func(c *config) error { c.universal = true; return nil }
}

// WithTenant sets the tenant in whose context calls are made. Its variable is TAEGIS_TENANT_ID. An
// empty id makes them without a tenant.
func WithTenant(id string) Option {
	return func(c *config) error { c.sayOrNone(&c.tenant, id); return nil }
}

// WithAuthenticators replaces the chain. Links that ask a user come after those that do not.
func WithAuthenticators(authenticators ...ports.Authenticator) Option {
	return func(c *config) error {
		c.authenticators = slices.Clone(authenticators)
		return presentAll("WithAuthenticators", authenticators)
	}
}

// WithTokenStore replaces the file that is shared with the Python SDK as the place for tokens.
func WithTokenStore(store ports.TokenStore) Option {
	return func(c *config) error { c.store = store; return present("WithTokenStore", store) }
}

// WithTransport replaces the wire: calls go to t with a token, and neither HTTP nor retries are
// used for them. Logging in still uses HTTP. Calls to all environments go to t, each with its own
// environment and token.
func WithTransport(t ports.Transport) Option {
	return func(c *config) error { c.transport = t; return present("WithTransport", t) }
}

// WithMiddleware wraps the client's transport; the first one given is the outermost. Middleware
// sees requests without their tokens.
func WithMiddleware(middleware ...ports.Middleware) Option {
	return func(c *config) error {
		c.middleware = append(c.middleware, middleware...)
		return presentAll("WithMiddleware", middleware)
	}
}

// WithDriftCache names the folder in which repairs of operations are kept for other processes, in
// place of taegis/drift in the user's cache folder. An empty one keeps them in memory alone. The
// folder may hold other files: only those whose names begin with "taegis-adaptation-" are removed.
// See [core.Adaptation].
func WithDriftCache(dir string) Option {
	return func(c *config) error { c.driftCache = &dir; return nil }
}

// WithPrompt says how a user can be asked, in place of the terminal. With the zero Prompt the client cannot
// prompt.
func WithPrompt(prompt core.Prompt) Option {
	return func(c *config) error { c.prompt = &prompt; return nil }
}

// WithNonInteractive forbids asking a user; reason says why in errors, in words of the SDK's if it is
// empty. Its variable is TAEGIS_NO_INPUT=1.
func WithNonInteractive(reason string) Option {
	return func(c *config) error {
		if c.noInput = reason; reason == "" {
			c.noInput = "the program does not allow it"
		}
		return nil
	}
}

// WithConfigFile names the configuration file that is shared with the Python SDK, in place of
// ~/.taegis_sdk_python/config. Its variable is TAEGIS_CONFIG_FILE.
func WithConfigFile(path string) Option {
	return func(c *config) error { return c.say("WithConfigFile", &c.configFile, path) }
}

// WithCABundle trusts the PEM certificates in a file in addition to the system's, or to those of
// [WithHTTPClient]. Its variable is TAEGIS_CA_BUNDLE. An empty path adds none.
func WithCABundle(path string) Option {
	return func(c *config) error { c.sayOrNone(&c.caBundle, path); return nil }
}

// WithHTTPClient replaces the SDK's HTTP client, for login and for calls. It is not changed, and
// [Client.Close] leaves its connections alone. Redirects to another host are refused in any case.
//
// Together with [WithCABundle] its transport has to be an [*http.Transport], of which the client then
// uses a copy that trusts these certificates too; for any other transport New returns a
// [*core.ArgumentError]. If only the variable names a CA bundle, that is a warning.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error { c.http = client; return present("WithHTTPClient", client) }
}

// WithApplication names the program at the end of the User-Agent header of calls and login requests,
// so that support can tell its calls apart; see [core.UserAgent]. The version may be empty. Each of
// them is one word of at most 50 ASCII characters.
func WithApplication(name, version string) Option {
	return func(c *config) error {
		c.application = core.Application{Name: name, Version: version}
		if err := c.application.Validate(); err != nil {
			return unusable("WithApplication", err.Error())
		}
		return nil
	}
}

// WithRetry bounds repetition. The configuration file's [backoff.retry] is its counterpart; a limit
// of zero is taken from there, then from [core.DefaultRetryLimits].
func WithRetry(limits core.RetryLimits) Option {
	return func(c *config) error {
		if limits.MaxTries < 0 || limits.MaxTime < 0 {
			return unusable("WithRetry", "a limit is negative")
		}
		c.retry = limits
		return nil
	}
}

// WithTimeout bounds each request in place of [DefaultTimeout]; zero removes the bound.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return unusable("WithTimeout", "the timeout is negative")
		}
		c.timeout = &d
		return nil
	}
}

// WithKeepAlive says how long a subscription may be silent before the server is asked for a sign of
// life, and how long that and the handshake may take, in place of 30 s.
func WithKeepAlive(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return unusable("WithKeepAlive", "the time is not positive")
		}
		c.keepAlive = d
		return nil
	}
}

// WithLimits bounds what a server can make the client do with an answer, such as its size; a zero
// field means that of [core.DefaultLimits]. What passes a limit gives a [*core.LimitError] that names
// the field to raise. Answers of login endpoints end at 1 MiB, whatever the limits are.
func WithLimits(limits core.Limits) Option {
	return func(c *config) error {
		if limits.ResponseBytes < 0 || limits.MessageBytes < 0 || limits.ValueBytes < 0 || limits.Depth < 0 {
			return unusable("WithLimits", "a limit other than Redirects is negative")
		}
		c.limits = limits
		return nil
	}
}

// WithLogger sends warnings, and each call at debug level, to logger in place of [slog.Default]. A
// logger with [transport.LevelTrace] enabled gets a curl line of each call too. Secrets are redacted.
//
// [transport.LevelTrace]: https://pkg.go.dev/github.com/taegis-go/taegis/adapters/transport#LevelTrace
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error { c.logger = logger; return present("WithLogger", logger) }
}

// WithClock tells the time in place of [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *config) error { c.now = now; return present("WithClock", now) }
}

// WithLookupEnv looks environment variables up in place of [os.LookupEnv].
func WithLookupEnv(lookup func(string) (string, bool)) Option {
	return func(c *config) error { c.lookupEnv = lookup; return present("WithLookupEnv", lookup) }
}

// getenv returns a variable's value, "" where it is unset.
func (c *config) getenv(name string) string {
	value, _ := c.lookupEnv(name)
	return value
}

// configure applies the options, and the environment variables behind them.
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
	return c, nil
}
