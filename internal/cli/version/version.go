// Package version is the command that prints the version.
package version

import (
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command version.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Print the versions of taegis and Go, the operating system and the architecture; the commit and its
date, if they are known. A program that was not built from the tag of its version is a development build.`,
		Example: "  taegis version\n  taegis version --json\n  taegis version --jq .version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out.Chosen() {
				return out.Value(cmd.Context(), current())
			}
			return a.Printf("%s\n", Line())
		},
	}
	out = a.NewTextOutput(cmd)
	return cmd
}

// Line returns the output of version and --version.
func Line() string { return current().String() }
