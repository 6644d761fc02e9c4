package search

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/paging"
)

// printMany prints the list of each of the tenants.
func (l *List) printMany(
	cmd *cobra.Command, a *cmdutil.App, many *across.Flags, out *cmdutil.Output, limits *cmdutil.Limits,
) (err error) {
	ctx := cmd.Context()
	tenants, err := many.Start(cmd, a, func(client *taegis.Client) error {
		_, err := l.Pages(ctx, client, nil)
		if err != nil {
			err = cmdutil.UsageErrorf(cmd, "%w", err)
		}
		return err
	})
	if err != nil {
		return err
	}
	defer func() { err = cmdutil.JoinErrors(err, tenants.Close()) }()
	out.SetColumns(across.Columns(l.Columns)...)
	return PrintMany(ctx, a, tenants, out, l.Noun, limits.Max(), func(ctx context.Context, client *taegis.Client, options ...paging.Option) Records {
		if limits.PageSize > 0 {
			options = append(options, paging.Size(limits.PageSize))
		}
		records, err := l.Pages(ctx, client, nil, options...)
		if err != nil {
			return failed(err)
		}
		return records
	})
}

// PrintMany prints the records of each of the tenants, up to a limit for each, 0 for all.
func PrintMany(
	ctx context.Context, a *cmdutil.App, tenants *across.Run, out *cmdutil.Output, noun string, limit int,
	pages func(context.Context, *taegis.Client, ...paging.Option) Records,
) error {
	var left omissions
	err := tenants.Print(ctx, out, func(ctx context.Context, client *taegis.Client) Records {
		var stats paging.Stats
		records := pages(ctx, client, paging.Count(&stats), paging.Limit(limit))
		return func(yield func(json.RawMessage, error) bool) {
			for record, err := range records {
				if !yield(record, err) {
					return
				}
			}
			left.count(limit > 0 && stats.Rows >= limit && (stats.Total > limit || stats.Total == 0 || stats.LowerBound), stats.Truncated)
		}
	})
	left.note(a, noun)
	return err
}

// omissions counts the tenants of which not all records are printed.
type omissions struct{ limited, truncated atomic.Int64 }

// count counts a tenant that has or may have more records than its limit, or that lacks some.
func (o *omissions) count(limited, truncated bool) {
	if limited {
		o.limited.Add(1)
	}
	if truncated {
		o.truncated.Add(1)
	}
}

// note says what the output does not show.
func (o *omissions) note(a *cmdutil.App, noun string) {
	if n := o.truncated.Load(); n > 0 {
		a.Warnf("the server left out %s of %d %s", noun, n, cmdutil.Plural(int(n), "tenant", "tenants"))
	}
	if n := o.limited.Load(); n > 0 {
		a.Infof("taegis: note: %d %s may have more %s: --limit counts per tenant, --all prints all", n, cmdutil.Plural(int(n), "tenant", "tenants"), noun)
	}
}

// searchMany runs the search for each of the tenants.
func (s *Source) searchMany(cmd *cobra.Command, a *cmdutil.App, out *cmdutil.Output, f *flags, p *plan, now time.Time) (err error) {
	if f.cursor != "" {
		return cmdutil.UsageErrorf(cmd, "--cursor does not go with --tenants: it belongs to the search of one tenant")
	}
	tenants, err := f.many.Start(cmd, a)
	if err != nil {
		return err
	}
	defer func() { err = cmdutil.JoinErrors(err, tenants.Close()) }()
	ctx := cmd.Context()
	for _, note := range p.notes {
		a.Infof("taegis: note: %s", note)
	}
	out.SetColumns(across.Columns(s.Columns)...)
	if p.groups {
		out.SetColumns()
	}
	var left omissions
	err = tenants.Print(ctx, out, func(ctx context.Context, client *taegis.Client) Records {
		if p.groups && s.Groups != nil {
			return first(f.limits.Given(), s.Groups(ctx, client, p.windows[0]))
		}
		r := &run{source: s, client: client, plan: p, size: f.limits.PageSize, cursor: &cursor{}, at: position{Time: now}}
		r.limit = p.limit(f.limits, 0)
		return r.ofTenant(ctx, &left)
	})
	left.note(a, s.Noun)
	return err
}

// ofTenant returns the records of the search of one tenant, and its errors.
func (r *run) ofTenant(ctx context.Context, left *omissions) Records {
	return func(yield func(json.RawMessage, error) bool) {
		records := r.records(ctx)
		if r.plan.tail > 0 {
			records = r.lastRecords(ctx)
		}
		for record, err := range records {
			if !yield(record, err) {
				return
			}
		}
		for _, err := range r.partial {
			if !yield(nil, err) {
				return
			}
		}
		reached := r.failed == nil && !r.at.Done && r.limit > 0 && r.rows >= r.limit && !r.plan.headReached(r.at.Rows)
		all := len(r.plan.windows) == 1 && r.stats.Total > 0 && !r.stats.LowerBound && r.stats.Total <= r.rows
		left.count(reached && !all, r.truncated)
	}
}
