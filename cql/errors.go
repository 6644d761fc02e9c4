package cql

import (
	"errors"
	"fmt"
	"strings"
)

// SyntaxError is returned for text that is not a query.
type SyntaxError struct {
	// Position is the position of the first invalid character. At the end of the text it is the
	// position after the last character.
	Position
	Reason   string
	HintText string // see [SyntaxError.Hint]
}

func (e *SyntaxError) Error() string {
	place := fmt.Sprintf("query, line %d, column %d: ", e.Line, e.Column)
	return sentence(place+e.Reason, e.HintText)
}

// Hint returns the correct form, "" if it is not known.
func (e *SyntaxError) Hint() string { return e.HintText }

// BoundError is returned for a value of EARLIEST or LATEST that is not a time.
type BoundError struct {
	Bound    Bound
	Reason   string
	HintText string // see [BoundError.Hint]
}

func (e *BoundError) Error() string { return sentence("query: "+e.Reason, e.HintText) }

// Hint returns the correct form.
func (e *BoundError) Hint() string { return e.HintText }

// ValueError is returned for something that a query cannot contain, for example a field with a
// space in its name, an empty list, or a number that is not finite.
type ValueError struct {
	Reason   string
	HintText string // see [ValueError.Hint]
}

func (e *ValueError) Error() string { return sentence("query: "+e.Reason, e.HintText) }

// Hint returns what to use instead, "" if nothing is known.
func (e *ValueError) Hint() string { return e.HintText }

// valueError returns a [*ValueError] with a reason that is formatted.
func valueError(hint, format string, args ...any) *ValueError {
	return &ValueError{Reason: fmt.Sprintf(format, args...), HintText: hint}
}

// sentence joins what happened and the hint.
func sentence(what, hint string) string {
	if hint == "" {
		return what
	}
	return what + ": " + hint
}

// joinedErrors are several errors on one line.
type joinedErrors []error

func (e joinedErrors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "; ")
}

func (e joinedErrors) Unwrap() []error { return e }

// joinErrors returns the errors that are not nil as one, nil if there are none.
func joinErrors(errs ...error) error {
	var found joinedErrors
	for _, err := range errs {
		var several joinedErrors
		switch {
		case errors.As(err, &several):
			found = append(found, several...)
		case err != nil:
			found = append(found, err)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	}
	return found
}
