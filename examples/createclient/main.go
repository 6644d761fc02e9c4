// Createclient creates an OAuth client. It logs in with CLIENT_ID and CLIENT_SECRET if they are
// set, else it prompts at the terminal.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/services/clients"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := taegis.New() // reads TAEGIS_ENVIRONMENT; sends nothing yet
	if err != nil {
		return err
	}
	defer client.Close()

	made, err := clients.New(client).CreateClient(ctx, clients.CreateClientArgs{Name: "my_awesome_app"})
	if err != nil {
		return err
	}
	fmt.Println("created", made.Client.ClientID) // made.ClientSecret belongs in a secret store
	return nil
}
