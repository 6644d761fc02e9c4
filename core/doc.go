// Package core holds the words of the SDK: environments, tokens, secrets, credentials,
// operations, requests and errors. It does no input or output and imports nothing but the
// standard library, so that every other package can speak in its terms.
package core
