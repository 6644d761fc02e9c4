// Package schema is the command group that finds services, operations and types.
package schema

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/services/catalog"
)

// NewCommand returns the command group schema.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("schema", "Find services, operations and types",
		servicesCommand(a),
		operationsCommand(a),
		showCommand(a),
		typeCommand(a),
		searchCommand(a),
		dumpCommand(a),
		factsCommand(a),
	)
}

// schemaFlags are the flags that the commands below schema share.
type schemaFlags struct {
	live bool
	kind operation.KindFlag
	out  *cmdutil.Output
}

func (f *schemaFlags) registerOutput(a *cmdutil.App, cmd *cobra.Command, columns ...output.Column) {
	f.out = a.NewTextOutput(cmd, columns...)
}

func (f *schemaFlags) registerLive(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.live, "live", false, "read the schema from the environment's gateway, in place of the built-in one")
}

// dotted accepts the arguments "NAME", "SERVICE.NAME" or "SERVICE NAME".
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

// split returns the service, which may be empty, and the name.
func split(args []string) (service, name string) {
	name = strings.Join(args, ".")
	if before, after, found := strings.Cut(name, "."); found {
		return before, after
	}
	return "", name
}

// askGateway logs in and passes a client to ask, which fetches a schema.
func askGateway(a *cmdutil.App, cmd *cobra.Command, ask func(context.Context, *taegis.Client) (*catalog.Schema, error)) (s *catalog.Schema, err error) {
	err = a.WithClient(cmd.Context(), func(client *taegis.Client) error {
		s, err = ask(cmd.Context(), client)
		return err
	})
	return s, operation.LookupError(cmd, err)
}

// liveService fetches the schema of a service from its gateway.
func liveService(a *cmdutil.App, cmd *cobra.Command, service string, also ...string) (*catalog.Schema, error) {
	return askGateway(a, cmd, func(ctx context.Context, client *taegis.Client) (*catalog.Schema, error) {
		return catalog.FetchSchema(ctx, client, service, also...)
	})
}

// liveGateway fetches the schema of a gateway from the host of its services.
func liveGateway(a *cmdutil.App, cmd *cobra.Command, gateway string) (*catalog.Schema, error) {
	return askGateway(a, cmd, func(ctx context.Context, client *taegis.Client) (*catalog.Schema, error) {
		return catalog.FetchGatewaySchema(ctx, client, client.Environment().Platform, gateway, baseOf(gateway))
	})
}

func baseOf(gateway string) core.Host {
	if len(catalog.ServicesAt(core.PlatformTaegis, gateway, core.HostTenants)) > 0 {
		return core.HostTenants
	}
	return core.HostAPI
}

// printUnknown prints the operations of a service's gateway that no built-in service has.
func printUnknown(a *cmdutil.App, s *catalog.Schema) {
	if names := s.UnknownOperations(); len(names) > 0 && s.Service() != "" {
		a.Infof("The gateway has %d %s of no known service: %s", len(names), cmdutil.Plural(len(names), "operation", "operations"), cmdutil.JoinNames(names))
	}
}
