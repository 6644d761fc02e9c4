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

// The limits of time: of one check that waits for something, of what it may take to say why it gave
// up, and of all.
const (
	checkLimit = 10 * time.Second
	graceLimit = 200 * time.Millisecond
	wholeLimit = 15*time.Second - 2*graceLimit
)

// examination is one run of doctor. What could not be made of the configuration is left zero, and
// the checks that need it are skipped.
type examination struct {
	app     *cmdutil.App // its stderr is nobody's
	offline bool

	chosen      *profile.Settings
	profilesErr error
	environment core.Environment
	environErr  error
	sharedPath  string
	sharedErr   error
	homeErr     error    // why there is no place for the shared file
	odd         []string // what a client warns of that uses it
	http        *http.Client
	bundle      string // path of further certificate authorities
	bundleErr   error

	begun []finding // of the checks that need nothing more
}

// examine runs all checks. Those that may take a while run beside each other.
func examine(ctx context.Context, a *cmdutil.App, offline bool) []finding {
	ctx, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	e, inTime := within(ctx, func(ctx context.Context) *examination { return newExamination(ctx, a, offline) })
	if !inTime {
		path, _ := profile.DefaultPath() // "" lists the folder, which does no harm
		return []finding{bad("ls -lL "+shellquote.Word(path), "the files of the configuration cannot be read in time").named("configuration")}
	}
	findings := e.begun
	var locks, plugins []finding
	var who account
	var sites []site
	var all sync.WaitGroup
	all.Go(func() { locks = []finding{timed(ctx, e.locks).named("locks")} })
	all.Go(func() { who = e.account(ctx) })
	all.Go(func() { plugins = e.plugins(ctx) })
	all.Go(func() { sites = e.connectAll(ctx) })
	all.Wait()
	findings = slices.Concat(findings, locks, who.findings, plugins)
	for _, s := range sites {
		findings = append(findings, s.finding)
	}
	call := timed(ctx, func(ctx context.Context) finding { return e.call(ctx, sites, who.token) })
	return append(findings, e.clock(sites, who.token).named("clock"), call.named("call"))
}

// within returns what f does, and false where that takes too long. Then f is left alone: there are
// calls of the system that obey no context.
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
	if errors.Is(ctx.Err(), context.Canceled) { // the command has to end, and says nothing more
		return result, false
	}
	select {
	case result = <-results: // it gave up by itself, and can say why
		return result, true
	case <-time.After(graceLimit):
		return result, false
	}
}

// timed returns what a check finds, in time.
func timed(ctx context.Context, check func(context.Context) finding) finding {
	f, inTime := within(ctx, check)
	if !inTime {
		return bad("taegis doctor --offline", "it has not come to an end in time")
	}
	return f
}

// newExamination makes of the configuration what can be made of it, and checks that.
func newExamination(ctx context.Context, a *cmdutil.App, offline bool) *examination {
	quiet := *a
	quiet.Err, quiet.Screen = text.NewWriter(io.Discard), io.Discard
	e := &examination{app: &quiet, offline: offline}
	e.read(ctx)
	e.begun = e.local(ctx)
	return e
}

// read makes the parts. A client that was made only to find out is closed again.
func (e *examination) read(ctx context.Context) {
	unasking := *e.app
	unasking.Global.NonInteractive = true
	e.chosen, e.profilesErr = unasking.Resolve(ctx)
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
	// Where the environment is depends on no file but that of the profiles.
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
	e.odd = warned.lines
}

// collector is a [slog.Handler] that keeps warnings, without the names of their attributes.
type collector struct{ lines []string }

// Enabled is part of [slog.Handler].
func (c *collector) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

// Handle is part of [slog.Handler].
func (c *collector) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(attr slog.Attr) bool {
		line += ", " + attr.Value.Resolve().String()
		return true
	})
	c.lines = append(c.lines, line)
	return nil
}

// WithAttrs is part of [slog.Handler].
func (c *collector) WithAttrs([]slog.Attr) slog.Handler { return c }

// WithGroup is part of [slog.Handler].
func (c *collector) WithGroup(string) slog.Handler { return c }

// open makes a client that logs nowhere; further options win.
func (e *examination) open(ctx context.Context, further ...taegis.Option) (*taegis.Client, error) {
	client := e.http
	if client == nil {
		client = http.DefaultClient // nothing is sent without the certificates
	}
	return e.app.Client(ctx, append([]taegis.Option{
		taegis.WithLogger(slog.New(slog.DiscardHandler)),
		taegis.WithHTTPClient(client),
		taegis.WithCABundle(""), // the client has it already
	}, further...)...)
}

// openBare makes a client with a link of its own and without a store, so that no file decides.
func (e *examination) openBare(ctx context.Context, authenticator ports.Authenticator, further ...taegis.Option) (*taegis.Client, error) {
	return e.open(ctx, append([]taegis.Option{
		taegis.WithAuthenticators(authenticator),
		taegis.WithTokenStore(&tokenstore.Memory{}),
	}, further...)...)
}
