package authn_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A token from another program, and single sign-on if that program is unavailable.
func ExampleCredentialProcess() {
	client, err := taegis.New(taegis.WithAuthenticators(
		&authn.CredentialProcess{Command: []string{"/usr/local/bin/acme-token", "--json"}, Env: []string{"HOME"}},
		&authn.DeviceCode{},
	))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	steps, err := client.Explain(context.Background())
	fmt.Println(len(steps), "steps,", err)
	// Output: 2 steps, <nil>
}

// A service logs in with its own credentials and keeps tokens in memory.
func ExampleClientCredentials() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
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
	token, err := client.Token(context.Background())
	fmt.Println(token.Origin, token.AccessToken, err)
	// Output: client-credentials [redacted] <nil>
}

// A program with a user interface of its own asks for user name, password and code.
func ExamplePassword() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	client, err := taegis.New(
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.Password{Username: "carol@example.com"}),
		taegis.WithPrompt(core.Prompt{
			AskSecret: func(_ context.Context, label string) (core.Secret, error) {
				fmt.Println(strings.TrimSpace(label))
				if strings.HasPrefix(label, "MFA code") {
					return core.NewSecret("123456"), nil
				}
				return core.NewSecret("demo-password"), nil
			},
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	token, err := client.Token(context.Background())
	fmt.Println(token.Origin, err)
	// Output:
	// Password:
	// MFA code:
	// password <nil>
}
