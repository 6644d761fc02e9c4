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
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the versions of taegis and Go, the operating system and the architecture.",
		Example: "  taegis version\n  taegis version --jq .version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out.Chosen() {
				return out.Value(cmd.Context(), build{taegis.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH})
			}
			return a.Printf("%s\n", Line())
		},
	}
	out = a.NewTextOutput(cmd)
	return cmd
}

// build is the output of version.
type build struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Line returns the output of version and --version.
func Line() string {
	return fmt.Sprintf("taegis %s %s %s/%s", taegis.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
