package export

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

func checkCommand(a *cmdutil.App) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check a configuration file",
		Long: `Check a configuration file: its keys, the queries and the settings of the sink. The command sends nothing
and needs no login. A warning leaves the exit code at 0; the first error is printed, and the exit code is 2.`,
		Example: "  taegis export check --config export.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.config == "" {
				return cmdutil.UsageErrorf(cmd, "--config is missing")
			}
			c, err := f.load(cmd.Context(), cmd, a, nil, true)
			if err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			now := time.Now()
			if _, _, err := c.streams(now); err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			if _, err := c.settings(a); err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			if _, err := c.build(a, false); err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			if c.isShared() {
				if _, err := (&builder{config: c, app: a}).store(); err != nil {
					return cmdutil.UsageErrorf(cmd, "%w", err)
				}
			}
			for i := range c.Streams {
				findings, _ := c.Streams[i].lint(now) // its error is one of streams
				for _, finding := range findings {
					if err := a.Printf("%s: streams[%d]: query: %s\n", c.path, i, finding); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	f.registerState(cmd)
	return cmd
}
