// Package tokenstore stores tokens between calls: [Memory] within one process, [File] in a file
// that all programs of a user share, including the Python SDK.
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
