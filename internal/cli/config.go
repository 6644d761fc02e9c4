package cli

import "github.com/spf13/cobra"

func (a *app) configCommand() *cobra.Command {
	return group("config", "Read and write the configuration file that is shared with the Python SDK")
}
