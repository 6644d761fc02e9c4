package paging

import (
	"errors"
	"fmt"
)

// Errors that an [*Error] wraps, to test for with [errors.Is].
var (
	// ErrStuck means that the server reports further pages, but its cursor does not advance.
	ErrStuck = errors.New("the server's cursor does not move on")
	// ErrIncomplete means that the server did not return all parts of a search, or that the
	// operation has only one page and the server filled it, so that further rows may exist.
	ErrIncomplete = errors.New("the server did not return all rows")
	// ErrAggregated means that the query aggregates, so that the answer has groups instead of rows.
	// Queries of events never return it, because their groups are rows.
	ErrAggregated = errors.New("the query aggregates, so it has groups and no rows to page")
)

// Error is returned if a run fails. The rows before it are good, and nothing was skipped.
type Error struct {
	Operation string // name of the operation
	Page      int    // number of the page that failed, from 1, counted in this run
	// Cursor continues after the last row that was returned.
	Cursor Cursor
	Err    error // cause
}

func (e *Error) Error() string {
	if e.Page == 0 {
		return fmt.Sprintf("%s: %v", e.Operation, e.Err)
	}
	return fmt.Sprintf("%s: page %d: %v", e.Operation, e.Page, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CursorError is returned for a cursor that cannot continue this run.
type CursorError struct {
	Reason   string
	HintText string // what the user can do about it; see [CursorError.Hint]
}

func (e *CursorError) Error() string { return "cursor: " + e.Reason + ": " + e.HintText }

// Hint returns what the user can do about it.
func (e *CursorError) Hint() string { return e.HintText }

// AnswerError is returned for an answer that reports a failure in its data, with HTTP status 200.
type AnswerError struct {
	Reason string // reason of the server
}

func (e *AnswerError) Error() string { return "the server reports a failure: " + e.Reason }

// PartialError is returned after all rows if a part of the query failed, for example one type of
// event.
type PartialError struct {
	Reasons []string // reason of each part
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("%d parts of the query failed, the rows of the others were returned; first: %s",
		len(e.Reasons), e.Reasons[0])
}
