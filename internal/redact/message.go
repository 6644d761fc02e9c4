package redact

import "github.com/taegis-go/taegis/internal/text"

// Message returns a text of a server, a plugin or a file for display: on one line, without
// secrets, and with at most [text.MessageBytes] of it.
func Message(s string) string { return text.Message(Text(bounded(s))) }

// Block is [Message] for what may have several lines: those after the first are indented.
func Block(s string) string { return text.Block(Text(bounded(s))) }

// bounded keeps more than is shown, so that no half of a secret is shown, but not so much that the
// search for secrets takes long.
func bounded(s string) string { return text.Truncate(s, 8*text.MessageBytes) }
