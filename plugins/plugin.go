package plugins

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins/internal/contract"
	"github.com/taegis-go/taegis/ports"
)

// The time limits of a [Config] that sets none.
const (
	DefaultTimeout            = 30 * time.Second
	DefaultInteractionTimeout = 10 * time.Minute
)

// Config configures a plugin.
type Config struct {
	// Name is the plugin's name: the authenticator is called "plugin:NAME". It has letters, digits,
	// "-", "_" and "."; empty means the program's file name without "taegis-plugin-".
	Name string
	// Path is the absolute path of the program. PATH is not searched. Versions with a checksum of
	// SHA256 are also found next to it, at [VersionPath].
	Path string
	// Entry is the program in the folder at Path, relative to it, for a plugin of several files;
	// empty if Path is the program.
	Entry string
	// SHA256 are the checksums of the programs that may run, in hex, the preferred one first; see
	// [Checksum]. The program that is there with the most preferred one is started. At each start
	// the checksum is compared with the bytes that will run.
	SHA256 []string
	// Keys are public keys of minisign, for example "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".
	// If there are any, a program runs only with a signature by one of them, in the file
	// PATH.minisig next to it; SHA256 may then be empty, and restricts the programs if it is not.
	// Without a checksum and a key the plugin does not start.
	Keys []string
	// SignedSince is the time since which a program must have been signed, so that an old version
	// cannot come back with its valid signature; zero for no limit.
	SignedSince time.Time
	// Deny are checksums of programs that do not run, whatever else allows them.
	Deny []string
	// Settings are the plugin's own settings. They, Username and the values of the variables of Env
	// identify its account, and so select the cached token. Do not put secrets here: name a variable in Env.
	Settings map[string]string
	// Env are the names of the environment variables that the plugin gets, in its process and by
	// Lookup. It gets no others: a plugin that starts programs needs PATH, for example.
	Env []string
	// Username is the name of the user that logs in; empty means that of the request. The plugin gets
	// it, and it is a part of the account: two users of one machine have two tokens.
	Username string
	// Prompts says that every login of the plugin prompts the user, as the plugin's description does:
	// if no prompt is possible, the plugin is unavailable and not started.
	Prompts bool
	// Revokes says that the plugin is started, if it is not running, to be told of a logout. A plugin
	// that is running is told in any case, if its description says that it wants to be.
	Revokes bool
	// CABundle is the path of a PEM file with certificate authorities that the plugin trusts; empty
	// means the setting TAEGIS_CA_BUNDLE. The plugin gets the certificates and the host's proxies
	// (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY).
	CABundle string
	// Timeout is the time limit of one login, including the start of the program, without the time
	// that the plugin waits for the user. InteractionTimeout is the limit of that. Zero means
	// [DefaultTimeout] and [DefaultInteractionTimeout].
	Timeout, InteractionTimeout time.Duration
	// IdleTimeout is how long the program runs on after a call; the next call starts it again. Zero
	// means [DefaultIdleTimeout], a negative value that it runs until Close.
	IdleTimeout time.Duration
	// Logger logs what the plugin prints, at debug level, and warns of programs that may not run;
	// nil discards both.
	Logger *slog.Logger
}

// ConfigError is returned by [New] for a field of a [Config] that cannot be used.
type ConfigError struct{ Name, Field, Reason string }

// Error returns the plugin's name, the field and the reason.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("plugin %q: %s %s", e.Name, e.Field, e.Reason)
}

// Plugin is an authenticator that runs a program. Close ends the program.
type Plugin struct {
	config Config
	name   string
	rules  rules // which programs may run

	life context.Context // ends with Close
	end  context.CancelFunc
	used usage
	running
}

var _ interface {
	ports.Authenticator
	ports.AccountResolver
	ports.Revoker
	ports.Named
	ports.ProgramReporter
} = (*Plugin)(nil)

var (
	validName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]+$`) })
	validHash = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })
)

// nameOf returns the name of the plugin at path.
func nameOf(path string) string {
	return strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ".exe"), "taegis-plugin-")
}

// New returns an authenticator that runs a plugin. It starts nothing and reads no file, so that a
// plugin that is missing or changed does not affect a chain that does not reach it. It returns a
// [*ConfigError] if config cannot be used.
func New(config Config) (*Plugin, error) {
	c := config
	c.Name = cmp.Or(c.Name, nameOf(c.Path))
	c.SHA256, c.Deny = lowered(c.SHA256), lowered(c.Deny)
	keys, keyErr := parseKeys(c.Keys)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.InteractionTimeout = cmp.Or(c.InteractionTimeout, DefaultInteractionTimeout)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, DefaultIdleTimeout)
	c.Settings, c.Env = maps.Clone(c.Settings), slices.Clone(c.Env)
	switch {
	case !validName().MatchString(c.Name):
		return nil, &ConfigError{c.Name, "Name", "may hold letters, digits, dots, dashes and underscores"}
	case !filepath.IsAbs(c.Path):
		return nil, &ConfigError{c.Name, "Path", "must be absolute: nothing is searched for"}
	case !areHashes(c.SHA256):
		return nil, &ConfigError{c.Name, "SHA256", "must be 64 hex digits: the SHA-256 of the program"}
	case !areHashes(c.Deny):
		return nil, &ConfigError{c.Name, "Deny", "must be 64 hex digits: the SHA-256 of a program"}
	case keyErr != nil:
		return nil, &ConfigError{c.Name, "Keys", keyErr.Error()}
	case c.Entry != "" && !filepath.IsLocal(filepath.FromSlash(c.Entry)):
		return nil, &ConfigError{c.Name, "Entry", "must be the path of a program in the folder"}
	case c.Timeout < 0 || c.InteractionTimeout < 0:
		return nil, &ConfigError{c.Name, "Timeout and InteractionTimeout", "must not be negative"}
	}
	p := &Plugin{
		config: c, name: "plugin:" + c.Name, running: running{slot: make(chan struct{}, 1)},
		rules: rules{name: c.Name, sums: c.SHA256, keys: keys, since: c.SignedSince, deny: c.Deny},
	}
	p.life, p.end = context.WithCancel(context.Background())
	return p, nil
}

// Name returns "plugin:NAME".
func (p *Plugin) Name() string { return p.name }

// Authenticate logs in by the plugin, and starts it if it is not running. If the login fails, it
// returns the plugin's error: a [*core.UnavailableError], or a [*core.LoginError], which may be
// [core.ErrDenied] or [core.ErrCancelled], or wrap a [*core.ConnectionError].
//
// If the plugin itself fails, the [*core.LoginError] wraps a [*ChecksumError], a
// [*core.PolicyError] if the policy of this machine does not allow the program, an error of [io/fs]
// if there is no program, or one of the sentinel errors of this package. After [Plugin.Close] it
// returns [core.ErrClosed].
func (p *Plugin) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	var token core.Token
	begin := time.Now()
	err := p.call(ctx, func(ctx context.Context, clock *clock) (err error) {
		token, err = p.logIn(ctx, req, clock)
		return err
	})
	p.reportCrash(ctx, req, begin, err)
	return token, err
}

// call runs f within the time limits. If a limit, ctx or Close ends f, it returns that cause.
func (p *Plugin) call(ctx context.Context, f func(context.Context, *clock) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	defer p.used.begin(p.config.IdleTimeout, p.rest)()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.life, func() { cancel(core.ErrClosed) })()
	clock := newClock(p.config.Timeout, p.config.InteractionTimeout, func(user bool) { cancel(p.late(user)) })
	defer clock.stop()
	err := f(ctx, clock)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return err
}

func (p *Plugin) logIn(ctx context.Context, req core.LoginRequest, clock *clock) (core.Token, error) {
	if err := p.cannotPrompt(req); err != nil {
		return core.Token{}, err
	}
	m, err := p.request(req)
	if err != nil {
		return core.Token{}, err
	}
	c, err := p.acquire(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	p.withhold(req, c.printed)
	m.State = c.stateOf(ctx, req)
	if !c.names() {
		m.Username, m.Rejected = "", false
	}
	var asked *promptServer
	if req.CanPrompt() == nil {
		asked = &promptServer{name: p.name, prompt: req.Prompt, clock: clock, told: c.printed.withhold}
	}
	answer, err := c.authenticate(ctx, m, asked)
	if err != nil {
		return core.Token{}, p.broken(ctx, c, err)
	}
	p.past.answered()
	c.once.Do(func() { p.logUse(ctx, c.source) })
	if !c.names() {
		answer.State, answer.Account = nil, ""
	}
	keep(ctx, req, answer.GetState())
	return p.outcome(answer, req, c.printed)
}

// outcome returns the token or the error of an answer.
func (p *Plugin) outcome(answer *contract.AuthenticateResponse, req core.LoginRequest, said *printed) (core.Token, error) {
	if failure := answer.GetFailure(); failure != nil {
		return core.Token{}, decodeFailure(p.name, failure, said.fit)
	}
	token, err := p.token(answer.GetToken(), req)
	said.withhold(token.AccessToken)
	token.Account = p.told(token.Account, answer.GetAccount())
	return token, err
}

// Close ends the logins in progress and, within two seconds, the program. The plugin cannot be used
// after that.
func (p *Plugin) Close() error {
	p.end()
	p.used.close()
	p.stop()
	return nil
}
