package schema

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/services/catalog"
)

func searchCommand(a *cmdutil.App) *cobra.Command {
	var flags schemaFlags
	cmd := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find services, operations and types by words",
		Long: `Find services, operations with their arguments and types, and types with their fields, values and
members that contain all of the words. Case and underscores are ignored. Matches by name come first. The
API has two words for alerts (detections) and for cases (investigations): each finds the names of both.
The exit code is 1 if there is no match.`,
		Example: `  taegis schema search rotate secret
  taegis schema search ASSIGNEE_ID --output csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(splitWords(args)) == 0 {
				return fmt.Errorf("WORD is missing")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			found := catalog.Find(splitWords(args)...)
			if len(found) == 0 {
				return fmt.Errorf("no match for %s", cmdutil.JoinNames(splitWords(args)))
			}
			if flags.out.Chosen() {
				return cmdutil.PrintList(cmd.Context(), flags.out, found)
			}
			var rows [][]string
			for _, m := range found {
				name := m.Service
				if m.Name != "" {
					name += "." + m.Name
				}
				rows = append(rows, []string{name, m.Kind, remark(m.MatchedIn, m.Deprecated, "")})
			}
			return printTable(a, rows)
		},
	}
	flags.registerOutput(a, cmd)
	return cmd
}

// splitWords returns the words of the arguments, which may be quoted together.
func splitWords(args []string) []string { return strings.Fields(strings.Join(args, " ")) }
