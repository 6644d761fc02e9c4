package logs

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/internal/spool"
)

func statusCommand(a *cmdutil.App) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "status", Short: "Show the log files in the spool",
		Long: `Show the log files in the spool, and those that were sent in the last 30 days. "waiting" was not sent, or in
part. "cut off" is what was read of standard input before the process ended.`,
		Example: "  taegis logs status",
		Args:    cmdutil.ExactArgs(),
	}
	spoolFlag(cmd.Flags(), &dir)
	out := a.NewOutput(cmd,
		output.Column{Name: "id", Path: "id"},
		output.Column{Name: "created", Path: "created", Time: true},
		output.Column{Name: "state", Path: "state"},
		output.Column{Name: "sent", Path: "sent"},
		output.Column{Name: "parts", Path: "parts"},
		output.Column{Name: "size", Path: "size"},
		output.Column{Name: "tenant", Path: "tenant"},
		output.Column{Name: "source", Path: "source"},
	)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		spooler, err := openSpool(dir)
		if err != nil {
			return err
		}
		jobs, err := spooler.Jobs(cmd.Context())
		if err != nil {
			return err
		}
		list := make([]summary, len(jobs))
		for i, job := range jobs {
			list[i] = summaryOf(job)
		}
		return cmdutil.PrintList(cmd.Context(), out, list)
	}
	return cmd
}

func resumeCommand(a *cmdutil.App) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "resume [ID]", Short: "Send what is left in the spool",
		Long: `Send what was not sent of the log files in the spool, to the tenants that they were for. Those for other
environments are left out. With an id, also what was read of standard input before the process ended, of which
the last line may be cut off.`,
		Example: `  taegis logs resume
  taegis logs resume k3fzq7`,
		Args: cmdutil.AtMostArgs("ID"),
	}
	spoolFlag(cmd.Flags(), &dir)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		spooler, err := openSpool(dir)
		if err != nil {
			return err
		}
		return a.WithClient(ctx, func(client *taegis.Client) error {
			if err := checkPlatform(cmd, client); err != nil {
				return err
			}
			if len(args) == 1 {
				return resume(ctx, a, client, spooler, args[0])
			}
			return resumeAll(ctx, a, client, spooler)
		})
	}
	return cmd
}

// resume sends what is left of one job.
func resume(ctx context.Context, a *cmdutil.App, client *taegis.Client, spooler *spool.Spool, id string) error {
	job, err := spooler.Take(ctx, id)
	if err != nil {
		return err
	}
	if job.Environment != client.Environment().APIURL {
		return errors.Join(errors.New("it is for the environment at "+job.Environment+": choose that with --environment"), job.Release())
	}
	job, err = spooler.Accept(ctx, job)
	if err != nil {
		return errors.Join(err, job.Release())
	}
	return deliver(ctx, a, client, job)
}

// resumeAll sends what is left of all jobs of the environment, except those that were cut off.
func resumeAll(ctx context.Context, a *cmdutil.App, client *taegis.Client, spooler *spool.Spool) error {
	jobs, err := spooler.Jobs(ctx)
	if err != nil {
		return err
	}
	var failed []error
	sent := 0
	for _, job := range jobs {
		switch {
		case job.Done(), job.Busy:
			continue
		case job.CutOff():
			a.Infof("%s was cut off after %d bytes: `taegis logs resume %s` sends what was read.", job.ID, job.OnDisk(), job.ID)
			continue
		case job.Environment != client.Environment().APIURL:
			a.Infof("%s is for the environment at %s.", job.ID, job.Environment)
			continue
		}
		if err := resume(ctx, a, client, spooler, job.ID); err != nil {
			if failed = append(failed, err); ctx.Err() != nil {
				break
			}
			continue
		}
		sent++
	}
	err = errors.Join(failed...)
	if err != nil && sent > 0 {
		return &cmdutil.PartialError{Err: err}
	}
	return err
}

func discardCommand(a *cmdutil.App) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "discard ID", Short: "Remove a log file from the spool",
		Long:    "Remove a log file from the spool by its id, with what was not sent of it.",
		Example: "  taegis logs discard k3fzq7",
		Args:    cmdutil.ExactArgs("ID"),
	}
	spoolFlag(cmd.Flags(), &dir)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		spooler, err := openSpool(dir)
		if err != nil {
			return err
		}
		job, err := spooler.Take(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		lost := lostBy(job)
		if err := spooler.Discard(job); err != nil {
			return err
		}
		a.Infof("Removed %s; %s.", job.ID, lost)
		return nil
	}
	return cmd
}

// lostBy returns what is not sent if a job is removed.
func lostBy(job *spool.Job) string {
	if !job.Complete { // it has no parts yet
		return fmt.Sprintf("the %d bytes that were read of its input had not been sent", job.OnDisk())
	}
	left, size := job.Left()
	return fmt.Sprintf("%d of its %d %s, %d bytes, had not been sent", left, len(job.Parts), cmdutil.Plural(len(job.Parts), "part", "parts"), size)
}
