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
	// MessageNext is a subscription with a message for each type of row, and an id of the next page.
	MessageNext Strategy = "message-next"
	// PageNumber numbers the pages from 0 or 1.
	PageNumber Strategy = "page-number"
	// OffsetLimit counts the rows before the page.
	OffsetLimit Strategy = "offset-limit"
	// Relay has an end cursor and says whether there is a next page.
	Relay Strategy = "relay"
	// AfterCursor continues after the cursor of the page before.
	AfterCursor Strategy = "after-cursor"
	// Token continues with the token of the page before.
	Token Strategy = "token"
	// Range asks for the rows from one number to another, both included.
	Range Strategy = "range"
)

// FirstUnknown is [Rules].First if it is not known whether the first page has the number 0 or 1.
const FirstUnknown = -1

// Rules are the constants of an operation that pages.
type Rules struct {
	Strategy Strategy
	// First is the number of the first page, 0, 1 or [FirstUnknown].
	First int
	// Size is the number of rows to ask for if the caller does not say it; 0 means 100.
	Size int
	// MaxSize is the largest page that the server returns, 0 if it is not known.
	MaxSize int
	// EndText is a part of an error's message that stands for an empty page; "" for none.
	EndText string
	// OnePage is set if an answer has nothing to continue with: if its page is full, whether there are
	// more rows is not known, and a run ends with [ErrIncomplete].
	OnePage bool
}

// At says which page to ask for. Pagers fill in what their strategy uses.
type At struct {
	Size   int    // rows to ask for
	Number int    // number of the page or of its part, offset, or start of the range
	Cursor string // cursor, token or search id of the server
	Query  string // query that replaces the caller's; "" keeps it
	// Continue asks by the operation that continues the first one.
	Continue bool
}

// More is what a page says about further pages.
type More int

// What a page can say.
const (
	MoreUnknown More = iota // nothing
	MoreYes
	MoreNo
)

// SaysMore returns what a boolean of an answer says.
func SaysMore(more bool) More {
	if more {
		return MoreYes
	}
	return MoreNo
}

// Page is what an answer says: its rows, and how to continue.
type Page[T any] struct {
	Items []T
	Next  string // cursor of the next page, "" for none
	More  More
	Total int // rows of all pages; 0 if it is not known
	// LowerBound is set if there may be more than Total rows.
	LowerBound  bool
	Part, Parts int // number of this part from 1, and of all; 0 if it is not known
	End         int // last position of the range, 0 if it is not known
	// Pending is set if the rows are not ready: the page is asked for again, after a pause.
	Pending bool
	// Truncated is set if the server left out rows.
	Truncated bool
	// Failure is the reason of an answer that is a failure; "" for none.
	Failure string
	// Failed are the reasons of what failed while the page's rows are good. They are reported after
	// all rows.
	Failed []string
}

// Pager is how to page one operation: its arguments A, its result R, its rows T. Generated services
// hold one for each operation that pages.
type Pager[A, R, T any] struct {
	Rules
	Operation *core.Operation
	// Continuation is the operation that returns the further pages; nil if it is Operation itself.
	Continuation *core.Operation
	// Required are the fields of the result without which the pages cannot be read safely.
	Required []string
	// Slots returns the positions of the paging arguments in args, after it copied what leads to
	// them: nothing that the caller holds is changed.
	Slots func(args *A) Slots
	// Continue returns the arguments of Continuation.
	Continue func(at At) any
	Page     func(result R) Page[T]
	// ID returns the id of a row, "" if it has none. A nil ID means that no row has one.
	ID func(row T) string
	// Time returns the time by which the server orders and bounds the rows of [Parts], in whole
	// seconds since 1970, 0 if it is not known.
	Time func(row T) int64
}

// All returns the rows of all pages, in the order of the server. Each use of the sequence is a run
// of its own. The error of a run is an [*Error], and ends it.
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
