package export

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

func resetCommand(a *cmdutil.App) *cobra.Command {
	var f flags
	var tenant string
	var yes bool
	cmd := &cobra.Command{
		Use:   "reset STREAM",
		Short: "Forget how far a stream came",
		Long: `Forget how far a stream came, and what was exported of it. The next run begins at its --since, and exports
everything again. At a terminal the command asks; elsewhere --yes is needed.`,
		Example: "  taegis export reset alerts --state state --tenant-id 145831 --yes",
		Args:    cmdutil.ExactArgs("STREAM"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c, err := f.shared(cmd.Context(), cmd); err != nil || c != nil {
				if err == nil {
					err = c.alone(cmd)
				}
				return err
			}
			state, err := f.loadState(cmd.Context(), cmd)
			if err != nil {
				return err
			}
			dir, err := export.OpenDir(cmd.Context(), state)
			if err != nil {
				return err
			}
			return cmdutil.JoinErrors(forget(cmd, a, dir, args[0], tenant, yes), dir.Close())
		},
	}
	f.registerState(cmd)
	cmd.Flags().StringVar(&tenant, "tenant-id", "", "only the stream of this tenant")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// forget forgets the feeds of a stream.
func forget(cmd *cobra.Command, a *cmdutil.App, dir *export.Dir, stream, tenant string, yes bool) error {
	var chosen []export.Progress
	var names []string
	for _, p := range dir.Feeds() {
		names = append(names, p.Feed.Stream)
		if p.Feed.Stream == stream && (tenant == "" || p.Feed.Tenant == tenant) {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		return cmdutil.DidYouMean(fmt.Errorf("the state has no stream %q of these tenants", stream), "stream", stream, cmdutil.Distinct(names))
	}
	if !yes {
		if err := confirm(cmd.Context(), cmd, a, stream, len(chosen)); err != nil {
			return err
		}
	}
	for _, p := range chosen {
		if err := dir.Forget(cmd.Context(), p.Feed); err != nil {
			return err
		}
	}
	a.Infof("Forgot how far %s came for %d %s.", stream, len(chosen), cmdutil.Plural(len(chosen), "tenant", "tenants"))
	return nil
}

func confirm(ctx context.Context, cmd *cobra.Command, a *cmdutil.App, stream string, feeds int) error {
	prompt := a.Prompt()
	if prompt.AskText == nil {
		return cmdutil.UsageErrorf(cmd, "--yes is needed, because there is no terminal to ask at")
	}
	answer, err := prompt.AskText(ctx, fmt.Sprintf("Type %s to forget how far it came for %d %s: ", stream, feeds, cmdutil.Plural(feeds, "tenant", "tenants")))
	if err != nil {
		return err
	}
	if strings.TrimSpace(answer) != stream {
		return errors.New("nothing was forgotten")
	}
	return nil
}
