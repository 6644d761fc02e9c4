package schema

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/operation"
	"github.com/taegis-go/taegis/services/catalog"
)

func typeCommand(a *cmdutil.App) *cobra.Command {
	var flags schemaFlags
	var service string
	cmd := &cobra.Command{
		Use:   "type [SERVICE] TYPE",
		Short: "Show a type and its uses",
		Long: `Show the fields, values or members of a type, and the operations and types that use it. If several
services have a type with the name, write SERVICE.TYPE: each service has the part of the type that its
operations need.`,
		Example: `  taegis schema type ClientsSearchInput
  taegis schema type clients.Client`,
		Args:              dotted("TYPE"),
		ValidArgsFunction: completeType,
		RunE: func(cmd *cobra.Command, args []string) error {
			of, name := split(args)
			if of != "" && service != "" && of != service {
				return cmdutil.UsageErrorf(cmd, "the type has two services, %s and %s: name one service", of, service)
			}
			t, err := typeOf(a, cmd, cmp.Or(of, service), name, flags.live)
			if err != nil {
				return err
			}
			if flags.out.Chosen() {
				return flags.out.Value(cmd.Context(), t)
			}
			return a.PrintPage(typePage(t))
		},
	}
	a.Global.TextFlag(cmd.Flags(), &service, "service", "service of the type")
	cmdutil.CompleteFlag(cmd, "service", operation.CompleteService)
	flags.registerLive(cmd)
	flags.registerOutput(a, cmd)
	return cmd
}

// typeOf returns a type. If live, it reads the type from the gateway of the service, or from the default
// gateway.
func typeOf(a *cmdutil.App, cmd *cobra.Command, service, name string, live bool) (*catalog.Type, error) {
	if !live {
		t, err := catalog.TypeOf(service, name)
		return t, operation.LookupError(cmd, err)
	}
	gateway := core.DefaultGateway
	if service != "" {
		operations, err := catalog.Operations(service)
		if err != nil {
			return nil, operation.LookupError(cmd, err)
		}
		gateway = listService(service, operations).Gateway
	}
	s, err := liveGateway(a, cmd, gateway)
	if err != nil {
		return nil, err
	}
	t, err := s.Type(name)
	return t, operation.LookupError(cmd, err)
}

// typePage returns a type as text.
func typePage(t *catalog.Type) string {
	var b strings.Builder
	title := t.Kind + " " + t.Name
	if t.Service != "" {
		title += " of " + t.Service
	}
	if len(t.Interfaces) > 0 {
		title += ", implements " + cmdutil.JoinNames(t.Interfaces)
	}
	section(&b, title)
	wrap(&b, "", t.Description)
	table(&b, "  ", typeRows(t))
	if len(t.UsedBy) > 0 {
		section(&b, "Used by")
		for _, place := range t.UsedBy {
			b.WriteString("  " + place + "\n")
		}
	}
	return b.String()
}
