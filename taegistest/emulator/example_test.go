package emulator_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// connect returns a client that logs in to the server as the demo client.
func connect(server *emulator.Server) (*taegis.Client, error) {
	return taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
}

// A program can start the emulator without package testing.
func ExampleStart() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	client, err := connect(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	args := clients.CreateClientArgs{Name: "reporter"}
	created, err := clients.New(client).CreateClient(context.Background(), args)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(created.Client.Name, server.Executed("createClient"))
	// Output: reporter 1
}

// The first request receives status 502, so that the SDK sends the query again.
func ExampleEmulator_AddFault() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	server.AddFault("clientsSearch", emulator.Fault{Times: 1, Status: http.StatusBadGateway})

	client, err := connect(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	found, err := clients.New(client).ClientsSearch(context.Background(), clients.ClientsSearchArgs{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(found.Results), "client after", server.Count("clientsSearch"), "requests")
	// Output: 1 client after 2 requests
}
