package doctor

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/profile"
)

// The time limits of one check, of a cancelled check until it returns its reason, and of all checks.
const (
	checkLimit = 10 * time.Second
	graceLimit = 200 * time.Millisecond
	wholeLimit = 15*time.Second - 2*graceLimit
)

// examination is one run of doctor. A part of the configuration that cannot be read is zero, and the
// checks that need it are skipped.
type examination struct {
	app     *cmdutil.App // its stderr is discarded
	offline bool

	chosen      *profile.Settings
	profilesErr error
	environment core.Environment
	environErr  error
	sharedPath  string
	sharedErr   error
	homeErr     error    // the reason why the shared file has no path
	warnings    []string // warnings of a client that reads the shared file
	http        *http.Client
	bundle      string // path of additional certificate authorities
	bundleErr   error

	begun []finding // findings of the local checks
}

// examine runs all checks. Checks that may be slow run concurrently.
func examine(ctx context.Context, a *cmdutil.App, offline bool) []finding {
	ctx, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	e, inTime := within(ctx, func(ctx context.Context) *examination { return newExamination(ctx, a, offline) })
	if !inTime {
		path, _ := profile.DefaultPath() // an empty path lists the current folder
		return []finding{failed("ls -lL "+shellquote.Word(path), "the files of the configuration cannot be read in time").named("configuration")}
	}
	findings := e.begun
	var locks, plugins []finding
	var login account
	var sites []site
	var all sync.WaitGroup
	all.Go(func() { locks = []finding{timed(ctx, e.locks).named("locks")} })
	all.Go(func() { login = e.account(ctx) })
	all.Go(func() { plugins = e.plugins(ctx) })
	all.Go(func() { sites = e.connectAll(ctx) })
	all.Wait()
	findings = slices.Concat(findings, locks, login.findings, plugins)
	for _, s := range sites {
		findings = append(findings, s.finding)
	}
	call := timed(ctx, func(ctx context.Context) finding { return e.call(ctx, sites, login.token) })
	return append(findings, e.clock(sites, login.token).named("clock"), call.named("call"))
}

// within returns the result of f, or false if f takes too long. Then f keeps running, because some
// system calls ignore the context.
func within[T any](ctx context.Context, f func(context.Context) T) (result T, inTime bool) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	results := make(chan T, 1)
	go func() { results <- f(ctx) }()
	select {
	case result = <-results:
		return result, true
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.Canceled) { // the command was interrupted
		return result, false
	}
	select {
	case result = <-results: // f returned because of the context, with its reason
		return result, true
	case <-time.After(graceLimit):
		return result, false
	}
}

// timed returns the finding of a check, or a failure if the check takes too long.
func timed(ctx context.Context, check func(context.Context) finding) finding {
	f, inTime := within(ctx, check)
	if !inTime {
		return failed("taegis doctor --offline", "the check did not end in time")
	}
	return f
}

// newExamination reads the configuration and runs the local checks.
func newExamination(ctx context.Context, a *cmdutil.App, offline bool) *examination {
	quiet := *a
	quiet.Err, quiet.Screen = text.NewWriter(io.Discard), io.Discard
	e := &examination{app: &quiet, offline: offline}
	e.read(ctx)
	e.begun = e.local(ctx)
	return e
}

// read reads the configuration. It opens clients only to get their errors and warnings.
func (e *examination) read(ctx context.Context) {
	silent := *e.app
	silent.Global.NonInteractive = true
	e.chosen, e.profilesErr = silent.Resolve(ctx)
	if e.bundle, e.bundleErr = cmdutil.Env.Path("TAEGIS_CA_BUNDLE"); e.bundleErr == nil {
		e.http, e.bundleErr = transport.NewClient(transport.ClientConfig{CABundle: e.bundle})
	}
	var file *tokenstore.File
	file, e.sharedErr = e.file()
	if e.sharedPath = file.Path; e.sharedPath == "" && e.sharedErr == nil {
		e.sharedPath, e.homeErr = tokenstore.DefaultPath()
	}
	if e.sharedErr == nil {
		_, e.sharedErr = file.Snapshot(ctx)
	}
	if e.profilesErr != nil {
		return
	}
	// The environment depends only on the profile file.
	bare, err := e.openBare(ctx, &authn.StaticToken{}, taegis.WithConfigFile(os.DevNull))
	if err != nil {
		e.environErr = err
		return
	}
	e.environment = bare.Environment()
	_ = bare.Close() // it has sent nothing
	if e.sharedErr != nil {
		return
	}
	warned := &collector{}
	whole, err := e.open(ctx, taegis.WithLogger(slog.New(warned)))
	if err != nil {
		e.sharedErr = err
		return
	}
	_ = whole.Close() // nor has this one
	e.warnings = warned.lines
}

// collector is a [slog.Handler] that collects warnings without the names of their attributes.
type collector struct{ lines []string }

// Enabled implements [slog.Handler].
func (c *collector) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

// Handle implements [slog.Handler].
func (c *collector) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(attr slog.Attr) bool {
		line += ", " + attr.Value.Resolve().String()
		return true
	})
	c.lines = append(c.lines, line)
	return nil
}

// WithAttrs implements [slog.Handler].
func (c *collector) WithAttrs([]slog.Attr) slog.Handler { return c }

// WithGroup implements [slog.Handler].
func (c *collector) WithGroup(string) slog.Handler { return c }

// open returns a client that does not log. Further options override the others.
func (e *examination) open(ctx context.Context, further ...taegis.Option) (*taegis.Client, error) {
	client := e.http
	if client == nil {
		client = http.DefaultClient // without the certificates nothing is sent
	}
	return e.app.Client(ctx, append([]taegis.Option{
		taegis.WithLogger(slog.New(slog.DiscardHandler)),
		taegis.WithHTTPClient(client),
		taegis.WithCABundle(""), // e.http has it already
	}, further...)...)
}

// openBare returns a client with one authenticator and an empty store, so that no file matters.
func (e *examination) openBare(ctx context.Context, authenticator ports.Authenticator, further ...taegis.Option) (*taegis.Client, error) {
	return e.open(ctx, append([]taegis.Option{
		taegis.WithAuthenticators(authenticator),
		taegis.WithTokenStore(&tokenstore.Memory{}),
	}, further...)...)
}
