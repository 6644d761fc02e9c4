package taegistest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/services/events"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func ExampleTransport() {
	t := new(testing.T) // the parameter of the test function
	fake := taegistest.NewTransport(t)
	fake.Reply("createClient", map[string]any{"clientSecret": "s"})

	service := clients.New(fake)
	args := clients.CreateClientArgs{Name: "reporter"}
	created, err := service.CreateClient(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(created.ClientSecret, len(fake.Requests()))
	// Output: s 1
}

func ExampleNewServer() {
	t := new(testing.T) // the parameter of the test function
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Corpus.Alerts = 10_000 })
	defer server.Close() // a real t does this

	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment),
		taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	query := "from alert"
	found, err := alerts.New(client).AlertsServiceSearch(
		context.Background(), alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{CQLQuery: &query}})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(found.Alerts.TotalResults, server.Executed("alertsServiceSearch"))
	// Output: 10000 1
}

func ExampleTransport_Stream() {
	t := new(testing.T)
	fake := taegistest.NewTransport(t)
	fake.Stream("eventQuery", map[string]any{"queryId": "q-1"})

	ctx := context.Background()
	for event, err := range events.New(fake).EventQuerySubscription(ctx, events.EventQuerySubscriptionArgs{}) {
		fmt.Println(event.QueryID, err)
	}
	// Output: q-1 <nil>
}
