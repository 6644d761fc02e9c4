// Package sharelinks is the command group that makes and opens links to the console.
package sharelinks

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/services/sharelinks"
)

// NewCommand returns the command group sharelinks.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("sharelinks", "Make links to the console and open them", createCommand(a), openCommand(a))
}

// types are the link types by the names of the command (docs/protocol.md#share-links).
var types = map[string]string{
	"alert": "alertV2Id", "case": "investigationId", "event": "eventId", "query": "queryId", "rule": "rules",
	"asset": "endpointDetails", "connector": "connectorId", "connection": "connectionId",
	"playbook-template": "playbookTemplateId", "playbook-instance": "playbookInstanceId",
	"playbook-execution": "playbookExecutionId",
}

// otherNames are the other words for types.
var otherNames = map[string]string{"detection": "alert", "investigation": "case"}

func names() []string {
	var list []string
	for name := range types {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func createCommand(a *cmdutil.App) *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use:   "create TYPE ID",
		Short: "Make a link to the console and print it",
		Long: `Make a link to a record in the console and print it. TYPE is ` + strings.Join(names(), ", ") + `.
The link opens in the tenant of the call, so --tenant or a profile has to name
one. The ID of a query is the queryId of a search; --source says what it searched.`,
		Example: `  taegis sharelinks create case 5e0c9d3e-3b0c-4a52-9a86-0d2f1a9d7c11 --tenant 11772
  taegis sharelinks create query q-41 --source alert --tenant 11772`,
		Args: cmdutil.ExactArgs("TYPE", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			chosen, err := a.Resolve(ctx)
			if err != nil {
				return err
			}
			tenant := chosen.Value("tenant").Text
			if tenant == "" {
				return cmdutil.UsageErrorf(cmd, "the link needs a tenant: give --tenant")
			}
			input, err := linkInput(args[0], args[1], tenant, source)
			if err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			return a.WithClient(ctx, func(client *taegis.Client) error {
				made, err := sharelinks.New(client).CreateShareLink(ctx, sharelinks.CreateShareLinkArgs{Input: *input})
				if err == nil && (made == nil || made.ID == "") {
					err = errors.New("the response has no id of a link")
				}
				if err != nil {
					return err
				}
				return a.Printf("%s\n", console(client)+"/share/"+url.PathEscape(made.ID))
			})
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return names(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "what a query searched: alert or event")
	return cmd
}

// linkInput returns the input of createShareLink.
func linkInput(kind, id, tenant, source string) (*sharelinks.ShareLinkCreateInput, error) {
	linkType, ok := types[cmp.Or(otherNames[kind], kind)]
	if !ok {
		return nil, fmt.Errorf("unknown type %q: the types are %s; for another one of the API, call the operation: %s",
			kind, strings.Join(names(), ", "), "taegis call sharelinks createShareLink")
	}
	input := &sharelinks.ShareLinkCreateInput{TenantID: &tenant, LinkType: &linkType, LinkRef: &id}
	source = cmp.Or(otherNames[source], source)
	switch {
	case linkType != types["query"] && source != "":
		return nil, errors.New("--source goes with the type query only")
	case linkType != types["query"]:
		return input, nil
	case source != "alert" && source != "event":
		return nil, fmt.Errorf("--source %q: a link to a query needs alert or event", source)
	}
	target, key := "cql", "sourceType"
	input.LinkTarget = &target
	input.ExtraParameters = []sharelinks.ExtraParamCreateInput{{Key: &key, Value: &source}}
	return input, nil
}

func openCommand(a *cmdutil.App) *cobra.Command {
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "open LINK",
		Short: "Show what a link to the console refers to",
		Long:  `Show what a link to the console refers to: its type, the id of the record, and the tenant to read it in.`,
		Example: `  taegis sharelinks open https://ctpx.secureworks.com/share/0a1b2c3d
  taegis sharelinks open 0a1b2c3d --jq .linkRef`,
		Args: cmdutil.ExactArgs("LINK"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.WithClient(ctx, func(client *taegis.Client) error {
				found, err := search.One(ctx, client, "sharelinks.shareLinkById", map[string]any{"id": linkID(args[0])})
				if err == nil && len(found) == 0 {
					err = fmt.Errorf("unknown link: %s", args[0])
				}
				if err != nil {
					return err
				}
				return out.Record(ctx, found[0])
			})
		},
	}
	out = a.NewOutput(cmd,
		output.Column{Name: "type", Path: "linkType"},
		output.Column{Name: "id", Path: "linkRef"},
		output.Column{Name: "tenant", Path: "tenantId"},
		output.Column{Name: "created", Path: "createdTime", Time: true},
	)
	return cmd
}

// linkID returns the id in the address of a link, or the text itself.
func linkID(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	_, id, _ := strings.Cut(u.Path, "/share/")
	return strings.Trim(id, "/")
}

// console returns the address of the console of the client's environment.
func console(client *taegis.Client) string { return client.Environment().ConsoleURL() }
