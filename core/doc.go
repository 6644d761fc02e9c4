// Package core defines the SDK's shared types and errors: environments, accounts, tokens, secrets,
// operations, requests and responses. It does no input or output and needs no third-party module,
// so every other package can import it.
package core
