package redact

import "github.com/taegis-go/taegis/internal/text"

// Message returns what a server, a plugin or a file said as it is shown: on one line, without
// secrets, and with at most [text.MessageBytes] of it.
func Message(s string) string { return text.Message(Text(bounded(s))) }

// Block is [Message] for what may have several lines: those after the first are indented.
func Block(s string) string { return text.Block(Text(bounded(s))) }

// bounded leaves more than is shown, so that no half of a secret is, and not so much that looking
// for them takes long.
func bounded(s string) string { return text.Truncate(s, 8*text.MessageBytes) }
