// Package doctor is the command that diagnoses configuration and connectivity problems.
package doctor

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// NewCommand returns the command doctor.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var asJSON, offline bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what keeps Taegis from being reached, and how to mend it",
		Long: `Check files and locks, the token store, credentials, plugins, the network, the clock and the token.
Each check says what was found and, where that is not well, one command that mends it or shows more.
Nobody is asked, and no setting, token or key is changed.

The marks are ok, warn for what works and yet deserves a look, FAIL for what keeps something from
working, and skip for what was not checked. The exit code is 0 only if all that was checked is well, and
1 where something has failed or is warned of.`,
		Example: `  taegis doctor
  taegis doctor --offline --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := examine(cmd.Context(), a, offline)
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			return printDiagnosis(a, found, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&offline, "offline", false, "skip what needs the network or starts programs")
	return cmd
}

// diagnosis is what doctor prints.
type diagnosis struct {
	Healthy bool      `json:"healthy"` // nothing has failed or is warned of
	Checks  []finding `json:"checks"`
}

func printDiagnosis(a *cmdutil.App, found []finding, asJSON bool) error {
	counts := map[status]int{}
	for _, f := range found {
		counts[f.Status]++
	}
	d := diagnosis{Healthy: counts[failure]+counts[warning] == 0, Checks: found}
	var err error
	if asJSON {
		err = a.PrintJSON(d)
	} else {
		err = a.PrintPage(d.String() + fmt.Sprintf("%d checks: %d ok, %d warned, %d failed, %d skipped\n",
			len(found), counts[fine], counts[warning], counts[failure], counts[skipped]))
	}
	if err == nil && !d.Healthy {
		return &cmdutil.ExitError{Code: cmdutil.ExitFailed}
	}
	return err
}

// String is a line for each check, with the hint below it.
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
