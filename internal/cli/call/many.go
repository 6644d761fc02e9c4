package call

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/across"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/paging"
)

// callMany calls the operation for each of the tenants.
func callMany(
	cmd *cobra.Command, a *cmdutil.App, many *across.Flags, pages *allPages, out *cmdutil.Output, req *core.Request,
) (err error) {
	if req.Operation.Kind == core.KindSubscription {
		return cmdutil.UsageErrorf(cmd, "a subscription does not go with --tenants")
	}
	if pages.all {
		if err := pages.check(cmd, req); err != nil {
			return err
		}
	}
	tenants, err := many.Start(cmd, a)
	if err != nil {
		return err
	}
	defer func() { err = cmdutil.JoinErrors(err, tenants.Close()) }()
	if !pages.all {
		return tenants.Print(cmd.Context(), out, func(ctx context.Context, client *taegis.Client) across.Records {
			return result(ctx, client, req)
		})
	}
	ctx := cmd.Context()
	if req.Selection != "" {
		ctx = taegis.ContextWithSelection(ctx, req.Selection)
	}
	return search.PrintMany(ctx, a, tenants, out, "rows", pages.limit, func(ctx context.Context, client *taegis.Client, options ...paging.Option) search.Records {
		return search.PagesOf(ctx, client, req.Operation, req.Args, options...)
	})
}

// result returns the result of a call as a record. A partial result comes with its error.
func result(ctx context.Context, client *taegis.Client, req *core.Request) across.Records {
	return func(yield func(json.RawMessage, error) bool) {
		var value json.RawMessage
		err := client.Execute(ctx, req, &value)
		if (err == nil || !rawjson.IsNull(value)) && !yield(value, nil) {
			return
		}
		if err != nil {
			yield(nil, err)
		}
	}
}
