package core

import (
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/internal/redact"
)

// DecodeError names the part of an answer that did not fit its Go type. All other parts were
// decoded.
type DecodeError struct {
	// Path leads from the operation's value to the part; its elements are strings and ints. It is
	// empty if the value as a whole does not fit.
	Path []any
	Err  error // usually a [*encoding/json.UnmarshalTypeError]
}

// Error returns the path and what is wrong there.
func (e *DecodeError) Error() string { return redact.Message(atPath(e.Path, e.Err.Error())) }

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// atPath puts a path, for example "alerts.list[3].title", before a text.
func atPath(path []any, text string) string {
	if len(path) == 0 {
		return text
	}
	var b strings.Builder
	for i, step := range path {
		switch step := step.(type) {
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		default: // a list index: int, or float64 as encoding/json decodes it
			fmt.Fprintf(&b, "[%v]", step)
		}
	}
	return b.String() + ": " + text
}
