package taegis_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A client sends nothing until a call needs a token.
func ExampleNew() {
	client, err := taegis.New(taegis.WithEnvironment("us2"), taegis.WithTenant("145831"), taegis.WithBaseURL(""))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	fmt.Println(client.Environment().Canonical, client.Environment().APIURL)
	// Output: delta https://api.delta.taegis.secureworks.com
}

// A custom environment is registered and then chosen by its name.
func ExampleWithEnvironments() {
	lab, err := core.NewEnvironment("lab", "https://taegis.lab.example")
	if err != nil {
		log.Fatal(err)
	}
	client, err := taegis.New(
		taegis.WithEnvironments(lab), taegis.WithEnvironment("lab"), taegis.WithBaseURL(""),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	fmt.Println(client.Environment().Name, client.Environment().APIURL)
	// Output: lab https://taegis.lab.example
}

// startEmulator returns an emulated Taegis and a client that logs in to it.
func startEmulator() (*emulator.Server, *taegis.Client) {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		log.Fatal(err)
	}
	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithBaseURL(server.URL), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	return server, client
}

// The generated services send their calls through a client, which logs in by itself.
func ExampleClient() {
	server, client := startEmulator()
	defer server.Close()
	defer client.Close()

	args := clients.CreateClientArgs{Name: "my_awesome_app"}
	made, err := clients.New(client).CreateClient(context.Background(), args)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(made.Client.Name)
	// Output: my_awesome_app
}

// Login obtains a new token, and ClearTokens deletes all tokens of the environment.
func ExampleClient_Login() {
	server, client := startEmulator()
	defer server.Close()
	defer client.Close()
	ctx := context.Background()

	first, err := client.Login(ctx)
	if err != nil {
		log.Fatal(err)
	}
	stored, err := client.Token(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same token:", stored.AccessToken.Equal(first.AccessToken))

	if err := client.ClearTokens(ctx); err != nil {
		log.Fatal(err)
	}
	next, err := client.Token(ctx) // logs in again
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same token:", next.AccessToken.Equal(first.AccessToken))
	// Output:
	// the same token: true
	// the same token: false
}

// Explain returns what the chain would do, without a login.
func ExampleClient_Explain() {
	client, err := taegis.New(
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithNonInteractive("this is a service"),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: "my_awesome_app", Secret: core.NewSecret("from a secret store"),
		}, &authn.Interactive{}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	steps, err := client.Explain(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range steps {
		fmt.Printf("reached %-5v unavailable %-5v %s\n",
			step.Reached, errors.Is(step.Err, core.ErrUnavailable), step.Authenticator)
	}
	// Output:
	// reached true  unavailable false client-credentials
	// reached false unavailable true  interactive
}

// fakeClient returns a client that sends its calls to a fake.
func fakeClient(fake *taegistest.Transport) *taegis.Client {
	client, err := taegis.New(
		taegis.WithTransport(fake), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("secret")}),
	)
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// A selection asks for less than all fields, for the calls of one context.
func ExampleContextWithSelection() {
	fake := taegistest.NewTransport(new(testing.T))
	fake.Reply("clientsSearch", map[string]any{"results": []any{map[string]any{"name": "reporter"}}})
	client := fakeClient(fake)
	defer client.Close()

	ctx := taegis.ContextWithSelection(context.Background(), "results { name }")
	found, err := clients.New(client).ClientsSearch(ctx, clients.ClientsSearchArgs{})
	if err != nil {
		log.Fatal(err)
	}
	selection := strings.Join(strings.Fields(fake.Requests()[0].Selection), " ")
	fmt.Println(found.Results[0].Name, selection)
	// Output: reporter { results { name } }
}

// Query derives the selection from the type of the result.
func ExampleQuery() {
	fake := taegistest.NewTransport(new(testing.T))
	fake.Reply("clientsSearch", map[string]any{"results": []any{map[string]any{"name": "reporter"}}})
	client := fakeClient(fake)
	defer client.Close()

	type names struct {
		Results []struct {
			Name string `json:"name"`
		} `json:"results"`
	}
	args := clients.ClientsSearchArgs{}
	found, err := taegis.Query[names](context.Background(), client, &clients.OpClientsSearch, args, "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Results[0].Name, fake.Requests()[0].Selection)
	// Output: reporter { results { name } }
}

// Times that are RFC 3339 text decode into time.Time. A [core.Time] also takes the other forms that
// services write.
func ExampleQuery_times() {
	fake := taegistest.NewTransport(new(testing.T))
	fake.Reply("clientsSearch", map[string]any{"results": []any{map[string]any{
		"createdAt": "2026-03-01T08:00:00.25Z", "updatedAt": "2026-03-01 09:12:44",
	}}})
	client := fakeClient(fake)
	defer client.Close()

	type changes struct {
		Results []struct {
			Created time.Time `json:"createdAt"`
			Updated core.Time `json:"updatedAt"`
		} `json:"results"`
	}
	args := clients.ClientsSearchArgs{}
	op := &clients.OpClientsSearch
	found, err := taegis.Query[changes](context.Background(), client, op, args, "")
	if err != nil {
		log.Fatal(err)
	}
	first := found.Results[0]
	fmt.Println(first.Updated.Sub(first.Created), fake.Requests()[0].Selection)
	// Output: 1h12m43.75s { results { createdAt updatedAt } }
}

// An error of the server is a [core.ResponseError] with [core.GraphQLError] values.
func Example_errors() {
	fake := taegistest.NewTransport(new(testing.T))
	fake.Fail("deleteClient", &core.ResponseError{
		Operation: "deleteClient", Status: http.StatusOK,
		Errors: []core.GraphQLError{{Message: "client not found"}},
	})
	client := fakeClient(fake)
	defer client.Close()

	_, err := clients.New(client).DeleteClient(context.Background(), clients.DeleteClientArgs{ID: "1"})
	if first, ok := errors.AsType[*core.GraphQLError](err); ok {
		fmt.Println(first.Message)
	}
	fmt.Println(core.IsNotFound(err), core.IsForbidden(err))
	// Output:
	// client not found
	// true false
}
