package cli

import (
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// CommandPaths returns the paths of all commands except groups, without the program's name.
func CommandPaths() []string {
	var paths []string
	var walk func(prefix string, cmd *cobra.Command)
	walk = func(prefix string, cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if sub.HasSubCommands() { // a group only shows its help
				walk(prefix+sub.Name()+" ", sub)
				continue
			}
			paths = append(paths, prefix+sub.Name())
		}
	}
	walk("", command(new(cmdutil.App), nil))
	return append(paths, cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd) // cobra adds these when they are called
}

// Root returns the root command.
func Root() *cobra.Command { return command(new(cmdutil.App), nil) }
