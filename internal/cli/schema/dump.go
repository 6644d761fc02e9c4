package schema

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/services/catalog"
)

// dumpFlags are the flags of schema dump.
type dumpFlags struct {
	schemaFlags
	gateway string
	also    []string
	output  string
	asJSON  bool
}

// dumped is the JSON output of schema dump.
type dumped struct {
	Service string `json:"service,omitempty"`
	Gateway string `json:"gateway,omitempty"`
	SDL     string `json:"sdl"`
}

func dumpCommand(a *cmdutil.App) *cobra.Command {
	var flags dumpFlags
	cmd := &cobra.Command{
		Use:   "dump [SERVICE]",
		Short: "Print a schema in the schema definition language",
		Long: `Print the schema of a service or of a gateway in GraphQL's schema definition language (SDL).

With --live the schema comes from the environment's gateway by introspection. If several services share
a gateway, the schema of a service contains its known operations. Unknown operations of the gateway are
listed on stderr; --also adds one to the service. Without --live, comments mark the arguments and input
fields with a scalar type that is not certain.`,
		Example: `  taegis schema dump clients
  taegis schema dump alerts --live --output services/schema/alerts.graphql
  taegis schema dump --gateway /graphql --live`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: operation.CompleteService,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := dump(a, cmd, strings.Join(args, ""), flags)
			if err != nil {
				return err
			}
			switch {
			case flags.asJSON:
				return a.PrintJSON(d)
			case flags.output != "":
				return os.WriteFile(flags.output, []byte(d.SDL), 0o644) //nolint:gosec // a schema is not a secret
			}
			return a.PrintText(d.SDL)
		},
	}
	a.Global.TextFlag(cmd.Flags(), &flags.gateway, "gateway", "path of the gateway below the base URL, in place of SERVICE (default "+core.DefaultGateway+")")
	cmd.Flags().StringArrayVar(&flags.also, "also", nil, "operation of the gateway to add to the service, with --live; repeatable")
	a.Global.PathFlag(cmd.Flags(), &flags.output, "output", "", "file to write, in place of stdout; unchanged if the schema cannot be read")
	flags.registerLive(cmd)
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print JSON")
	return cmd
}

func dump(a *cmdutil.App, cmd *cobra.Command, service string, flags dumpFlags) (*dumped, error) {
	gateway := flags.gateway
	switch {
	case service != "" && gateway != "":
		return nil, cmdutil.UsageErrorf(cmd, "give SERVICE or --gateway, not both")
	case flags.output != "" && flags.asJSON:
		return nil, cmdutil.UsageErrorf(cmd, "--output is for SDL: redirect stdout for JSON")
	case len(flags.also) > 0 && (service == "" || !flags.live):
		return nil, cmdutil.UsageErrorf(cmd, "--also needs SERVICE and --live")
	case gateway != "" && !strings.HasPrefix(gateway, "/"):
		return nil, cmdutil.UsageErrorf(cmd, "--gateway %q: give a path, for example %s", gateway, core.DefaultGateway)
	case service == "" && gateway == "":
		gateway = core.DefaultGateway
	}
	var s *catalog.Schema
	var err error
	switch {
	case service != "" && flags.live:
		s, err = liveService(a, cmd, service, flags.also...)
	case service != "":
		s, err = catalog.SchemaFor(service)
	case flags.live:
		s, err = liveGateway(a, cmd, gateway)
	default:
		return dumpGateway(cmd, gateway)
	}
	if err != nil {
		return nil, operation.LookupError(cmd, err)
	}
	printUnknown(a, s)
	return &dumped{Service: s.Service(), Gateway: gateway, SDL: s.SDL()}, nil
}

// dumpGateway returns the built-in schema of a gateway.
func dumpGateway(cmd *cobra.Command, gateway string) (*dumped, error) {
	services := catalog.ServicesAt(core.PlatformTaegis, gateway, baseOf(gateway))
	switch {
	case gateway == core.DefaultGateway:
		text, err := catalog.MergedSDL()
		return &dumped{Gateway: gateway, SDL: text}, err
	case len(services) == 0:
		return nil, cmdutil.UsageErrorf(cmd, "no service is behind the gateway %s: `taegis schema services` lists them", gateway)
	case len(services) > 1:
		return nil, cmdutil.UsageErrorf(cmd, "several services are behind the gateway %s: name one of %s, or use --live", gateway, strings.Join(services, ", "))
	}
	s, err := catalog.SchemaFor(services[0])
	if err != nil {
		return nil, fmt.Errorf("gateway %s: %w", gateway, err)
	}
	return &dumped{Gateway: gateway, SDL: s.SDL()}, nil
}
