// Package auth is the command group that logs in, logs out and shows authentication status.
package auth

import (
	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command group auth.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("auth", "Log in and out, and see how",
		loginCommand(a),
		statusCommand(a),
		tokenCommand(a),
		logoutCommand(a),
		explainCommand(a),
		storeCommand(a),
	)
}

func tokenCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print an access token, logging in where none is cached",
		Long: `Print an access token alone, for programs that send it themselves. Where none is cached, log in
as any call would.`,
		Example: `  curl -H "Authorization: Bearer $(taegis auth token)" …`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				token, err := client.Token(cmd.Context())
				if err != nil {
					return err
				}
				return a.PrintRaw(token.AccessToken.Reveal())
			})
		},
	}
}

// variablesOf are the variables that are set for the step, such as CLIENT_ID and CLIENT_SECRET.
func variablesOf(step taegis.ChainStep) []string {
	var names []string
	for _, looked := range step.Settings {
		if looked.Set {
			names = append(names, looked.Variable)
		}
	}
	return names
}
