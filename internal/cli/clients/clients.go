// Package clients is the command group that manages OAuth clients.
package clients

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/services/clients"
)

// NewCommand returns the command group clients.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("clients", "Manage OAuth clients", createCommand(a))
}

func createCommand(a *cmdutil.App) *cobra.Command {
	var roles []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an OAuth client and print its id and secret",
		Long: `Create an OAuth client for the tenant and print the lines CLIENT_ID=… and CLIENT_SECRET=…, quoted for
a shell if necessary. The secret cannot be shown again.`,
		Example: `  taegis clients create my_awesome_app --role ROLE_ID
  eval "$(taegis clients create my_awesome_app)"`,
		Args: cmdutil.ExactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if strings.TrimSpace(args[0]) == "" {
				return cmdutil.UsageErrorf(cmd, "NAME is empty")
			}
			client, err := a.Client(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, client.Close()) }()
			made, err := clients.New(client).CreateClient(cmd.Context(), clients.CreateClientArgs{Name: args[0], Roles: roles})
			return cmdutil.JoinErrors(err, showClient(a, made, asJSON, err != nil))
		},
	}
	cmd.Flags().StringArrayVar(&roles, "role", nil, "id of a role of the client; repeatable")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// showClient prints a new client, even from a partial response, because the server does not show the
// secret again.
func showClient(a *cmdutil.App, made *clients.CreatedClient, asJSON, partial bool) error {
	if made == nil || made.ClientSecret == "" {
		if partial {
			return nil // the error of the response is returned instead
		}
		return errors.New("the response has no client secret: find the client and rotate its secret")
	}
	if err := printClient(a, made, asJSON); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.Err, "Store the secret in a vault now: it cannot be shown again.")
	return err
}

func printClient(a *cmdutil.App, made *clients.CreatedClient, asJSON bool) error {
	if asJSON {
		return a.PrintJSON(made)
	}
	id := ""
	if made.Client != nil {
		id = made.Client.ClientID
	}
	_, err := fmt.Fprintf(a.Out, "CLIENT_ID=%s\nCLIENT_SECRET=%s\n", shellquote.Word(id), shellquote.Word(made.ClientSecret))
	return err
}
