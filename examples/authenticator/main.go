// Authenticator logs in with a link of its own: a token that another program leaves in a file.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"strings"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := taegis.New(taegis.WithAuthenticators(
		&TokenFile{Path: "/run/secrets/taegis-token"},
		&authn.ClientCredentials{}, // where there is no such file
	))
	if err != nil {
		return err
	}
	defer client.Close()

	token, err := client.Token(ctx)
	if err != nil {
		return err
	}
	fmt.Println("logged in until", token.Expiry)
	return nil
}

// TokenFile is a link of the chain that reads an access token from a file.
type TokenFile struct {
	Path string
}

var _ ports.Authenticator = (*TokenFile)(nil)

// Name names the link in errors and in `taegis auth explain`.
func (f *TokenFile) Name() string { return "token-file" }

// Account names nobody, so that the token is never stored a second time.
func (f *TokenFile) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", nil
}

// Authenticate reads the token. Without the file the next link may try, and so it may where a call asks for another
// environment than the one that the file has a token for.
func (f *TokenFile) Authenticate(_ context.Context, req core.LoginRequest) (core.Token, error) {
	if req.HomeEnvironment != "" {
		return core.Token{}, &core.UnavailableError{Reason: "the token in " + f.Path + " is for " + req.HomeEnvironment}
	}
	text, err := os.ReadFile(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return core.Token{}, &core.UnavailableError{Reason: "there is no " + f.Path, Err: err}
	case err != nil:
		return core.Token{}, &core.LoginError{Authenticator: f.Name(), Reason: "the file cannot be read", Err: err}
	}
	return core.NewToken(strings.TrimSpace(string(text)), req.Time()), nil
}
