package call

import (
	"errors"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/catalog"
)

// allPages are the flags that print all pages of an operation.
type allPages struct {
	all   bool
	limit int
}

func (p *allPages) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.all, "all", false, "print the rows of all pages")
	cmd.Flags().IntVar(&p.limit, "limit", 0, "with --all, print at most this many rows; 0 for all")
	cmdutil.Before(cmd, func() error {
		switch {
		case p.limit < 0:
			return errors.New("--limit is negative")
		case cmd.Flags().Changed("limit") && !p.all:
			return errors.New("--limit goes with --all")
		}
		return nil
	})
}

// check returns an error if the operation does not page.
func (p *allPages) check(cmd *cobra.Command, req *core.Request) error {
	_, found, err := catalog.Paging(req.Operation)
	if err == nil && !found {
		return cmdutil.UsageErrorf(cmd, "--all: %s does not page", req.Operation.Name)
	}
	return err
}

// print prints the rows of all pages.
func (p *allPages) print(cmd *cobra.Command, a *cmdutil.App, out *cmdutil.Output, req *core.Request) error {
	if err := p.check(cmd, req); err != nil {
		return err
	}
	ctx := cmd.Context()
	if req.Selection != "" {
		ctx = taegis.ContextWithSelection(ctx, req.Selection)
	}
	return a.WithClient(ctx, func(client *taegis.Client) error {
		return search.Print(ctx, a, out, "rows", p.limit, func(options ...paging.Option) search.Records {
			return search.PagesOf(ctx, client, req.Operation, req.Args, options...)
		})
	})
}
