package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/ports"
)

func (a *app) authCommand() *cobra.Command {
	return group("auth", "Sign in and out, and see how",
		a.loginCommand(),
		a.statusCommand(),
		a.tokenCommand(),
		a.logoutCommand(),
		a.explainCommand(),
		a.storeCommand(),
	)
}

func (a *app) tokenCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print an access token, signing in where none is cached",
		Long: `Print an access token alone, for programs that send it themselves. Where none is cached, sign in
as any call would.`,
		Example: `  curl -H "Authorization: Bearer $(taegis auth token)" …`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(cmd.Context(), func(client *taegis.Client) error {
				token, err := client.Token(cmd.Context())
				if err != nil {
					return err
				}
				return a.printRaw(token.AccessToken.Reveal())
			})
		},
	}
}

// withClient makes a client, works with it and closes it.
func (a *app) withClient(ctx context.Context, work func(*taegis.Client) error, further ...taegis.Option) error {
	client, err := a.client(ctx, further...)
	if err != nil {
		return err
	}
	return join(work(client), client.Close())
}

// file is the configuration file. The client knows no more of where it is.
func (a *app) file() (*tokenstore.File, error) {
	path, err := variables.Path("TAEGIS_CONFIG_FILE")
	return &tokenstore.File{Path: path, Logger: a.logger()}, err
}

// variables are those of this process.
var variables = envvar.Variables{Lookup: os.LookupEnv}

// store is where tokens rest.
func (a *app) store(ctx context.Context) (listedStore, error) {
	chosen, err := a.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if store, ok := chosen.Store.(listedStore); ok { // as all of ours are
		return store, nil
	}
	file, err := a.file()
	if err != nil {
		return nil, err // else it would be a store that is not nil
	}
	return file, nil
}

// listedStore is a store that knows what it holds.
type listedStore interface {
	ports.TokenStore
	ports.TokenLister
}

// decisive returns the step at which the chain would end, and false where no link would answer.
func decisive(ctx context.Context, client *taegis.Client) (taegis.ChainStep, bool, error) {
	steps, err := client.Explain(ctx)
	if err != nil {
		return taegis.ChainStep{}, false, err
	}
	step, answered := decision(steps)
	return step, answered, nil
}

// decision returns the step at which the chain would end, and false where no link would answer.
func decision(steps []taegis.ChainStep) (taegis.ChainStep, bool) {
	for _, step := range steps {
		if step.Reached && step.EndsChain() {
			return step, true
		}
	}
	return taegis.ChainStep{}, false
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
