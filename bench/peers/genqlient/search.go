package genqlient

import (
	"context"
	"fmt"
	"net/http"

	"github.com/Khan/genqlient/graphql"

	"github.com/taegis-go/taegis/bench/baseline"
)

// New returns a function that asks for a page of n alerts.
func New(c *baseline.Client) func(ctx context.Context, n int) error {
	client := graphql.NewClient(c.URL, authorized{c})
	return func(ctx context.Context, n int) error {
		page, err := AlertsServiceSearch(ctx, client, SearchRequestInput{Cql_query: baseline.CQL, Limit: n})
		if err != nil {
			return err
		}
		if got := len(page.AlertsServiceSearch.Alerts.List); got != n {
			return fmt.Errorf("%d alerts, want %d", got, n)
		}
		return nil
	}
}

// authorized adds the headers, as the library's documentation has it.
type authorized struct{ *baseline.Client }

func (a authorized) Do(req *http.Request) (*http.Response, error) {
	req.Header = a.Header()
	return a.HTTP.Do(req)
}
