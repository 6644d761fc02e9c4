// Package plugins runs authenticators in processes of their own.
//
// The author of a plugin passes a [ports.Authenticator] to [Serve]. A host passes the program's
// path and checksum to [New], which returns a [ports.Authenticator] for the chain. The process
// starts when the chain reaches it.
//
// The plugin gets only what the host grants: the environment of Taegis to log in to, its settings
// and the named environment variables. It has no terminal and no stdin; it prompts the user through
// the [core.Prompt] of its request, which the host serves.
package plugins
