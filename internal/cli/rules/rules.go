// Package rules is the command group that lists and shows detection rules.
package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// NewCommand returns the command group rules.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("rules", "List rules and show them", listCommand(a), getCommand(a))
}

func columns() []output.Column {
	return []output.Column{
		{Name: "updated", Path: "updatedAt", Time: true},
		{Name: "enabled", Path: "enabled"},
		{Name: "event type", Path: "eventType"},
		{Name: "severity", Path: "severity"},
		{Name: "name", Path: "name"},
		{Name: "id", Path: "id"},
	}
}

// lists are the operations of the kinds of rules.
var lists = map[string]string{
	"": "rules.rules", "all": "rules.allRules", "suppression": "rules.suppressionRules", "deleted": "rules.deletedRules",
}

func listCommand(a *cmdutil.App) *cobra.Command {
	var kind, ruleType string
	return search.NewListCommand(a, &search.List{
		Use: "list", Noun: "rules", Short: "List rules", Columns: columns(),
		Long: `List the rules of the tenant, those that changed last first. An explanation by a language model is not
part of the list.`,
		Example: `  taegis rules list --type QL --all
  taegis rules list --kind suppression`,
		Flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&kind, "kind", "", "other rules: all, suppression or deleted")
			flags.StringVar(&ruleType, "type", "", "only rules of this type, for example QL or REGEX")
		},
		Pages: func(ctx context.Context, client *taegis.Client, _ []string, options ...paging.Option) (search.Records, error) {
			operation, ok := lists[kind]
			if !ok {
				return nil, fmt.Errorf("--kind %q: use all, suppression or deleted", kind)
			}
			args := map[string]any{}
			if ruleType != "" {
				if kind == "all" {
					return nil, fmt.Errorf("--type does not go with --kind all")
				}
				args["ruleType"] = strings.ToUpper(ruleType)
			}
			return search.Pages(taegis.ContextWithSelection(ctx, selection), client, operation, args, options...), nil
		},
	})
}

// selection leaves out generativeAIRuleExplain, which is slow or fails in lists (docs/protocol.md#rules).
const selection = `{ id tenantID name description severity confidence enabled createAlert tags attackCategories ` +
	`deleted createdAt updatedAt eventType visibility status origin }`

func getCommand(a *cmdutil.App) *cobra.Command {
	return search.NewGetCommand(a, &search.Getter{
		Noun: "rules", Columns: columns(), Batch: 1, ID: search.ID,
		Get: func(ctx context.Context, client *taegis.Client, ids []string) ([]json.RawMessage, error) {
			return search.One(ctx, client, "rules.rule", map[string]any{"id": ids[0]})
		},
	}, "Show rules by their ids.", "  taegis rules get 0c6f2a1e-7b0d-4d56-9f6c-5f1d0e3a9b7c")
}
