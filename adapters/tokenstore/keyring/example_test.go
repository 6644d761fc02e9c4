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

// fakeKeyStore is a keyring in memory.
type fakeKeyStore map[string][]byte

func (f fakeKeyStore) Get(_ context.Context, name string) ([]byte, error) {
	if key, ok := f[name]; ok {
		return key, nil
	}
	return nil, keyring.ErrNoKey
}

func (f fakeKeyStore) Set(_ context.Context, name string, key []byte) error {
	f[name] = key
	return nil
}

// A custom KeyStore replaces the keyrings of the operating system, for example in a test.
func ExampleKeyStore() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	keys := fakeKeyStore{}
	store := &keyring.Store{Dir: dir, KeyStore: keys}
	_, err = store.Update(ctx, keyOf("mine"), func(context.Context, core.Token) (core.Token, error) {
		return mint("mine", time.Hour), nil
	})
	if err != nil {
		log.Fatal(err)
	}
	token, err := store.Load(ctx, keyOf("mine"))
	fmt.Println(len(keys), token.Account == keyOf("mine").Account, err)
	// Output: 1 true <nil>
}

// Tokens move from the plain file into one that is sealed with a passphrase.
func ExampleNew() {
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
	sealed, err := keyring.New(keyring.EncryptedFile, &keyring.Store{
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
