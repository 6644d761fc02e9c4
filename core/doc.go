// Package core defines the SDK's shared types and errors: environments, accounts, tokens, secrets,
// operations, requests and responses. It does no input or output and needs no third-party module,
// so every other package can import it.
//
// Programs need it for errors and secrets: test errors with [errors.Is] and [errors.As], show
// [Hint] to the user, and pass passwords and client secrets as [NewSecret]. docs/errors.md lists
// each error with what it proves. The other types describe requests and logins to adapters, for
// example to an authenticator of a program.
package core
