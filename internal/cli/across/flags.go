// Package across runs a command over many tenants: the flags that choose them, a client for each
// account, the tenant of each record, and what failed.
package across

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// Flags are the flags that choose tenants.
type Flags struct {
	tenants  string
	where    []string
	parallel int
	ordered  bool
	given    bool
}

// Choose returns flags with these values, for a command that reads them from a file.
func Choose(tenants string, where []string) *Flags {
	return &Flags{tenants: tenants, where: where, parallel: defaultParallel, given: true}
}

// Help describes the flags. It is a part of the help of each command that has them.
const Help = `
--tenants runs the command for many tenants: all, ids with commas between them, @FILE with an id a line,
or a selection [tenants.NAME] of the profile file. --where narrows them by KEY=VALUE, or all if --tenants
is not given; its keys are id, name, service, label:NAME, partner, organization, region and license. The
same key twice means one of both; * stands for any characters. Each record gets the id of its tenant as
tenant_id, and --limit counts per tenant. If some tenants fail, the exit code is 3, and each of them is a
line on stderr; if all fail, it is 1. See docs/tenants.md.`

// defaultParallel is how many tenants are called at a time.
const defaultParallel = 16

// Register adds the flags to a command whose records can be ordered by tenant.
func (f *Flags) Register(cmd *cobra.Command) {
	f.RegisterChoice(cmd)
	cmd.Flags().BoolVar(&f.ordered, "ordered", false, "with --tenants, print the tenants one after the other, in the server's order")
	cmdutil.Before(cmd, func() error {
		if !f.given && (cmd.Flags().Changed("ordered") || cmd.Flags().Changed("parallel")) {
			return errors.New("--ordered and --parallel go with --tenants or --where")
		}
		return nil
	})
}

// RegisterChoice adds the flags that choose tenants, and how many of them run at a time.
func (f *Flags) RegisterChoice(cmd *cobra.Command) {
	RegisterTenants(cmd, &f.tenants, "run for many tenants: all, ID,…, @FILE or a selection of the profile file")
	RegisterWhere(cmd, &f.where, "run for the tenants with KEY=VALUE, for example service='*MDR*' or region=us1; repeatable")
	cmd.Flags().IntVar(&f.parallel, "parallel", defaultParallel, "with --tenants, how many tenants run at a time")
	cmdutil.Before(cmd, func() error {
		f.given = cmd.Flags().Changed("tenants") || len(f.where) > 0
		switch {
		case cmd.Flags().Changed("tenants") && f.tenants == "":
			return errors.New("--tenants is empty")
		case f.parallel < 1:
			return errors.New("--parallel: use a number from 1")
		}
		return nil
	})
}

// RegisterTenants adds the flag --tenants.
func RegisterTenants(cmd *cobra.Command, tenants *string, usage string) {
	cmd.Flags().StringVar(tenants, "tenants", "", usage)
	cmdutil.CompleteFlag(cmd, "tenants", completeTenants)
}

// RegisterWhere adds the flag --where.
func RegisterWhere(cmd *cobra.Command, where *[]string, usage string) {
	cmd.Flags().StringArrayVar(where, "where", nil, usage)
	cmdutil.CompleteFlag(cmd, "where", cobra.FixedCompletions(
		[]string{"id=", "name=", "service=", "label:", "partner=", "organization=", "region=", "license="},
		cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp))
}

// Given reports whether the command runs for many tenants.
func (f *Flags) Given() bool { return f.given }

// completeTenants suggests all and the selections of the profile file.
func completeTenants(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := []string{"all"}
	if file, err := cmdutil.OpenProfiles(cmd.Context()); err == nil {
		names = append(names, namesOf(file)...)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// Parallel returns how many tenants run at a time.
func (f *Flags) Parallel() int { return f.parallel }
