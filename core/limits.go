package core

import (
	"cmp"
	"fmt"
)

// Limits bounds what a server can make this SDK do with an answer. A field that is zero means that
// of [DefaultLimits].
type Limits struct {
	// ResponseBytes bounds one answer, decompressed, in bytes.
	ResponseBytes int64
	// MessageBytes bounds one message of a subscription, in bytes.
	MessageBytes int64
	// ValueBytes bounds what the values of one answer or message take in memory, in bytes: each
	// "{}" of a text can stand for an object of a thousand.
	ValueBytes int64
	// Depth bounds how many lists and objects lie in each other. More than 10,000 have no effect.
	Depth int
	// Redirects bounds how many in a row are followed. None leads to another host; a negative
	// number allows none at all.
	Redirects int
}

// DefaultLimits are 256 MiB for an answer or a message, 1 GiB for its values, 10,000 lists and objects
// in each other, and 10 redirects.
var DefaultLimits = Limits{ResponseBytes: 256 << 20, MessageBytes: 256 << 20, ValueBytes: 1 << 30, Depth: 10_000, Redirects: 10}

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

// LimitError is returned where a limit of this SDK has ended a request. An answer that was too large
// was not read to its end, and nothing of it was decoded.
type LimitError struct {
	What string // such as "more than 268435456 bytes"
	// Option is what sets the limit: a field of [Limits], such as "Limits.ResponseBytes", or an
	// option, such as "WithTimeout".
	Option string
	Err    error // [context.DeadlineExceeded] for a limit of time, else nil
}

func (e *LimitError) Error() string { return sentence(e.What, e.Hint()) }

func (e *LimitError) Hint() string {
	if e.Err != nil {
		return fmt.Sprintf("raise %s if the server needs longer", e.Option)
	}
	return fmt.Sprintf("ask for less, or raise %s", e.Option)
}

// Unwrap returns the cause.
func (e *LimitError) Unwrap() error { return e.Err }
