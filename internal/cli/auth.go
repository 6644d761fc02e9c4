package cli

import "github.com/spf13/cobra"

func (a *app) authCommand() *cobra.Command {
	return group("auth", "Sign in and out, and see how")
}
