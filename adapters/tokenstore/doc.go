// Package tokenstore is where tokens rest between calls: [Memory] for one process, [File] for
// all of a user's programs, the Python SDK among them.
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
