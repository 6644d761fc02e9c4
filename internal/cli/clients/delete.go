package clients

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/services/clients"
)

func deleteCommand(a *cmdutil.App) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete CLIENT",
		Short: "Delete an OAuth client",
		Long: `Delete an OAuth client, given by its client id or object id. Programs that log in with it cannot log in
any more. At a terminal the name of the client is asked for; elsewhere --yes is needed.`,
		Example: "  taegis clients delete jUKW3rWPjRsDDZMCwYsqBfkHqcHSHF4O --yes",
		Args:    cmdutil.ExactArgs("CLIENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			prompt := a.Prompt()
			if !yes && prompt.AskText == nil {
				return cmdutil.UsageErrorf(cmd, "--yes is needed, because there is no terminal to ask at")
			}
			return a.WithClient(ctx, func(client *taegis.Client) error {
				found, err := find(ctx, client, args[0])
				if err != nil {
					return err
				}
				if !yes {
					if err := confirm(ctx, prompt, found); err != nil {
						return err
					}
				}
				if _, err := clients.New(client).DeleteClient(ctx, clients.DeleteClientArgs{ID: found.ID}); err != nil {
					return err
				}
				a.Infof("Deleted the client %s (%s).", found.Name, found.ClientID)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// confirm asks for the name of the client.
func confirm(ctx context.Context, prompt core.Prompt, found *clients.Client) error {
	answer, err := prompt.AskText(ctx, fmt.Sprintf("Type the name of the client %q to delete it: ", found.Name))
	if err != nil {
		return err
	}
	if strings.TrimSpace(answer) != found.Name {
		return errors.New("the name does not match: nothing was deleted")
	}
	return nil
}

// find returns the client with a client id or an object id.
func find(ctx context.Context, client *taegis.Client, id string) (*clients.Client, error) {
	found, err := clients.New(client).Client(ctx, clients.ClientArgs{ID: id})
	if core.IsNotFound(err) || err == nil && (found == nil || found.ID == "") {
		return nil, fmt.Errorf("unknown client: %s", id)
	}
	return found, err
}
