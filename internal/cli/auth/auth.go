// Package auth is the command group that logs in, logs out and shows authentication status.
package auth

import (
	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command group auth.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("auth", "Log in, log out, and show authentication status",
		loginCommand(a),
		statusCommand(a),
		listCommand(a),
		switchCommand(a),
		tokenCommand(a),
		logoutCommand(a),
		explainCommand(a),
		storeCommand(a),
	)
}

func tokenCommand(a *cmdutil.App) *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print an access token",
		Long: `Print an access token and nothing else, for programs that send it themselves. If no token is cached,
log in first, as a call does.`,
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

// variablesOf returns the variables of a step that are set, for example CLIENT_ID and CLIENT_SECRET.
func variablesOf(step taegis.ChainStep) []string {
	var names []string
	for _, setting := range step.Settings {
		if setting.Set {
			names = append(names, setting.Variable)
		}
	}
	return names
}
