package export

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/sink/stdout"
	"github.com/taegis-go/taegis/adapters/sink/webhook"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/export/changes"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/ports"
)

// watchFlags are the flags of watch.
type watchFlags struct {
	flags
	url, variable   string
	interval        duration
	once, withOwn   bool
	withoutComments bool
}

// keyVariable is the environment variable with the key of webhooks if no other is named.
const keyVariable = "TAEGIS_WEBHOOK_KEY"

const watchHelp = `

A change is a line of JSON with change, id, time, by and the record after it, or a signed request to
--webhook, in the form of Standard Webhooks. Changes by the account that is logged in are left out, so
that a program can copy changes in both directions. The command runs until it is interrupted.

With --state, the next run continues where this one ended, and a change is delivered at least once.
Without it, the command begins now.`

// NewWatchCommand returns the command watch of alerts or cases.
func NewWatchCommand(a *cmdutil.App, kind export.Kind, long, example string) *cobra.Command {
	f := watchFlags{interval: duration(30 * time.Second)}
	noun := string(kind)
	cmd := &cobra.Command{
		Use:     "watch [QUERY|@FILE|-]",
		Short:   "Print changes of " + noun + " as they happen",
		Long:    long + watchHelp,
		Example: example,
		Args:    cmdutil.AtMostArgs("QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text := ""
			if len(args) > 0 {
				var err error
				if text, err = search.ReadQuery(cmd.Context(), a, args[0]); err != nil {
					return cmdutil.UsageErrorf(cmd, "%w", err)
				}
			}
			return f.watch(cmd, a, kind, text)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.state, "state", "", "the folder that keeps how far the command came, and continues from it")
	flags.StringVar(&f.since, "since", "", "begin at this time, for example 1h; only the first run with a state reads it")
	flags.StringVar(&f.url, "webhook", "", "send changes to this URL, in place of stdout")
	flags.StringVar(&f.variable, "webhook-key-variable", keyVariable, "environment variable with the key that signs the requests")
	flags.Var(&f.interval, "interval", "pause between two looks at the server")
	flags.BoolVar(&f.once, "once", false, "print the changes up to now, and end")
	flags.BoolVar(&f.withOwn, "include-own", false, "include the changes by the account that is logged in")
	if kind == export.Cases {
		flags.BoolVar(&f.withoutComments, "no-comments", false, "do not look for comments, which takes a request for each changed case")
	}
	f.registerTenants(cmd, "watch")
	return cmd
}

// watch runs the command.
func (f *watchFlags) watch(cmd *cobra.Command, a *cmdutil.App, kind export.Kind, query string) (err error) {
	ctx := cmd.Context()
	next, err := f.next(a)
	if err != nil {
		return cmdutil.UsageErrorf(cmd, "%w", err)
	}
	c := &config{
		Streams: []streamConfig{{Kind: string(kind), Query: query, Changes: true, Since: cmp.Or(f.since, "0s")}},
		Tenants: f.tenants, Where: f.where, Interval: f.interval,
	}
	if c.State, err = envvar.Path("--state", f.state); err != nil {
		return cmdutil.UsageErrorf(cmd, "%w", err)
	}
	if c.State == "" {
		if c.State, err = os.MkdirTemp("", "taegis-watch-"); err != nil {
			return err
		}
		defer func() { err = cmdutil.JoinErrors(err, os.RemoveAll(c.State)) }()
	}
	c.DeadLetters = filepath.Join(c.State, "dead-letters.jsonl")
	w, err := c.prepare(cmd, a, false)
	if err != nil {
		return err
	}
	defer func() { err = cmdutil.JoinErrors(err, w.close()) }()
	if err := w.open(ctx, a); err != nil {
		return err
	}
	sink := &changes.Sink{Next: next, Path: filepath.Join(c.State, "known"), Since: w.began(ctx)}
	if kind == export.Cases && !f.withoutComments {
		sink.Comments = w.comments
	}
	if !f.withOwn {
		sink.Own = w.own(ctx, a)
	}
	w.export.Sink, w.export.Follow, w.export.Lag, w.export.Overlap = sink, !f.once, -1, 10*time.Minute
	summary, err := export.Run(ctx, w.export)
	if !f.once && cmdutil.Ending(ctx) != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return w.partial(summary, err)
}

// next returns the sink for the changes.
func (f *watchFlags) next(a *cmdutil.App) (ports.Sink, error) {
	if f.url == "" {
		return &stdout.Sink{Writer: a.Data()}, nil
	}
	key, err := (&secret{Variable: f.variable}).read(context.Background())
	return &webhook.Sink{URL: f.url, Key: key}, err
}

// began returns when the feed began: at the first run with its state.
func (w *work) began(ctx context.Context) time.Time {
	at := w.export.Feeds[0].Since
	for i := range w.export.Feeds {
		feed := &w.export.Feeds[i]
		if p, found, err := w.export.Store.Load(ctx, feed.Stream.ID(feed.Environment, feed.Tenant)); err == nil && found && p.Since.Before(at) {
			at = p.Since
		}
	}
	return at
}

// own returns the subjects of the accounts that are logged in.
func (w *work) own(ctx context.Context, a *cmdutil.App) []string {
	var own []string
	seen := map[ports.Transport]bool{}
	for i := range w.export.Feeds {
		transport := w.export.Feeds[i].Transport
		if seen[transport] {
			continue
		}
		seen[transport] = true
		var result struct {
			Subject struct {
				ID string `json:"id"`
			} `json:"currentSubject"`
		}
		if err := transport.Execute(ctx, cmdutil.CurrentSubject(), &result); err != nil {
			a.Warnf("it is not known which changes are your own: %v", err)
			continue
		}
		if id := result.Subject.ID; id != "" && !slices.Contains(own, id) {
			own = append(own, id)
		}
	}
	return own
}

// comments returns the comments of a case.
func (w *work) comments(ctx context.Context, r core.Record) iter.Seq2[changes.Comment, error] {
	return func(yield func(changes.Comment, error) bool) {
		for data, err := range w.caseComments(ofTenant(ctx, r.Tenant), w.transport(r.Tenant), r.ID) {
			comment := changes.Comment{ID: rawjson.Member(data, "id"), Author: rawjson.Member(data, "authorId"), Data: data}
			if err == nil {
				comment.Created, err = createdAt(data)
			}
			if !yield(comment, err) || err != nil {
				return
			}
		}
	}
}

// ofTenant returns a context for calls of a tenant, if it is known.
func ofTenant(ctx context.Context, tenant string) context.Context {
	if tenant == "" {
		return ctx
	}
	return taegis.ContextWithTenant(ctx, tenant)
}

// caseComments returns the comments of a case, by the operation that the server has.
func (w *work) caseComments(ctx context.Context, t ports.Transport, id string) search.Records {
	older := search.Pages(ctx, t, "investigations2.commentsV2", map[string]any{"arguments": map[string]any{"investigationId": id}})
	if w.older.Load() {
		return older
	}
	return func(yield func(json.RawMessage, error) bool) {
		current := search.Pages(ctx, t, "investigations2.caseComments", map[string]any{"arguments": map[string]any{"caseId": id}})
		if search.Lacking(current, yield) {
			w.older.Store(true)
			older(yield)
		}
	}
}

func createdAt(data json.RawMessage) (time.Time, error) {
	return core.ParseTime(rawjson.Member(data, "createdAt"))
}

// transport returns what sends the calls of a tenant. A record can be that of a child of the feed's
// tenant.
func (w *work) transport(tenant string) ports.Transport {
	for i := range w.export.Feeds {
		if feed := &w.export.Feeds[i]; feed.Tenant == tenant {
			return feed.Transport
		}
	}
	return w.export.Feeds[0].Transport
}
