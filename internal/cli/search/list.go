package search

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// List is a list that needs no query.
type List struct {
	Use, Short, Long, Example string
	// Noun names its records, in the plural.
	Noun string
	// Args are the names of the arguments.
	Args    []string
	Columns []output.Column
	// OneTenant is set if the list is not to be printed for many tenants. A list with arguments, for
	// example of a case, never is.
	OneTenant bool
	// Flags adds further flags. It may be nil.
	Flags func(flags *pflag.FlagSet)
	// Pages returns the records. Its error is a mistake of the user.
	Pages func(ctx context.Context, client *taegis.Client, args []string, options ...paging.Option) (Records, error)
}

// NewListCommand returns the command of a list.
func NewListCommand(a *cmdutil.App, l *List) *cobra.Command {
	var out *cmdutil.Output
	var limits *cmdutil.Limits
	var many across.Flags
	manyTenants := !l.OneTenant && len(l.Args) == 0
	if manyTenants {
		l.Long += "\n" + across.Help
	}
	cmd := &cobra.Command{
		Use: l.Use, Short: l.Short, Long: l.Long, Example: l.Example,
		Args: cmdutil.ExactArgs(l.Args...),
		RunE: func(cmd *cobra.Command, args []string) error {
			if many.Given() {
				return l.printMany(cmd, a, &many, out, limits)
			}
			return a.WithClient(cmd.Context(), func(client *taegis.Client) error {
				return l.print(cmd, a, client, out, limits, args)
			})
		},
	}
	out = a.NewOutput(cmd, l.Columns...)
	limits = cmdutil.NewLimits(cmd)
	if l.Flags != nil {
		l.Flags(cmd.Flags())
	}
	if manyTenants {
		many.Register(cmd)
	}
	return cmd
}

func (l *List) print(
	cmd *cobra.Command, a *cmdutil.App, client *taegis.Client, out *cmdutil.Output, limits *cmdutil.Limits, args []string,
) error {
	var wrong error
	err := Print(cmd.Context(), a, out, l.Noun, limits.Max(), func(options ...paging.Option) Records {
		if limits.PageSize > 0 {
			options = append(options, paging.Size(limits.PageSize))
		}
		records, err := l.Pages(cmd.Context(), client, args, options...)
		if err != nil {
			wrong = err
			return failed(err)
		}
		return records
	})
	if wrong != nil {
		return cmdutil.UsageErrorf(cmd, "%w", wrong)
	}
	return err
}

// Print prints records up to a limit, 0 for all. It notes if there are more, and returns a
// [*cmdutil.PartialError] if a part of them failed.
func Print(
	ctx context.Context, a *cmdutil.App, out *cmdutil.Output, noun string, limit int, pages func(...paging.Option) Records,
) error {
	var stats paging.Stats
	var partial error
	records := pages(paging.Count(&stats), paging.Prefetch(), paging.Limit(limit))
	err := out.List(ctx, func(yield func(json.RawMessage, error) bool) {
		for record, err := range records {
			if failed, ok := errors.AsType[*paging.PartialError](err); ok {
				partial = failed
				continue
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if stats.Truncated {
		a.Warnf("the server left out %s", noun)
	}
	noteMore(a, noun, stats.Rows, limit, stats)
	if partial != nil {
		return &cmdutil.PartialError{Err: partial}
	}
	return nil
}

// noteMore notes that there are more records than those printed, if the limit was reached.
func noteMore(a *cmdutil.App, noun string, printed, limit int, stats paging.Stats) {
	if limit == 0 || printed < limit {
		return
	}
	if printed == 1 {
		noun = strings.TrimSuffix(noun, "s")
	}
	switch total := stats.Total; {
	case total > printed && stats.LowerBound:
		a.Infof("taegis: note: %d %s of at least %d; --all prints all", printed, noun, total)
	case total > printed:
		a.Infof("taegis: note: %d %s of %d; --all prints all", printed, noun, total)
	case total == 0 || stats.LowerBound:
		a.Infof("taegis: note: %d %s, and there may be more: --all prints all", printed, noun)
	}
}
