package search

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// flags are the flags of a search.
type flags struct {
	since, until, cursor string
	limits               *cmdutil.Limits
	many                 across.Flags
}

// help describes what all searches have in common.
const help = `
QUERY is a query of the Taegis query language: an argument, @FILE, or - for stdin. Without it, all %[1]s
of the window match. --since and --until narrow the bounds of the query; both ends are included. A value
is an amount of time before now (24h, 30d), a date or a time in the format of RFC 3339, in UTC. Without
any bound, the search covers the last 24 hours.

--limit counts the %[1]s of this run. --cursor keeps a file up to date with how far the search came; the
same command continues from it, within the same bounds, and prints nothing once all are printed.`

// NewCommand returns the command search for a source. Its short help, its long help and its examples
// are given; the help of all searches follows the long one.
func NewCommand(a *cmdutil.App, s *Source, long, example string) *cobra.Command {
	var f flags
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:     "search [QUERY|@FILE|-]",
		Short:   "Search " + s.Noun,
		Long:    long + "\n" + fmt.Sprintf(help, s.Noun) + "\n" + across.Help,
		Example: example,
		Args:    cmdutil.AtMostArgs("QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.search(cmd, a, out, &f, args)
		},
	}
	out = a.NewOutput(cmd, s.Columns...)
	f.limits = cmdutil.NewLimits(cmd)
	cmd.Flags().StringVar(&f.since, "since", "", "search from this time on, for example 24h, 30d or 2026-03-01")
	cmd.Flags().StringVar(&f.until, "until", "", "search up to this time")
	cmd.Flags().StringVar(&f.cursor, "cursor", "", "file that keeps how far the search came, and continues it")
	f.many.Register(cmd)
	return cmd
}

// search runs the command.
func (s *Source) search(cmd *cobra.Command, a *cmdutil.App, out *cmdutil.Output, f *flags, args []string) error {
	ctx := cmd.Context()
	if err := checkEmpty(cmd, "since", "until", "cursor"); err != nil {
		return err
	}
	text, err := ReadQuery(ctx, a, strings.Join(args, ""))
	if err != nil {
		return cmdutil.UsageErrorf(cmd, "%w", err)
	}
	now := time.Now().Truncate(time.Second)
	p, err := s.planFor(text, f, now)
	if err != nil {
		return queryError(cmd, err)
	}
	if f.cursor != "" && (p.groups || p.tail > 0) {
		return cmdutil.UsageErrorf(cmd, "--cursor does not go with aggregate and tail")
	}
	if f.many.Given() {
		return s.searchMany(cmd, a, out, f, p, now)
	}
	return a.WithClient(ctx, func(client *taegis.Client) error {
		chosen, err := a.Resolve(ctx)
		if err != nil {
			return err
		}
		of := identity{
			Command: cmd.CommandPath(), Environment: client.Environment().Section(),
			Tenant: chosen.Value("tenant").Text, Query: text, Since: f.since, Until: f.until,
		}
		file, at, err := openCursor(ctx, f.cursor, of, now)
		if err != nil {
			return err
		}
		if !at.Time.Equal(now) { // bounds count from the first run
			if p, err = s.planFor(text, f, at.Time); err != nil {
				return queryError(cmd, err)
			}
		}
		for _, note := range p.notes {
			a.Infof("taegis: note: %s", note)
		}
		if p.groups {
			out.SetColumns()
		}
		if p.groups && s.Groups != nil {
			return out.List(ctx, first(f.limits.Given(), s.Groups(ctx, client, p.windows[0])))
		}
		r := &run{source: s, client: client, plan: p, out: out, size: f.limits.PageSize, cursor: file, at: at}
		r.limit = p.limit(f.limits, at.Rows)
		r.at.Done = at.Done || p.headReached(at.Rows)
		if r.page.UnmarshalText([]byte(at.Page)) != nil || at.Window >= len(p.windows) && !at.Done {
			return file.fault("it is damaged")
		}
		out.Waiting("the search")
		err = r.print(ctx)
		r.note(a)
		return err
	})
}

// checkEmpty returns a usage error if one of the flags is given without a value, as by a script in
// which a variable is not set.
func checkEmpty(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return cmdutil.UsageErrorf(cmd, "--%s is empty", name)
		}
	}
	return nil
}

// logicalForm begins a query with a logical type, for example @ip = '192.0.2.7', which is not @FILE.
var logicalForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^@[A-Za-z]+\s*[\s=!<>]`) })

// ReadQuery returns the text of the query.
func ReadQuery(ctx context.Context, a *cmdutil.App, source string) (string, error) {
	if logicalForm().MatchString(source) {
		return source, nil
	}
	return cmdutil.ReadSource(ctx, a, source)
}

// planFor returns the plan of a query with the bounds of the flags.
func (s *Source) planFor(text string, f *flags, now time.Time) (*plan, error) {
	var since, until time.Time
	var err error
	if f.since != "" {
		if since, err = ParseInstant("--since", f.since, now, false); err != nil {
			return nil, err
		}
	}
	if f.until != "" {
		if until, err = ParseInstant("--until", f.until, now, true); err != nil {
			return nil, err
		}
	}
	return s.newPlan(text, now, since, until)
}

// queryError is the usage error of a query. A mistake in its syntax is shown with its place.
func queryError(cmd *cobra.Command, err error) error {
	if syntax, ok := errors.AsType[*cql.SyntaxError](err); ok {
		return cmdutil.UsageErrorf(cmd, "%w", syntax)
	}
	return cmdutil.UsageErrorf(cmd, "%w", err)
}

// headReached reports whether the records that were printed are all that head keeps.
func (p *plan) headReached(rows int) bool { return p.head > 0 && rows >= p.head }

// limit returns how many records a run prints at most, 0 for all. The runs before it have printed some.
// A head without --limit is the limit of all runs together.
func (p *plan) limit(limits *cmdutil.Limits, before int) int {
	if p.groups || p.tail > 0 || p.headOfEach {
		return limits.Given()
	}
	if p.head == 0 {
		return limits.Max()
	}
	left := max(p.head-before, 1) // the caller prints none if none is left
	if limits.Given() > 0 {
		return min(limits.Given(), left)
	}
	return left
}

// note says what the output does not show: that there is more, or that the server left something out.
func (r *run) note(a *cmdutil.App) {
	if r.truncated {
		a.Warnf("the server left out %s of this search: narrow it, for example by --since and --until", r.source.Noun)
	}
	if r.failed != nil || r.at.Done || r.rows < r.limit || r.plan.headReached(r.at.Rows) {
		return
	}
	stats := r.stats
	if len(r.plan.windows) > 1 || r.at.Rows > r.rows {
		stats.Total = 0 // it counts one window, or what is left of it after the runs before
	}
	noteMore(a, r.source.Noun, r.at.Rows, r.limit, stats)
}
