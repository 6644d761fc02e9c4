package keyring_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
)

func ExampleStore() {
	client, err := taegis.New(taegis.WithTokenStore(&keyring.Store{Service: "acme-soc"}))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

// Tokens move from the plain file into one that is sealed with a passphrase.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	plain := &tokenstore.File{Path: filepath.Join(dir, "config")}
	_, err = plain.Update(ctx, keyOf("mine"), func(context.Context, core.Token) (core.Token, error) {
		return mint("mine", time.Hour), nil
	})
	if err != nil {
		log.Fatal(err)
	}
	sealed, err := keyring.Open(keyring.EncryptedFile, &keyring.Store{
		Dir: filepath.Join(dir, "sealed"),
		Passphrase: func(context.Context, string) (core.Secret, error) {
			return core.NewSecret("correct horse"), nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	moved, err := tokenstore.Move(ctx, plain, sealed)
	fmt.Println(moved, err)
	// Output: 1 <nil>
}
