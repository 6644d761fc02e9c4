package paging

import (
	"cmp"
	"strconv"
)

// Fill returns arguments that request the page at. Generated code uses it for operations that
// continue others.
func Fill[A any](at At, slots func(args *A) Slots) any {
	var args A
	at.fill(slots(&args))
	return args
}

// fill sets the slots that an operation has.
func (at At) fill(slots Slots) {
	if at.Size > 0 {
		set(slots.Size, at.Size)
		set(slots.End, at.Number+at.Size-1)
	}
	set(slots.Number, at.Number)
	if at.Cursor != "" {
		set(slots.Cursor, at.Cursor)
	}
	if at.Query != "" {
		set(slots.Query, at.Query)
	}
}

// NumberID returns the text of a numeric id, "" for 0.
func NumberID(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}

// Reason returns the reason of a failure, or its status if the reason is empty.
func Reason(reason, status string) string { return cmp.Or(reason, status) }
