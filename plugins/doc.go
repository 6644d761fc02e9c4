// Package plugins lets a company's own way of logging in run as a separate program.
//
// An author writes an ordinary [ports.Authenticator] and hands it to [Serve]. A host names the
// program by path and hash, and [New] gives it back as a [ports.Authenticator]: a link of the
// chain like any other. Its process starts when the chain reaches it.
//
// The plugin sees what the host grants it and nothing else: the environment of Taegis to log in
// to, its settings, the variables that are named. It has no terminal and no stdin; to ask a
// user it uses the [core.Prompt] of its request, which the host answers.
package plugins
