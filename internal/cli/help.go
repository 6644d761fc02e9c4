package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// helpCommand is cobra's, except that asking for a command that does not exist is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return cmdutil.UsageErrorf(cmd, "unknown command %q", strings.Join(args, " "))
			}
			return about.Help()
		},
	}
}
