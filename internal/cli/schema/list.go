package schema

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/services/catalog"
)

// listedService is a service in the output of schema services.
type listedService struct {
	Name          string        `json:"name"`
	Gateway       string        `json:"gateway"`
	Base          core.Host     `json:"base,omitempty"`
	Platform      core.Platform `json:"platform,omitempty"`
	Queries       int           `json:"queries"`
	Mutations     int           `json:"mutations"`
	Subscriptions int           `json:"subscriptions"`
}

func servicesCommand(a *cmdutil.App) *cobra.Command {
	var flags schemaFlags
	cmd := &cobra.Command{
		Use:   "services",
		Short: "List the services",
		Long:  "List the services with their gateways and numbers of operations.",
		Example: `  taegis schema services
  taegis schema services --jq 'select(.subscriptions > 0) | .name'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var services []listedService
			rows := [][]string{{"SERVICE", "GATEWAY", "OPERATIONS"}}
			for _, name := range catalog.Services() {
				operations, err := catalog.Operations(name)
				if err != nil {
					return err
				}
				services = append(services, listService(name, operations))
				rows = append(rows, []string{name, placeOf(operations[0].Gateway, operations[0].Host, operations[0].Platform), strconv.Itoa(len(operations))})
			}
			if flags.out.Chosen() {
				return cmdutil.PrintList(cmd.Context(), flags.out, services)
			}
			return printTable(a, rows)
		},
	}
	flags.registerOutput(a, cmd, output.Column{Name: "SERVICE", Path: "name"}, output.Column{Name: "GATEWAY", Path: "gateway"},
		output.Column{Name: "QUERIES", Path: "queries"}, output.Column{Name: "MUTATIONS", Path: "mutations"},
		output.Column{Name: "SUBSCRIPTIONS", Path: "subscriptions"})
	return cmd
}

func listService(name string, operations []*core.Operation) listedService {
	first := operations[0]
	s := listedService{Name: name, Gateway: cmp.Or(first.Gateway, core.DefaultGateway), Base: first.Host, Platform: first.Platform}
	for _, op := range operations {
		switch op.Kind {
		case core.KindQuery:
			s.Queries++
		case core.KindMutation:
			s.Mutations++
		case core.KindSubscription:
			s.Subscriptions++
		}
	}
	return s
}

// placeOf returns the path of a gateway, with its host if that is not the API's, and its platform
// if that is not Taegis.
func placeOf(gateway string, base core.Host, platform core.Platform) string {
	gateway = cmp.Or(gateway, core.DefaultGateway)
	if platform != core.PlatformTaegis {
		return gateway + " of " + platform.String()
	}
	if base == core.HostTenants {
		return gateway + " of the tenants host"
	}
	return gateway
}

func printTable(a *cmdutil.App, rows [][]string) error {
	var b strings.Builder
	table(&b, "", rows)
	return a.PrintPage(b.String())
}

// listedOperation is an operation in the output of schema operations.
type listedOperation struct {
	Service    string             `json:"service,omitempty"`
	Name       string             `json:"name"`
	Kind       core.OperationKind `json:"kind"`
	Arguments  []catalog.Field    `json:"arguments,omitempty"`
	Result     string             `json:"result"`
	Deprecated string             `json:"deprecated,omitempty"`
}

func operationsCommand(a *cmdutil.App) *cobra.Command {
	var flags schemaFlags
	cmd := &cobra.Command{
		Use:   "operations [SERVICE]",
		Short: "List the operations of a service, or of all services",
		Long: `List the operations of a service, or of all services, with their kinds and results. With --live the
list comes from the environment's gateway by introspection.`,
		Example: `  taegis schema operations clients
  taegis schema operations --kind subscription
  taegis schema operations alerts --live`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: operation.CompleteService,
		RunE: func(cmd *cobra.Command, args []string) error {
			schemas, err := schemasOf(a, cmd, args, flags.live)
			if err != nil {
				return err
			}
			operations, err := listOperations(schemas, flags.kind.Kinds())
			if err != nil {
				return err
			}
			if flags.out.Chosen() {
				return cmdutil.PrintList(cmd.Context(), flags.out, operations)
			}
			rows := [][]string{{"OPERATION", "KIND", "RESULT", ""}}
			for _, op := range operations {
				name := op.Name
				if len(args) == 0 && op.Service != "" {
					name = op.Service + "." + op.Name
				}
				rows = append(rows, []string{name, string(op.Kind), op.Result, remark(nil, op.Deprecated, "")})
			}
			return printTable(a, rows)
		},
	}
	flags.kind.Register(cmd, "list only query, mutation or subscription operations")
	flags.registerLive(cmd)
	flags.registerOutput(a, cmd, output.Column{Name: "SERVICE", Path: "service"}, output.Column{Name: "OPERATION", Path: "name"},
		output.Column{Name: "KIND", Path: "kind"}, output.Column{Name: "RESULT", Path: "result"},
		output.Column{Name: "DEPRECATED", Path: "deprecated"})
	return cmd
}

// schemasOf returns the schema of the service in args, or of all services. If live, it returns the
// schema from the service's gateway, or from the default gateway.
func schemasOf(a *cmdutil.App, cmd *cobra.Command, args []string, live bool) ([]*catalog.Schema, error) {
	if live {
		s, err := askGateway(a, cmd, func(ctx context.Context, client *taegis.Client) (*catalog.Schema, error) {
			if len(args) > 0 {
				return catalog.FetchSchema(ctx, client, args[0])
			}
			return catalog.FetchGatewaySchema(ctx, client, client.Environment().Platform, core.DefaultGateway, core.HostAPI)
		})
		if err != nil {
			return nil, err
		}
		printUnknown(a, s)
		return []*catalog.Schema{s}, nil
	}
	if len(args) == 0 {
		args = catalog.Services()
	}
	var schemas []*catalog.Schema
	for _, service := range args {
		s, err := catalog.SchemaFor(service)
		if err != nil {
			return nil, operation.LookupError(cmd, err)
		}
		schemas = append(schemas, s)
	}
	return schemas, nil
}

func listOperations(schemas []*catalog.Schema, kinds []core.OperationKind) ([]listedOperation, error) {
	operations := []listedOperation{}
	for _, s := range schemas {
		for _, op := range s.Operations() {
			if len(kinds) > 0 && op.Kind != kinds[0] {
				continue
			}
			d, err := s.Describe(op)
			if err != nil {
				return nil, err
			}
			operations = append(operations, listedOperation{d.Service, d.Name, d.Kind, d.Arguments, d.Result, d.Deprecated})
		}
	}
	return operations, nil
}
