package main

import (
	"os"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

// file measures how long a new client needs to get a token from the file, compared with reading the
// file's bytes.
func file(b *bench) error {
	path := b.tokenFile()
	environment, err := core.NewEnvironment("charlie", b.page(0))
	if err != nil {
		return err
	}
	key := core.TokenKey{Section: environment.Section(), Host: environment.AuthHost()}
	n := b.scale(2000, 200)
	r, err := rounds(b.scale(21, 5),
		turn("taegis", times(n, func() error {
			_, err := (&tokenstore.File{Path: path}).Load(b.ctx, key)
			return err
		})),
		turn("os.ReadFile", times(n, func() error {
			_, err := os.ReadFile(path)
			return err
		})),
		turn("a new client up to its token", times(n, func() error {
			client, err := b.client(b.page(0))
			if err == nil {
				_, err = client.Token(b.ctx)
				_ = client.Close()
			}
			return err
		})))
	if err != nil {
		return err
	}
	b.add(atMost(3, "reading it").row("token from the file, cold", r, seconds, per(n)))
	return nil
}
