// Package fakes shows code of a program that can be tested without Taegis: it takes a transport,
// and its tests use both kinds of fakes.
package fakes

import (
	"context"

	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/clients"
)

// DeleteClients deletes every OAuth client with the name and returns how many there were.
func DeleteClients(ctx context.Context, t ports.Transport, name string) (int, error) {
	service := clients.New(t)
	found, err := service.ClientsSearch(ctx, clients.ClientsSearchArgs{Filters: &clients.ClientsSearchInput{Name: &name}})
	if err != nil {
		return 0, err
	}
	deleted := 0
	for _, client := range found.Results {
		if client.Name != name { // the search finds parts of names too
			continue
		}
		if _, err := service.DeleteClient(ctx, clients.DeleteClientArgs{ID: client.ID}); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}
