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
			_, err := fmt.Fprintf(a.out, "taegis %s %s %s/%s\n", taegis.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
