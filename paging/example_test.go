package paging_test

import (
	"context"
	"fmt"
	"log"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A program reads some rows, stores the cursor, and continues after it later.
func Example() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{Corpus: emulator.Corpus{Alerts: 120}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	ctx := context.Background()
	service, query, limit := alerts.New(client), "FROM alert", 1000
	args := alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{CQLQuery: &query, Limit: &limit}}

	var cursor paging.Cursor
	first := 0
	for _, err := range service.AlertsServiceSearchAll(ctx, args, paging.Limit(50), paging.Track(&cursor)) {
		if err != nil {
			log.Fatal(err)
		}
		first++
	}
	rest := 0
	for _, err := range service.AlertsServiceSearchAll(ctx, args, paging.From(cursor.String())) {
		if err != nil {
			log.Fatal(err)
		}
		rest++
	}
	fmt.Println(first, rest)
	// Output: 50 70
}

// Options also apply to rows that a program has from elsewhere.
func ExampleRows() {
	rows := func(yield func(string, error) bool) {
		for _, host := range []string{"web-1", "web-2", "web-3"} {
			if !yield(host, nil) {
				return
			}
		}
	}
	var stats paging.Stats
	for host, err := range paging.Rows(rows, paging.Limit(2), paging.Count(&stats)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(host)
	}
	fmt.Println(stats.Rows, "rows")
	// Output:
	// web-1
	// web-2
	// 2 rows
}
