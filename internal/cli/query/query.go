// Package query is the command group that checks queries.
package query

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
)

// NewCommand returns the command group query.
func NewCommand(a *cmdutil.App) *cobra.Command {
	return cmdutil.NewGroup("query", "Check queries of the Taegis query language", checkCommand(a))
}

// services are the values of --service.
var services = map[string]cql.Service{
	"": "", "alerts": cql.Detections, "detections": cql.Detections, "events": cql.Events,
	"cases": cql.Cases, "investigations": cql.Cases,
}

func checkCommand(a *cmdutil.App) *cobra.Command {
	var service string
	var live bool
	cmd := &cobra.Command{
		Use:   "check QUERY|@FILE|-",
		Short: "Find mistakes in a query",
		Long: `Find mistakes in a query: those of syntax, and those of a query that a service would reject, ignore or
read in another way than its author. It prints a line LINE:COLUMN: error|warning: TEXT for each, and
nothing if there is none. The exit code is 2 if one of them is an error, else 0.

Nothing is sent and no login is needed, unless --live asks the server to check the query too.`,
		Example: `  taegis query check "FROM alert WHERE severity >= 0.6 EARLIEST=-1d"
  taegis query check --service events @query.txt
  taegis query check --live - < query.txt`,
		Args: cmdutil.ExactArgs("QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			of, ok := services[service]
			if !ok {
				return cmdutil.UsageErrorf(cmd, "--service %q: use alerts, events or cases", service)
			}
			text, err := search.ReadQuery(cmd.Context(), a, args[0])
			if err != nil {
				return cmdutil.UsageErrorf(cmd, "%w", err)
			}
			findings := cql.Lint(text, cql.LintOptions{Service: of, Now: time.Now()})
			if live {
				more, err := validate(cmd.Context(), a, text)
				if err != nil {
					return err
				}
				findings = append(findings, more...)
			}
			return report(a, findings)
		},
	}
	cmd.Flags().StringVar(&service, "service", "", "service that gets the query: alerts, events or cases (default: by its types)")
	cmd.Flags().BoolVar(&live, "live", false, "let the server check the query too")
	cmdutil.CompleteFlag(cmd, "service", cobra.FixedCompletions([]string{"alerts", "events", "cases"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// report prints the findings.
func report(a *cmdutil.App, findings []cql.Finding) error {
	code := cmdutil.ExitOK
	for _, finding := range findings {
		if err := a.Printf("%s\n", finding.String()); err != nil {
			return err
		}
		if finding.Severity == cql.Error {
			code = cmdutil.ExitUsage
		}
	}
	if code != cmdutil.ExitOK {
		return &cmdutil.ExitError{Code: code}
	}
	return nil
}

// problem is an error or warning of validateSearch.
type problem struct {
	Description string
	Location    struct{ StartLine, StartColumn int }
}

// validate lets the server check a query.
func validate(ctx context.Context, a *cmdutil.App, text string) (findings []cql.Finding, err error) {
	err = a.WithClient(ctx, func(client *taegis.Client) error {
		result, err := search.Call(ctx, client, "search.validateSearch", map[string]any{"input": map[string]any{"text": text}})
		if err != nil {
			return err
		}
		var answer struct{ Errors, Warnings []problem }
		if err := json.Unmarshal(result, &answer); err != nil {
			return fmt.Errorf("the server's findings: %w", err)
		}
		for _, p := range answer.Errors {
			findings = append(findings, p.finding(cql.Error))
		}
		for _, p := range answer.Warnings {
			findings = append(findings, p.finding(cql.Warning))
		}
		return nil
	})
	return findings, err
}

func (p problem) finding(severity cql.Severity) cql.Finding {
	return cql.Finding{
		Severity: severity, Message: "the server: " + p.Description,
		Position: cql.Position{Line: p.Location.StartLine, Column: p.Location.StartColumn},
	}
}
