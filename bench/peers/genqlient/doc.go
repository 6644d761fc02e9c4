// Package genqlient is the client that github.com/Khan/genqlient generates for the query that is
// measured.
package genqlient

//go:generate go tool genqlient
