package paging

import "slices"

// Descriptor is an entry of services/schema/paging.json: how an operation pages, as data. Paths are
// names joined by dots. Those of arguments begin with the argument's name, those of the result at the
// result, which "$" stands for, and those of ID and Time at a row.
type Descriptor struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Kind      string   `json:"kind"` // query or subscription
	Strategy  Strategy `json:"strategy"`
	// Certainty is documented (by the vendor), seen (in public clients) or shape (from the schema
	// alone).
	Certainty string `json:"certainty"`
	// Continuation is the operation that returns further pages, empty if it is Operation.
	Continuation string `json:"continuation"`
	// Repeatable is false for an operation that changes the server's state, for example by moving a
	// search on to its next part.
	Repeatable *bool  `json:"repeatable"`
	Deprecated bool   `json:"deprecated"`
	Note       string `json:"note"`

	Limit  string `json:"limit"`  // argument: rows of a page, or the end of a range
	Cursor string `json:"cursor"` // argument: cursor, token, id, page, offset or start of a range
	Query  string `json:"query"`  // argument: text in the query language
	Number string `json:"number"` // argument: number of the part

	Items string `json:"items"` // the list of rows
	ID    string `json:"id"`    // id of a row, empty if it has none
	Time  string `json:"time"`  // time of a row, in seconds
	Next  string `json:"next"`  // cursor of the next page
	More  string `json:"more"`  // whether there is one
	Total string `json:"total"`
	Part  string `json:"part"`
	Parts string `json:"parts"`
	End   string `json:"end"` // end of the range that was returned

	FirstPage *int   `json:"firstPage"` // nil if it is not known, or has no number
	Default   int    `json:"default"`   // rows of a page that clients ask for, 0 if it is not known
	MaxPage   int    `json:"maxPage"`   // most rows of a page, 0 if it is not known
	EndText   string `json:"endText"`   // part of an error's message that stands for an empty page

	Pending    *Signal  `json:"pending"`    // the rows are not ready
	LowerBound *Signal  `json:"lowerBound"` // the total is one
	Truncated  *Signal  `json:"truncated"`  // the server omitted rows
	Failure    []Signal `json:"failure"`    // the answer is a failure
	Partial    []Signal `json:"partial"`    // a part of the query failed
}

// Signal is a field of a result that signals a condition: if it is true, if it is a text in Values,
// or if Values is empty and it is a text that is not in Except. A missing text is a signal only if
// Absent is set.
type Signal struct {
	Path   string   `json:"path"`
	Reason string   `json:"reason"` // path of the reason
	Values []string `json:"values"`
	Except []string `json:"except"`
	Absent bool     `json:"absent"`
}

// Rules returns the constants of the descriptor.
func (d Descriptor) Rules() Rules {
	rules := Rules{Strategy: d.Strategy, Size: d.Default, MaxSize: d.MaxPage, EndText: d.EndText}
	switch {
	case d.FirstPage != nil:
		rules.First = *d.FirstPage
	case d.Strategy == PageNumber:
		rules.First = FirstUnknown
	case d.Strategy == Token:
		rules.OnePage = d.Continuation == "" && d.Next == "" && d.More == ""
	}
	return rules
}

// required returns the fields without which the pages cannot be read safely.
func (d Descriptor) required() []string {
	var paths []string
	add := func(path string) {
		if path != "" && path != d.Operation && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	items := d.Items
	if items == whole {
		items = d.Operation
	}
	row := func(path string) {
		switch {
		case path == whole:
			add(items)
		case path != "":
			add(items + "." + path)
		}
	}
	add(d.Next)
	add(d.More)
	switch d.Strategy {
	case Parts:
		row(d.ID)
		row(d.Time)
	case PageNumber, OffsetLimit:
		row(d.ID)
	case MessageNext, Relay, AfterCursor, Token, Range:
	}
	return paths
}

// whole is the path of a value itself.
const whole = "$"
