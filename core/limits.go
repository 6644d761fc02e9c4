package core

import (
	"cmp"
	"fmt"
)

// Limits bounds the resources that a server's answer can use. A zero field selects its value in
// [DefaultLimits].
type Limits struct {
	// ResponseBytes is the longest answer, decompressed, in bytes.
	ResponseBytes int64
	// MessageBytes is the longest message of a subscription, in bytes.
	MessageBytes int64
	// ValueBytes is the memory that the values of one answer or message may take, in bytes: two
	// bytes of text, "{}", can decode into an object of a thousand bytes.
	ValueBytes int64
	// Depth is how many lists and objects may be nested. A value above 10,000 means 10,000.
	Depth int
	// Redirects is how many redirects in a row are followed. Redirects to another host are never
	// followed. A negative number allows none.
	Redirects int
}

// DefaultLimits are 256 MiB for an answer or a message, 1 GiB for its values, 10,000 nested lists
// and objects, and 10 redirects.
var DefaultLimits = Limits{
	ResponseBytes: 256 << 20, MessageBytes: 256 << 20, ValueBytes: 1 << 30, Depth: 10_000, Redirects: 10,
}

// OrDefault returns the limits with every unset one replaced by its default.
func (l Limits) OrDefault() Limits {
	d := DefaultLimits
	return Limits{
		ResponseBytes: cmp.Or(l.ResponseBytes, d.ResponseBytes),
		MessageBytes:  cmp.Or(l.MessageBytes, d.MessageBytes),
		ValueBytes:    cmp.Or(l.ValueBytes, d.ValueBytes),
		Depth:         min(cmp.Or(l.Depth, d.Depth), d.Depth),
		Redirects:     cmp.Or(l.Redirects, d.Redirects),
	}
}

// LimitError is returned if a request exceeded a limit of this SDK. If the answer was too large, it
// was not read to its end, and none of it was decoded.
type LimitError struct {
	What string // what exceeded the limit, for example "more than 268435456 bytes"
	// Option is what sets the limit: a field of [Limits], for example "Limits.ResponseBytes", or
	// an option, for example "WithTimeout".
	Option string
	Err    error // [context.DeadlineExceeded] for a time limit, else nil
}

func (e *LimitError) Error() string { return sentence(e.What, e.Hint()) }

// Hint returns which option raises the limit.
func (e *LimitError) Hint() string {
	if e.Err != nil {
		return fmt.Sprintf("raise %s if the server needs longer", e.Option)
	}
	return fmt.Sprintf("ask for less, or raise %s", e.Option)
}

// Unwrap returns the cause.
func (e *LimitError) Unwrap() error { return e.Err }
