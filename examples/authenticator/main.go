// Authenticator logs in with an authenticator of its own, which reads a token from a file.
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
		&authn.ClientCredentials{}, // if there is no such file
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

// TokenFile is an authenticator that reads an access token from a file.
type TokenFile struct {
	Path string
}

var _ ports.Authenticator = (*TokenFile)(nil)

// Name returns the name for errors and `taegis auth explain`.
func (f *TokenFile) Name() string { return "token-file" }

// Account returns no account, so that the token is not stored a second time.
func (f *TokenFile) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", nil
}

// Authenticate reads the token. If there is no file, or a call chooses another environment than
// that of the token, the chain tries the next authenticator.
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
