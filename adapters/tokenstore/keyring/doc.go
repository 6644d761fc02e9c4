// Package keyring keeps tokens in a file that is sealed with a key from the operating system's
// keyring:
//
//	client, err := taegis.New(taegis.WithTokenStore(&keyring.Store{Service: "acme-soc"}))
//
// The keyring holds 32 random bytes and the file holds the tokens, so the limits that keyrings
// set to the size of an item do not matter, and a user unlocks one item.
package keyring

import (
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/ports"
)

var (
	_ ports.TokenStore          = (*Store)(nil)
	_ ports.TokenLister         = (*Store)(nil)
	_ tokenstore.CompareDeleter = (*Store)(nil)
)
