package cql

import (
	"fmt"
)

// SyntaxError is returned for text that is not a query.
type SyntaxError struct {
	// Position is the place of the first character that does not fit. At the end of the text it is
	// the place behind the last character.
	Position
	Reason   string
	HintText string // see [SyntaxError.Hint]
}

func (e *SyntaxError) Error() string {
	return sentence(fmt.Sprintf("query, line %d, column %d: %s", e.Line, e.Column, e.Reason), e.HintText)
}

// Hint returns the right form, "" if none is known.
func (e *SyntaxError) Hint() string { return e.HintText }

// BoundError is returned for a value of EARLIEST or LATEST that is no time.
type BoundError struct {
	Bound    Bound
	Reason   string
	HintText string // see [BoundError.Hint]
}

func (e *BoundError) Error() string { return sentence("query: "+e.Reason, e.HintText) }

// Hint returns the right form.
func (e *BoundError) Hint() string { return e.HintText }

// sentence joins what happened and the hint.
func sentence(what, hint string) string {
	if hint == "" {
		return what
	}
	return what + ": " + hint
}
