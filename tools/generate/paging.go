package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pagingRow is an entry of paging.json. Paths of arguments begin with the argument's name, paths of
// results at the result, which "$" stands for, and ID and Time at a row.
type pagingRow struct {
	Service, Operation, Kind, Strategy, Certainty string
	Items, ID, Limit, Cursor, Next, More          string
	Total, Query, Time, Number                    string
	Part, Parts, End                              string
	FirstPage                                     *int
	MaxPage, Default                              int
	Continuation, EndText                         string
	Repeatable                                    *bool
	Pending, LowerBound, Truncated                *sign
	Failure, Partial                              []sign
}

// sign is a field of the result that reports something: if it is set, or has one of Values, or, if
// it is set, none of Except. With Absent a field that is not set counts as none of Except.
type sign struct {
	Path, Reason   string
	Values, Except []string
	Absent         bool
}

// pager is the data of an operation's pager for the template.
type pager struct {
	row                                  pagingRow
	Go, Var                              string
	Op                                   *operation
	Continuation                         *operation
	Item                                 string // Go type of a row
	Rules, Required                      string
	Slots, ContinueSlots, Page, ID, Time string // bodies of functions
	Summary                              string
}

// addPagers adds the pagers of the service's operations. An operation that continues another one
// has none of its own.
func (b *builder) addPagers() error {
	rows := b.api.paging[b.service.Name]
	continues := map[string]bool{}
	for _, row := range rows {
		continues[row.Continuation] = true
	}
	for _, op := range b.model.Operations {
		i := slices.IndexFunc(rows, func(r pagingRow) bool { return r.Operation == op.Wire && r.kind() == op.Kind })
		if i < 0 {
			continue
		}
		row := rows[i]
		op.NonIdempotent = row.Repeatable != nil && !*row.Repeatable
		if continues[row.Operation] {
			continue
		}
		p, err := b.pager(op, row)
		if err != nil {
			return fmt.Errorf("paging.json: %s.%s: %w", b.service.Name, op.Wire, err)
		}
		b.model.Pagers = append(b.model.Pagers, p)
		op.Pager = p
	}
	for _, row := range rows {
		if b.operation(row.Operation, row.kind()) == nil {
			return fmt.Errorf("paging.json: %s has no operation %s", b.service.Name, row.Operation)
		}
	}
	return nil
}

// kind returns the kind of the row's operation. The strategy message-next has subscriptions.
func (r pagingRow) kind() string { return capital(r.Kind) }

func (b *builder) operation(wire, kind string) *operation {
	for _, op := range b.model.Operations {
		if op.Wire == wire && op.Kind == kind {
			return op
		}
	}
	return nil
}

func (b *builder) pager(op *operation, row pagingRow) (*pager, error) {
	p := &pager{row: row, Op: op, Var: "page" + op.Go}
	p.Go = b.pick(b.methods, "the pager of "+op.Wire, op.Go+"All")
	var err error
	if p.Slots, err = b.slots(op, row); err != nil {
		return nil, err
	}
	if row.Continuation != "" {
		rows := b.api.paging[b.service.Name]
		i := slices.IndexFunc(rows, func(r pagingRow) bool { return r.Operation == row.Continuation && r.Kind == row.Kind })
		if i < 0 {
			return nil, fmt.Errorf("its continuation %s is not listed", row.Continuation)
		}
		p.Continuation = b.operation(row.Continuation, op.Kind)
		if p.ContinueSlots, err = b.slots(p.Continuation, rows[i]); err != nil {
			return nil, err
		}
	}
	if err := b.readers(p); err != nil {
		return nil, err
	}
	p.Rules = row.rules()
	p.Required = row.required(op.Wire)
	p.Summary = row.summary()
	return p, nil
}

// readers writes the functions that read the result and its rows.
func (b *builder) readers(p *pager) (err error) {
	row, result := p.row, &reader{builder: b}
	items, err := result.typeAt(p.Op.Result, row.Items)
	if err != nil {
		return err
	}
	p.Item = strings.TrimPrefix(items, "[]")
	if items == rawJSON {
		p.Item = rawJSON // a list in a free-form value
	}
	if p.Page, err = result.page(p.Op.Result, row, p.Item); err != nil {
		return err
	}
	if row.ID != "" {
		if p.ID, err = result.id(p.Item, row.ID); err != nil {
			return err
		}
	}
	if row.Time != "" {
		p.Time, err = result.value(p.Item, row.Time, func(expr, typ string) (string, error) {
			if typ != "int" && typ != "int64" {
				return "", fmt.Errorf("%s is no number", row.Time)
			}
			return "return int64(" + expr + ")", nil
		}, "return 0")
	}
	return err
}

// rules returns the constants as Go.
func (r pagingRow) rules() string {
	names := map[string]string{
		"parts": "Parts", "message-next": "MessageNext", "page-number": "PageNumber", "offset-limit": "OffsetLimit",
		"relay": "Relay", "after-cursor": "AfterCursor", "token": "Token", "range": "Range",
	}
	text := "Strategy: paging." + names[r.Strategy]
	switch {
	case r.Strategy == "page-number" && r.FirstPage == nil:
		text += ", First: paging.FirstUnknown"
	case r.FirstPage != nil && *r.FirstPage != 0:
		text += ", First: " + strconv.Itoa(*r.FirstPage)
	}
	if r.Default != 0 {
		text += ", Size: " + strconv.Itoa(r.Default)
	}
	if r.MaxPage != 0 {
		text += ", MaxSize: " + strconv.Itoa(r.MaxPage)
	}
	if r.EndText != "" {
		text += ", EndText: " + strconv.Quote(r.EndText)
	}
	if r.Strategy == "token" && r.Continuation == "" && r.Next == "" && r.More == "" {
		text += ", OnePage: true"
	}
	return "paging.Rules{" + text + "}"
}

// required returns the fields without which the pages cannot be read safely, as Go.
func (r pagingRow) required(operation string) string {
	var paths []string
	at := func(path string) string {
		if path == "$" {
			return operation
		}
		return path
	}
	add := func(path string) {
		if path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	add(r.Next)
	add(r.More)
	row := func(path string) {
		switch {
		case path == "$" || r.Strategy == "message-next":
			add(at(r.Items))
		case path != "":
			add(at(r.Items) + "." + path)
		}
	}
	switch r.Strategy {
	case "parts":
		row(r.ID)
		row(r.Time)
	case "page-number", "offset-limit":
		row(r.ID)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return path == operation })
	if len(paths) == 0 {
		return ""
	}
	return fmt.Sprintf("%#v", paths)
}

// summary says in words how the operation pages.
func (r pagingRow) summary() string {
	text := r.Strategy
	switch {
	case r.Strategy == "page-number" && r.FirstPage == nil:
		text += ", first page 0 or 1"
	case r.Strategy == "page-number":
		text += ", first page " + strconv.Itoa(*r.FirstPage)
	}
	switch {
	case r.Default != 0:
		text += ", " + strconv.Itoa(r.Default) + " rows a page"
	case r.Limit == "":
		text += ", the server sets the size"
	}
	if r.MaxPage != 0 && r.MaxPage != r.Default {
		text += ", at most " + strconv.Itoa(r.MaxPage)
	}
	certainties := map[string]string{
		"documented": "documented", "seen": "seen in public clients", "shape": "from the schema alone",
	}
	return text + " (" + certainties[r.Certainty] + ")"
}
