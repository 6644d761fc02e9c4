package gqlgenc

import (
	"context"
	"fmt"
	"net/http"

	"github.com/Yamashou/gqlgenc/clientv2"

	"github.com/taegis-go/taegis/bench/baseline"
)

// New returns a function that asks for a page of n alerts.
func New(c *baseline.Client) func(ctx context.Context, n int) error {
	client := NewClient(c.HTTP, c.URL, nil, func(ctx context.Context, req *http.Request, info *clientv2.GQLRequestInfo, res any, next clientv2.RequestInterceptorFunc) error {
		req.Header = c.Header()
		return next(ctx, req, info, res)
	})
	return func(ctx context.Context, n int) error {
		page, err := client.AlertsServiceSearch(ctx, &SearchRequestInput{CqlQuery: new(baseline.CQL), Limit: new(n)})
		if err != nil {
			return err
		}
		if got := len(page.AlertsServiceSearch.Alerts.List); got != n {
			return fmt.Errorf("%d alerts, want %d", got, n)
		}
		return nil
	}
}
