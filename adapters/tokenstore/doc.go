// Package tokenstore is where tokens rest between calls: [Memory] for one process, [File] for
// all of a user's programs, the Python SDK among them.
package tokenstore
