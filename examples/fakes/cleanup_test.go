package fakes_test

import (
	"errors"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/examples/fakes"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A fake transport is for one unit: no network, every answer prepared.
func TestDeleteClientsStopsAtAFailure(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Reply("clientsSearch", clients.ClientSearchResults{Results: []*clients.Client{
		{ID: "1", Name: "old"}, {ID: "2", Name: "older"}, {ID: "3", Name: "old"},
	}})
	refused := errors.New("not allowed")
	fake.Fail("deleteClient", refused)

	deleted, err := fakes.DeleteClients(t.Context(), fake, "old")
	if deleted != 0 || !errors.Is(err, refused) {
		t.Errorf("got %d, %v", deleted, err)
	}
	if sent := len(fake.Requests()); sent != 2 {
		t.Errorf("%d requests, want a search and one deletion", sent)
	}
}

// The emulator tests the whole program: login, HTTP, and clients that are stored.
func TestDeleteClientsAgainstAServer(t *testing.T) {
	server := taegistest.NewServer(t)
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	for range 2 {
		if _, err := clients.New(client).CreateClient(t.Context(), clients.CreateClientArgs{Name: "old"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{2, 0} {
		if deleted, err := fakes.DeleteClients(t.Context(), client, "old"); deleted != want || err != nil {
			t.Errorf("got %d, %v; want %d", deleted, err, want)
		}
	}
}
