package tokenstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// exampleKey is the key of the token that the examples store.
var exampleKey = core.TokenKey{
	Section: "charlie", Host: "api.ctpx.secureworks.com",
	Account: core.ClientAccount("api.ctpx.secureworks.com", "mine"),
}

// logIn stands for a login. A [ports.TokenStore] calls it if its token has to be replaced.
func logIn(context.Context, core.Token) (core.Token, error) {
	access := jwt(time.Hour, map[string]any{"client_id": "mine"})
	return core.NewToken(access, time.Now()), nil
}

// storeToken stores a token with the example's key.
func storeToken(store ports.TokenStore) {
	if _, err := store.Update(context.Background(), exampleKey, logIn); err != nil {
		log.Fatal(err)
	}
}

// tempFile returns a token file in a new folder.
func tempFile() *tokenstore.File {
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		log.Fatal(err)
	}
	return &tokenstore.File{Path: filepath.Join(dir, "config")}
}

// A File shares tokens and settings between programs.
func ExampleFile() {
	ctx := context.Background()
	store := tempFile()
	defer os.RemoveAll(filepath.Dir(store.Path))
	storeToken(store)

	another := &tokenstore.File{Path: store.Path}
	token, err := another.Load(ctx, exampleKey)
	fmt.Println(token.Account == exampleKey.Account, err)

	if err := store.Set(ctx, "charlie", "tenant_id", "11063"); err != nil {
		log.Fatal(err)
	}
	tenant, ok, err := another.Get(ctx, "charlie", "tenant_id")
	fmt.Println(tenant, ok, err)
	// Output:
	// true <nil>
	// 11063 true <nil>
}

// With a Memory, a client's tokens end with the process.
func ExampleMemory() {
	store := &tokenstore.Memory{}
	client, err := taegis.New(taegis.WithTokenStore(store))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = store.Load(context.Background(), exampleKey)
	fmt.Println(errors.Is(err, core.ErrNoToken))
	// Output: true
}

// Move empties the old store.
func ExampleMove() {
	ctx := context.Background()
	from, to := tempFile(), tempFile()
	defer os.RemoveAll(filepath.Dir(from.Path))
	defer os.RemoveAll(filepath.Dir(to.Path))
	storeToken(from)

	moved, err := tokenstore.Move(ctx, from, to)
	fmt.Println(moved, err)
	for range from.List(ctx) {
		fmt.Println("a token is left")
	}
	for key := range to.List(ctx) {
		fmt.Println(key.Section, key.Host)
	}
	// Output:
	// 1 <nil>
	// charlie api.ctpx.secureworks.com
}
