// Package doctor is the command that diagnoses configuration and connectivity problems.
package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command doctor.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var offline bool
	var out *cmdutil.Output
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Diagnose configuration and connectivity problems",
		Long: `Check files and locks, the token store, the login, plugins, the network, the clock and the token. Each
check prints its result and, if there is a problem, a command that fixes it or shows more. The command
does not prompt and changes no setting, token or key.

The results are ok, warn for a problem that does not prevent calls, FAIL for one that does, and skip for
a check that was not run. The exit code is 0 if no check failed or warned, otherwise 1.`,
		Example: `  taegis doctor
  taegis doctor --offline --jq '.checks[] | select(.status != "ok") | .id'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := examine(cmd.Context(), a, offline)
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			return printDiagnosis(cmd.Context(), a, out, found)
		},
	}
	out = a.NewTextOutput(cmd)
	cmd.Flags().BoolVar(&offline, "offline", false, "skip checks that use the network or start programs")
	return cmd
}

// diagnosis is the output of doctor.
type diagnosis struct {
	Healthy bool      `json:"healthy"` // no check failed or warned
	Checks  []finding `json:"checks"`
}

func printDiagnosis(ctx context.Context, a *cmdutil.App, out *cmdutil.Output, found []finding) error {
	counts := map[status]int{}
	for _, f := range found {
		counts[f.Status]++
	}
	d := diagnosis{Healthy: counts[failure]+counts[warning] == 0, Checks: found}
	var err error
	if out.Chosen() {
		err = out.Value(ctx, d)
	} else {
		err = a.PrintPage(d.String() + fmt.Sprintf("%d checks: %d ok, %d warned, %d failed, %d skipped\n",
			len(found), counts[fine], counts[warning], counts[failure], counts[skipped]))
	}
	if err == nil && !d.Healthy {
		return &cmdutil.ExitError{Code: cmdutil.ExitFailed}
	}
	return err
}

// String returns a line for each check, with the hint below it.
func (d diagnosis) String() string {
	width := 0
	for _, f := range d.Checks {
		width = max(width, len(f.ID))
	}
	var b strings.Builder
	for _, f := range d.Checks {
		fmt.Fprintf(&b, "%-4s  %-*s  %s\n", f.Status.mark(), width, f.ID, f.Found)
		if f.Hint != "" {
			fmt.Fprintf(&b, "        %s\n", f.Hint)
		}
	}
	return b.String()
}
