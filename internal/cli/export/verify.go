package export

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
)

// difference is an hour that differs, as the command prints it.
type difference struct {
	Stream      string    `json:"stream"`
	Environment string    `json:"environment"`
	Tenant      string    `json:"tenant"`
	From        time.Time `json:"from"`
	Missing     int       `json:"missing"`
	Gone        int       `json:"gone"`
	IDs         []string  `json:"ids,omitempty"`
}

func verifyCommand(a *cmdutil.App) *cobra.Command {
	var f flags
	var out *cmdutil.Output
	var since, until string
	var repair bool
	cmd := &cobra.Command{
		Use:   "verify [STREAM]",
		Short: "Compare what was exported with what the server has",
		Long: `Compare the records of each hour that the server has with those that were exported, and print the hours
that differ. Missing are records that the server has and that were not exported, for example because they
arrived too late. Gone are records that the server does not find any more, for example because they do not
match the query any more. --repair exports what is missing; it needs the sink.

The command compares hours in which nothing can arrive any more, as far back as the state remembers.
If records are missing and --repair is not given, the exit code is 3.
` + fileHelp,
		Example: `  taegis export verify --config export.toml
  taegis export verify alerts --config export.toml --since 7d --repair`,
		Args: cmdutil.AtMostArgs("STREAM"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var o export.VerifyOptions
			var err error
			if o.From, o.To, err = span(cmd, since, until, time.Now()); err != nil {
				return err
			}
			o.Repair = repair
			c, err := f.load(cmd.Context(), cmd, a, args, repair)
			if err != nil {
				return err
			}
			if err := c.alone(cmd); err != nil {
				return err
			}
			w, err := c.prepare(cmd, a, repair)
			if err != nil {
				return err
			}
			if err := w.open(cmd.Context(), a); err != nil {
				return cmdutil.JoinErrors(err, w.close())
			}
			return cmdutil.JoinErrors(w.verify(cmd.Context(), a, out, o), w.close())
		},
	}
	out = a.NewOutput(cmd,
		output.Column{Name: "stream", Path: "stream"},
		output.Column{Name: "environment", Path: "environment"},
		output.Column{Name: "tenant", Path: "tenant"},
		output.Column{Name: "from", Path: "from", Time: true},
		output.Column{Name: "missing", Path: "missing"},
		output.Column{Name: "gone", Path: "gone"},
	)
	f.registerConfig(cmd)
	cmd.Flags().StringVar(&f.sink, "sink", "", "with --repair and without --config, where records go: file:PATH or stdout")
	cmd.Flags().StringVar(&since, "since", "", "compare from this time on, for example 7d or 2026-03-01")
	cmd.Flags().StringVar(&until, "until", "", "compare up to this time")
	cmd.Flags().BoolVar(&repair, "repair", false, "export what is missing")
	return cmd
}

// verify compares all feeds, and prints the hours that differ.
func (w *work) verify(ctx context.Context, a *cmdutil.App, out *cmdutil.Output, o export.VerifyOptions) error {
	rows := []difference{}
	o.Report = func(d export.Difference) {
		rows = append(rows, difference{
			Stream: d.Feed.Stream, Environment: d.Feed.Environment, Tenant: d.Feed.Tenant, From: d.Window.From,
			Missing: len(d.Missing), Gone: d.Gone, IDs: d.Missing,
		})
	}
	v, err := export.Verify(ctx, w.export, o)
	if printed := cmdutil.PrintList(ctx, out, rows); printed != nil {
		return printed
	}
	a.Infof("taegis: compared %s of %d %s: %d missing, %d gone", counted(int64(v.Records)),
		v.Hours, cmdutil.Plural(v.Hours, "hour", "hours"), v.Missing, v.Gone)
	if o.Repair {
		a.Infof("taegis: exported %s of those that were missing", counted(v.Repaired))
	}
	if err == nil && v.Missing > int(v.Repaired) {
		err = &cmdutil.PartialError{Err: fmt.Errorf("%s missing: export them by --repair", counted(int64(v.Missing)))}
	}
	return err
}

// span returns the times of --since and --until, zero if they are not given.
func span(cmd *cobra.Command, since, until string, now time.Time) (from, to time.Time, err error) {
	if since != "" {
		if from, err = search.ParseInstant("--since", since, now, false); err != nil {
			return from, to, cmdutil.UsageErrorf(cmd, "%w", err)
		}
	}
	if until != "" {
		if to, err = search.ParseInstant("--until", until, now, true); err != nil {
			return from, to, cmdutil.UsageErrorf(cmd, "%w", err)
		}
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, cmdutil.UsageErrorf(cmd, "--since is not before --until")
	}
	return from, to, nil
}
