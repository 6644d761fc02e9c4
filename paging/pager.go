package paging

import (
	"context"
	"iter"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Strategy is how an operation divides its rows into pages.
type Strategy string

// The strategies. See docs/protocol.md#paging.
const (
	// Parts is a search whose parts are polled for, newest row first.
	Parts Strategy = "parts"
	// MessageNext is a subscription with a message for each type of row, and an id of the next
	// page.
	MessageNext Strategy = "message-next"
	// PageNumber numbers the pages from 0 or 1.
	PageNumber Strategy = "page-number"
	// OffsetLimit counts the rows before the page.
	OffsetLimit Strategy = "offset-limit"
	// Relay has an end cursor and a field that reports whether there is a next page.
	Relay Strategy = "relay"
	// AfterCursor continues after the cursor of the page before.
	AfterCursor Strategy = "after-cursor"
	// Token continues with the token of the page before.
	Token Strategy = "token"
	// Range requests the rows from one number to another, both included.
	Range Strategy = "range"
)

// FirstUnknown is the value of [Rules].First if it is not known whether the first page has the
// number 0 or 1.
const FirstUnknown = -1

// Rules are the constants of an operation that pages.
type Rules struct {
	Strategy Strategy
	// First is the number of the first page, 0, 1 or [FirstUnknown].
	First int
	// Size is the number of rows to request if the caller does not set it; 0 means 100.
	Size int
	// MaxSize is the largest page that the server returns, 0 if it is not known.
	MaxSize int
	// EndText is a part of the error message that the server sends instead of an empty page; "" if
	// it sends none.
	EndText string
	// OnePage is set if an answer contains nothing to continue with. If its page is full, further
	// rows may exist, and a run ends with [ErrIncomplete].
	OnePage bool
}

// At is the page to request. A pager sets the fields that its strategy uses.
type At struct {
	Size   int    // rows to ask for
	Number int    // number of the page or of its part, offset, or start of the range
	Cursor string // cursor, token or search id of the server
	Query  string // query that replaces the caller's; "" keeps it
	// Continue requests the page with the operation that continues the first one.
	Continue bool
}

// More reports whether there are further pages.
type More int

// What a page can say.
const (
	MoreUnknown More = iota // nothing
	MoreYes
	MoreNo
)

// MoreOf returns the value for a boolean of an answer: [MoreYes] or [MoreNo].
func MoreOf(more bool) More {
	if more {
		return MoreYes
	}
	return MoreNo
}

// Page is the content of an answer: its rows, and how to continue.
type Page[T any] struct {
	Items []T
	Next  string // cursor of the next page, "" for none
	More  More
	Total int // rows of all pages; 0 if it is not known
	// LowerBound is set if there may be more than Total rows.
	LowerBound  bool
	Part, Parts int // number of this part from 1, and of all; 0 if it is not known
	End         int // last position of the range, 0 if it is not known
	// Pending is set if the rows are not ready. The page is then requested again, after a pause.
	Pending bool
	// Truncated is set if the server left out rows.
	Truncated bool
	// Failure is the reason if the answer reports a failure; "" for none.
	Failure string
	// PartialFailures are the reasons of partial failures; the rows of the page are good. They are
	// reported after all rows, as a [*PartialError].
	PartialFailures []string
}

// Pager pages one operation, with arguments of type A, a result of type R and rows of type T.
// Generated services have one for each operation that pages.
type Pager[A, R, T any] struct {
	Rules
	Operation *core.Operation
	// Continuation is the operation that returns the further pages; nil if it is Operation itself.
	Continuation *core.Operation
	// Required are the fields of the result that the pager requires to read all pages.
	Required []string
	// Slots returns the positions of the paging arguments in args. It first copies every input that
	// contains one, so that no value of the caller changes.
	Slots func(args *A) Slots
	// Continue returns the arguments of Continuation.
	Continue func(at At) any
	Page     func(result R) Page[T]
	// ID returns the id of a row, "" if it has none. A nil ID means that no row has one.
	ID func(row T) string
	// Time returns the time by which the server orders and bounds the rows of [Parts], in whole
	// seconds since 1970; 0 if it is not known.
	Time func(row T) int64
}

// All returns the rows of all pages, in the order of the server. Each iteration over the sequence
// is a new run. An error is an [*Error] and ends the run.
func (p *Pager[A, R, T]) All(ctx context.Context, t ports.Transport, args A, opts ...Option) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s := settingsOf(opts)
		e, err := p.engine(t, args, s)
		if err != nil {
			var none T
			yield(none, &Error{Operation: p.Operation.Name, Cursor: s.cursor(), Err: err})
			return
		}
		e.run(ctx, e.source(), yield)
	}
}
