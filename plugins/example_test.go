package plugins_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// A program that logs in with a plugin, and by single sign-on if the plugin is unavailable.
func ExampleNew() {
	acme, err := plugins.New(plugins.Config{
		Name:     "acme",
		Path:     "/usr/local/lib/taegis/taegis-plugin-acme",
		SHA256:   []string{"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"},
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
	fmt.Println(acme.Name())
	// Output: plugin:acme
}

// A program is pinned by the checksum of its file.
func ExampleChecksum() {
	file := filepath.Join(os.TempDir(), "taegis-plugin-acme")
	if err := os.WriteFile(file, []byte("a program"), 0o700); err != nil {
		log.Fatal(err)
	}
	defer os.Remove(file)
	checksum, err := plugins.Checksum(file)
	fmt.Println(checksum, err)
	// Output: d69ea8cda2433733c1ce02de65da8f48e6a3dbba6bb18876a2062908e54ef7cb <nil>
}

// A plugin is a main function of one line.
func ExampleServe() {
	plugins.Serve(&authn.ClientCredentials{}) // in place of your own authenticator
}

// exchange asks a broker for a token and the next refresh token.
type exchange func(ctx context.Context, refreshToken core.Secret) (core.Token, core.Secret, error)

// refresh logs in with the refresh token that the latest login has left, and keeps the next one.
func refresh(ctx context.Context, req core.LoginRequest, broker exchange) (core.Token, error) {
	kept, err := req.State.Load(ctx)
	if err != nil {
		return core.Token{}, err
	}
	token, next, err := broker(ctx, kept)
	if err == nil && req.State.CanKeep() {
		err = req.State.Save(ctx, next)
	}
	return token, err
}

var _ = refresh // it stands in the tutorial
