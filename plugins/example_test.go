package plugins_test

import (
	"context"
	"fmt"
	"log"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/plugins"
)

// A program that logs in with a plugin, and by single sign-on where the plugin cannot try.
func ExampleNew() {
	acme, err := plugins.New(plugins.Config{
		Name:     "acme",
		Path:     "/usr/local/lib/taegis/taegis-plugin-acme",
		SHA256:   "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
		Settings: map[string]string{"broker_url": "https://badges.acme.example/token"},
		Env:      []string{"ACME_BADGE"},
	})
	if err != nil {
		log.Fatal(err)
	}
	client, err := taegis.New(taegis.WithAuthenticators(acme, &authn.DeviceCode{}))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close() // ends the plugin, too

	token, err := client.Token(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("logged in until", token.Expiry)
}

// A plugin is a main function of one line.
func ExampleServe() {
	plugins.Serve(&authn.ClientCredentials{}) // in place of your own authenticator
}
