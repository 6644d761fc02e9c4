package export

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

func backfillCommand(a *cmdutil.App) *cobra.Command {
	var f flags
	var since, until string
	cmd := &cobra.Command{
		Use:   "backfill [STREAM]",
		Short: "Export the records of an earlier time",
		Long: `Export the records between two times that were not exported before, as far back as the state remembers.
How far the export came does not change. If the export runs, it is asked to do it, and the command ends.
` + fileHelp,
		Example: "  taegis export backfill --config export.toml --since 2026-01-01 --until 2026-01-31",
		Args:    cmdutil.AtMostArgs("STREAM"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if since == "" {
				return cmdutil.UsageErrorf(cmd, "--since is missing")
			}
			now := time.Now()
			from, to, err := span(cmd, since, until, now)
			if err != nil {
				return err
			}
			if to.IsZero() {
				to = now
			}
			c, err := f.load(cmd.Context(), cmd, a, args, false)
			if err != nil {
				return err
			}
			if err := c.alone(cmd); err != nil {
				return err
			}
			if busy, err := export.IsBusy(c.State); err != nil || busy {
				return cmdutil.JoinErrors(err, ask(a, c, args, from, to))
			}
			w, err := c.prepare(cmd, a, true)
			if err != nil {
				return err
			}
			if err := w.open(cmd.Context(), a); err != nil {
				return cmdutil.JoinErrors(err, w.close())
			}
			summary, err := export.Backfill(cmd.Context(), w.export, from, to)
			a.Infof("taegis: %s", sentence(summary))
			return cmdutil.JoinErrors(w.partial(summary, err), w.close())
		},
	}
	f.registerConfig(cmd)
	cmd.Flags().StringVar(&f.sink, "sink", "", "without --config, where records go: file:PATH or stdout")
	cmd.Flags().StringVar(&since, "since", "", "export from this time on, for example 30d or 2026-03-01")
	cmd.Flags().StringVar(&until, "until", "", "export up to this time")
	return cmd
}

// ask asks the process that exports with the state.
func ask(a *cmdutil.App, c *config, args []string, from, to time.Time) error {
	job := export.Job{From: from, To: to}
	if len(args) > 0 {
		job.Stream = c.Streams[0].name()
	}
	if err := export.Request(c.State, job); err != nil {
		return err
	}
	a.Infof("taegis: the running export was asked to do it: taegis export status shows how far it is")
	return nil
}
