// Library does the same as baseline, with the SDK.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/services/alerts"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	client, err := taegis.New()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx := taegis.ContextWithSelection(context.Background(), baseline.Selection)
	page, err := alerts.New(client).AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{
		In: &alerts.SearchRequestInput{CQLQuery: new(baseline.CQL), Offset: new(0), Limit: new(10)},
	})
	if err != nil {
		return err
	}
	fmt.Println(page.Alerts.List[0].ID)
	return nil
}
