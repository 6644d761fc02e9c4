// Package tokenstore stores tokens between logins: [File] in a file that all programs of a user
// share, including the Python SDK, and [Memory] within one process. A client uses a File unless an
// option replaces it:
//
//	client, err := taegis.New(taegis.WithTokenStore(&tokenstore.Memory{}))
//
// Package keyring stores tokens in a file that a key from the operating system's keyring encrypts.
// [Move] moves tokens from one store to another.
package tokenstore

import "github.com/taegis-go/taegis/ports"

var (
	_ ports.TokenStore  = (*Memory)(nil)
	_ ports.TokenLister = (*Memory)(nil)
	_ CompareDeleter    = (*Memory)(nil)
	_ ports.TokenStore  = (*File)(nil)
	_ ports.TokenLister = (*File)(nil)
	_ CompareDeleter    = (*File)(nil)
)
