package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.printf("%s\n", versionLine())
		},
	}
}

// versionLine is what version and --version print.
func versionLine() string {
	return fmt.Sprintf("taegis %s %s %s/%s", taegis.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
