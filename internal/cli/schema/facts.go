package schema

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/services/catalog"
)

// report is the output of schema facts.
type report struct {
	Version     string `json:"version"`
	Environment string `json:"environment"` // its name, or "custom"
	*catalog.Facts

	platform core.Platform
}

func factsCommand(a *cmdutil.App) *cobra.Command {
	var flags schemaFlags
	cmd := &cobra.Command{
		Use:   "facts",
		Short: "Compare the schemas of the environment with the built-in ones",
		Long: `Read the schemas of all gateways of the environment by introspection, and report in what they differ from
the built-in ones: types of arguments and input fields, above all those that are uncertain, types of results,
and names that are missing or new. In the environment fusion these are its gateway and its services.

The report holds names and types of the schemas and the name of the environment, and nothing of a tenant,
an account, a token or a host, so that it can be sent to the project; --json has all of it. The exit code
is 3 if some gateways do not return their schemas.`,
		Example: `  taegis schema facts
  taegis schema facts --json > facts.json
  taegis schema facts --environment fusion`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := fetchReport(cmd.Context(), a)
			if err != nil {
				return err
			}
			if flags.out.Chosen() {
				err = flags.out.Value(cmd.Context(), r)
			} else {
				err = a.PrintPage(r.page())
			}
			if err != nil {
				return err
			}
			return r.partial()
		},
	}
	flags.registerOutput(a, cmd)
	return cmd
}

func fetchReport(ctx context.Context, a *cmdutil.App) (*report, error) {
	r := &report{Version: taegis.Version, Environment: "custom"}
	err := a.WithClient(ctx, func(client *taegis.Client) (err error) {
		here := client.Environment()
		for _, known := range core.Environments() {
			if known.APIURL == here.APIURL {
				r.Environment = known.Canonical
			}
		}
		r.platform = here.Platform
		r.Facts, err = catalog.FetchFacts(ctx, client, r.platform)
		return err
	})
	return r, err
}

// partial returns the error for the gateways that do not return their schemas, or nil.
func (r *report) partial() error {
	for _, g := range r.Gateways {
		if g.Unavailable {
			return &cmdutil.PartialError{Err: g.Err}
		}
	}
	return nil
}

// page returns the report as text: counts, and what differs.
func (r *report) page() string {
	var b strings.Builder
	section(&b, "Schemas of "+r.Environment+", compared with taegis "+r.Version)
	rows := [][]string{{"GATEWAY", "OPERATIONS", ""}}
	for _, g := range r.Gateways {
		count, note := strconv.Itoa(g.Operations), ""
		if g.Unavailable {
			count, note = "-", "does not return its schema"
		}
		rows = append(rows, []string{placeOf(g.Gateway, g.Host, r.platform), count, note})
	}
	table(&b, "  ", rows)
	section(&b, "Types")
	table(&b, "  ", r.counts())
	r.list(&b, "Types that differ", func(s catalog.ServiceFacts) (names []string) {
		return slices.Concat(differences(s.Arguments, "%s(%s)"), differences(s.InputFields, "%s.%s"), differences(s.Results, "%s.%s"))
	})
	r.list(&b, "Missing", func(s catalog.ServiceFacts) []string { return s.Missing })
	r.list(&b, "New", func(s catalog.ServiceFacts) []string { return s.New })
	var added [][]string
	for _, g := range r.Gateways {
		for _, name := range g.New {
			added = append(added, []string{placeOf(g.Gateway, g.Host, r.platform), name})
		}
	}
	if len(added) > 0 {
		section(&b, "New operations")
		table(&b, "  ", added)
	}
	return b.String()
}

// counts returns the rows that say how many types agree.
func (r *report) counts() [][]string {
	rows := [][]string{{"", "AS BUILT IN", "DIFFERENT"}}
	for _, of := range []struct {
		what string
		list func(catalog.ServiceFacts) []catalog.TypeFact
	}{
		{"arguments", func(s catalog.ServiceFacts) []catalog.TypeFact { return s.Arguments }},
		{"input fields", func(s catalog.ServiceFacts) []catalog.TypeFact { return s.InputFields }},
		{"results", func(s catalog.ServiceFacts) []catalog.TypeFact { return s.Results }},
	} {
		for _, basis := range []catalog.Basis{catalog.BasisUncertain, catalog.BasisSettled, catalog.BasisCertain} {
			same, different := 0, 0
			for _, s := range r.Services {
				for _, f := range of.list(s) {
					switch {
					case f.Basis != basis:
					case f.Differs():
						different++
					default:
						same++
					}
				}
			}
			if basis != catalog.BasisCertain && same+different == 0 {
				continue // results are certain, and all types of fusion
			}
			agree := strconv.Itoa(same)
			if basis == catalog.BasisCertain {
				agree = "all others"
			}
			rows = append(rows, []string{string(basis) + " " + of.what, agree, strconv.Itoa(different)})
		}
	}
	return rows
}

// list writes a section with the names of each service, or nothing if there are none.
func (r *report) list(b *strings.Builder, title string, names func(catalog.ServiceFacts) []string) {
	var rows [][]string
	for _, s := range r.Services {
		for _, name := range names(s) {
			rows = append(rows, []string{s.Service, name})
		}
	}
	if len(rows) > 0 {
		section(b, title)
		table(b, "  ", rows)
	}
}

// differences returns the types that differ from what was settled or certain. An uncertain type is
// no more than a form, so a difference from it is expected.
func differences(facts []catalog.TypeFact, form string) (lines []string) {
	for _, f := range facts {
		if f.Basis != catalog.BasisUncertain && f.Differs() {
			place := fmt.Sprintf(form, f.On, f.Name)
			lines = append(lines, fmt.Sprintf("%s is %s, %s as %s", place, f.Type, f.Basis, f.Assumed))
		}
	}
	return lines
}
