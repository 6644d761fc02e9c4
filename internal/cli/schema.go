package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
)

func (a *app) schemaCommand() *cobra.Command {
	return group("schema", "Find services, operations and types",
		a.schemaServicesCommand(),
		a.schemaOperationsCommand(),
		a.schemaShowCommand(),
		a.schemaTypeCommand(),
		a.schemaSearchCommand(),
		a.schemaDumpCommand(),
	)
}

// schemaFlags are the flags that the commands below schema share.
type schemaFlags struct {
	asJSON bool
	live   bool
	kind   kindFlag
}

func (f *schemaFlags) registerJSON(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
}

func (f *schemaFlags) registerLive(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.live, "live", false, "ask the environment's gateway, in place of what this program knows")
}

// dotted are the arguments of a command that takes "NAME", "SERVICE.NAME" or "SERVICE NAME".
func dotted(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("%s is missing", what)
		case len(args) > 2:
			return fmt.Errorf("give %s, SERVICE.%s or SERVICE %s", what, what, what)
		}
		return nil
	}
}

// split returns the service, where one is named, and the name.
func split(args []string) (service, name string) {
	name = strings.Join(args, ".")
	if before, after, found := strings.Cut(name, "."); found {
		return before, after
	}
	return "", name
}

// live asks a gateway for its schema, signed in by the usual chain.
func (a *app) live(cmd *cobra.Command, ask func(context.Context, ports.Transport) (*catalog.Schema, error)) (s *catalog.Schema, err error) {
	err = a.withClient(cmd.Context(), func(client *taegis.Client) error {
		s, err = ask(cmd.Context(), client)
		return err
	})
	return s, lookup(cmd, err)
}

// liveService asks the gateway of a service.
func (a *app) liveService(cmd *cobra.Command, service string, also ...string) (*catalog.Schema, error) {
	return a.live(cmd, func(ctx context.Context, t ports.Transport) (*catalog.Schema, error) {
		return catalog.Live(ctx, t, service, also...)
	})
}

// liveGateway asks a gateway, on the base where the services behind it are.
func (a *app) liveGateway(cmd *cobra.Command, gateway string) (*catalog.Schema, error) {
	return a.live(cmd, func(ctx context.Context, t ports.Transport) (*catalog.Schema, error) {
		return catalog.LiveGateway(ctx, t, gateway, baseOf(gateway))
	})
}

func baseOf(gateway string) core.Base {
	if len(catalog.Behind(gateway, core.BaseTenants)) > 0 {
		return core.BaseTenants
	}
	return core.BaseAPI
}

// tellUnclaimed says, beside the schema of a service, which operations its gateway has and nobody
// here.
func (a *app) tellUnclaimed(s *catalog.Schema) {
	if names := s.Unclaimed(); len(names) > 0 && s.Service() != "" {
		a.say("The gateway has %d %s that no service has here: %s", len(names), plural(len(names), "operation", "operations"), list(names))
	}
}
