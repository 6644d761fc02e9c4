// Package gqlgenc is the client that github.com/Yamashou/gqlgenc generates for the query that is
// measured.
package gqlgenc

//go:generate go tool gqlgenc
