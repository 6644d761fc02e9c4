package clients

import (
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/services/clients"
)

// secretHelp describes where a new secret goes.
const secretHelp = `The lines CLIENT_ID=… and CLIENT_SECRET=… are printed, quoted for a shell if necessary. The server does not
show the secret again. --to-command passes it to the stdin of a program in place of printing it.`

func createCommand(a *cmdutil.App) *cobra.Command {
	var roles []string
	var to destination
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create an OAuth client and print its id and secret",
		Long:  "Create an OAuth client for the tenant. Without --role the server gives it the role of an analyst.\n\n" + secretHelp,
		Example: `  taegis clients create my_awesome_app --role ROLE_ID
  eval "$(taegis clients create my_awesome_app --output export)"
  taegis clients create my_awesome_app --to-command 'vault kv put secret/taegis value=-'`,
		Args: cmdutil.ExactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.TrimSpace(args[0])
			if name == "" {
				return cmdutil.UsageErrorf(cmd, "NAME is empty")
			}
			if err := to.check(a); err != nil {
				return err
			}
			ctx := cmd.Context()
			return a.WithClient(ctx, func(client *taegis.Client) error {
				made, err := clients.New(client).CreateClient(ctx, clients.CreateClientArgs{Name: name, Roles: roles})
				return to.deliver(ctx, a, made, err)
			})
		},
	}
	cmd.Flags().StringArrayVar(&roles, "role", nil, "id of a role of the client; repeatable")
	to.register(cmd)
	return cmd
}

func rotateCommand(a *cmdutil.App) *cobra.Command {
	var to destination
	cmd := &cobra.Command{
		Use:   "rotate CLIENT",
		Short: "Replace the secret of an OAuth client and print the new one",
		Long: `Replace the secret of an OAuth client, given by its client id or object id. Programs with the old secret
have to get the new one.

` + secretHelp,
		Example: `  taegis clients rotate jUKW3rWPjRsDDZMCwYsqBfkHqcHSHF4O
  taegis clients rotate jUKW3rWPjRsDDZMCwYsqBfkHqcHSHF4O --to-command 'pass insert -m taegis'`,
		Args: cmdutil.ExactArgs("CLIENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := to.check(a); err != nil {
				return err
			}
			ctx := cmd.Context()
			return a.WithClient(ctx, func(client *taegis.Client) error {
				found, err := find(ctx, client, args[0])
				if err != nil {
					return err
				}
				made, err := clients.New(client).RotateClientSecret(ctx, clients.RotateClientSecretArgs{ID: found.ID})
				if made != nil && made.Client == nil {
					made.Client = found
				}
				return to.deliver(ctx, a, made, err)
			})
		},
	}
	to.register(cmd)
	return cmd
}
