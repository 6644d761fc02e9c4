package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

func runCommand(a *cmdutil.App) *cobra.Command {
	var f flags
	var once, dry bool
	var listen, health string
	cmd := &cobra.Command{
		Use:   "run [STREAM]",
		Short: "Export records to a sink, and go on as they arrive",
		Long: `Export alerts, cases, events, audits or assets to a sink. The command runs until it is interrupted, or
with --once up to now. It can be killed at any moment: the next run continues, and nothing is lost. A
record is delivered at least once; a file gets each record exactly once.
` + fileHelp + `

If a stream of a tenant cannot be read, the others go on: the exit code is then 3 with --once. Records
that the sink refuses for good go to the file dead-letters.jsonl in the folder of the state.`,
		Example: `  taegis export run alerts --query "severity >= 0.6" --since 30d --sink file:alerts.jsonl --state state --once
  taegis export run --config export.toml --metrics 127.0.0.1:9464
  taegis export run --config export.toml --dry-run`,
		Args: cmdutil.AtMostArgs("STREAM"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.load(cmd.Context(), cmd, a, args, !dry)
			if err != nil {
				return err
			}
			w, err := c.prepare(cmd, a, !dry)
			if err != nil {
				return err
			}
			w.export.Follow = !once
			if dry {
				return cmdutil.JoinErrors(w.preview(cmd.Context(), a), w.close())
			}
			return cmdutil.JoinErrors(w.run(cmd.Context(), a, listen, health), w.close())
		},
	}
	f.registerConfig(cmd)
	f.registerSink(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&once, "once", false, "export up to now, and end")
	flags.BoolVar(&dry, "dry-run", false, "print what would be exported, and deliver nothing")
	flags.StringVar(&listen, "metrics", "", "serve /metrics in the format of OpenMetrics and /health on this loopback address")
	flags.StringVar(&health, "health", "", "keep a file up to date with the state of the export, as JSON")
	return cmd
}

// run exports, with metrics and health.
func (w *work) run(ctx context.Context, a *cmdutil.App, listen, health string) error {
	watching, stop, err := watch(ctx, w.export.Metrics, listen, health)
	if err != nil {
		return err
	}
	defer stop()
	if err := w.open(ctx, a); err != nil {
		return err
	}
	if watching != "" {
		a.Infof("taegis: metrics at %s", watching)
	}
	summary, err := export.Run(ctx, w.export)
	a.Infof("taegis: %s", sentence(summary))
	if w.export.Follow && cmdutil.Ending(ctx) != nil && errors.Is(err, context.Cause(ctx)) {
		return nil // a signal is the normal end
	}
	return w.partial(summary, err)
}

// partial returns an error for which the exit code is 3 if only some of the feeds failed.
func (w *work) partial(summary export.Summary, err error) error {
	if err != nil && summary.Failed > 0 && summary.Failed < summary.Feeds {
		return &cmdutil.PartialError{Err: err}
	}
	return err
}

// sentence says what a run did.
func sentence(s export.Summary) string {
	text := "exported " + counted(s.Records)
	if s.Duplicates > 0 {
		text += fmt.Sprintf(", read %d again that were exported before", s.Duplicates)
	}
	if s.Refused > 0 {
		text += fmt.Sprintf(", and the sink refused %d", s.Refused)
	}
	return text
}

// counted returns a number of records in words.
func counted(n int64) string {
	return fmt.Sprintf("%d %s", n, cmdutil.Plural(int(n), "record", "records"))
}

// preview prints each feed with what it would export.
func (w *work) preview(ctx context.Context, a *cmdutil.App) error {
	if err := w.look(ctx, a); err != nil {
		return err
	}
	plans, err := export.Preview(ctx, w.export)
	for _, p := range plans {
		count := "an unknown number of records"
		if p.Exact {
			count = counted(int64(p.Records))
		}
		if p.Err != nil {
			count = "cannot be read: " + p.Err.Error()
		}
		if err := a.Printf("%s\t%s\t%s\t%s to %s\t%s\n", p.Feed.Stream, p.Feed.Environment, p.Feed.Tenant,
			p.Window.From.Format(time.RFC3339), p.Window.To.Format(time.RFC3339), count); err != nil {
			return err
		}
	}
	return err
}
