// Quickstart logs in to an emulated Taegis on loopback, shows that a second client uses the stored
// token, and makes an API call:
//
//	go run ./examples/quickstart
//
// It reads no settings, sends nothing beyond loopback and leaves no file.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		return err
	}
	defer server.Close()
	_, _ = fmt.Fprintln(out, "Taegis is emulated at", server.URL)

	dir, err := os.MkdirTemp("", "taegis-quickstart-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	first, err := newClient(server.URL, dir)
	if err != nil {
		return err
	}
	defer first.Close()
	token, err := first.Token(ctx)
	if err != nil {
		return err
	}
	life := time.Until(token.Expiry).Round(time.Minute)
	_, _ = fmt.Fprintf(out, "logged in with CLIENT_ID and CLIENT_SECRET: the token expires in %v\n", life)

	second, err := newClient(server.URL, dir)
	if err != nil {
		return err
	}
	defer second.Close()
	requests := len(server.Requests())
	if _, err := second.Token(ctx); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "a second client found the cached token: %d requests\n", len(server.Requests())-requests)

	made, err := clients.New(second).CreateClient(ctx, clients.CreateClientArgs{Name: "my_awesome_app"})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "the API created the OAuth client %s with the ID %s\n", made.Client.Name, made.Client.ClientID)
	return err
}

// newClient returns a client of the emulator at url that keeps tokens in dir. A program that
// calls the real Taegis needs none of these options, only the two environment variables.
func newClient(url, dir string) (*taegis.Client, error) {
	environ := map[string]string{
		"CLIENT_ID":     emulator.DemoClientID,
		"CLIENT_SECRET": emulator.DemoClientSecret,
	}
	return taegis.New(
		taegis.WithBaseURL(url),
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := environ[name]; return value, ok }),
		taegis.WithConfigFile(filepath.Join(dir, "config")),
		taegis.WithDriftCache(""),
	)
}
