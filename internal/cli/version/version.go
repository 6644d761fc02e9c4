// Package version is the command that prints the version.
package version

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command version.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the versions of taegis and Go, the operating system and the architecture.",
		Example: "  taegis version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.Printf("%s\n", Line())
		},
	}
}

// Line returns the output of version and --version.
func Line() string {
	return fmt.Sprintf("taegis %s %s %s/%s", taegis.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
