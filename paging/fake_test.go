package paging_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/paging"
)

// row is a record of a fake server.
type row struct {
	ID     string `json:"id"`
	Second int64  `json:"second"`
}

// args are the arguments of all fake operations.
type args struct {
	Size     *int    `json:"size,omitzero"`
	Number   *int    `json:"number,omitzero"`
	End      *int    `json:"end,omitzero"`
	Cursor   *string `json:"cursor,omitzero"`
	Query    *string `json:"query,omitzero"`
	Continue bool    `json:"continue,omitzero"`
}

func value[V any](v *V) (zero V) {
	if v == nil {
		return zero
	}
	return *v
}

type page = paging.Page[*row]

// server is a fake of one operation that pages. It is a transport.
type server struct {
	mu       sync.Mutex
	rows     []*row
	answer   func(s *server, a args) (page, error) // with s.mu held
	requests []args
	host     string
	date     time.Time
	fault    func(request int) error // nil for no fault
	change   func(request int)       // changes the rows before a request
	search   search                  // the latest, of parts
}

var errOutage = &core.ResponseError{Operation: "list", Status: 503, Reason: "an outage"}

func (s *server) Execute(ctx context.Context, req *core.Request, out any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := req.Args.(args)
	if !ok {
		return fmt.Errorf("the arguments are %T", req.Args)
	}
	a.Continue = req.Operation.Name == "continue"
	n := len(s.requests)
	s.requests = append(s.requests, a)
	if s.change != nil {
		s.change(n)
	}
	if req.OnResponse != nil {
		req.OnResponse(core.Response{Operation: req.Operation.Name, Host: s.host, Status: 200, Date: s.date})
	}
	got, err := s.answer(s, a) // also if the answer is lost afterwards
	if s.fault != nil {
		if fault := s.fault(n); fault != nil {
			return fault
		}
	}
	if err != nil {
		return err
	}
	*out.(*page) = got //nolint:forcetypeassert // a test's own type
	return nil
}

func (s *server) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		var got page
		if err := s.Execute(ctx, req, &got); err != nil {
			yield(nil, err)
			return
		}
		// A message a row, in reverse order of the rows; the next page's id in the first.
		messages := []page{{Next: got.Next}}
		for _, r := range slices.Backward(got.Items) {
			messages = append(messages, page{Items: []*row{r}, Total: 1, LowerBound: true})
		}
		messages = append(messages, page{PartialFailures: got.PartialFailures})
		for _, m := range messages {
			text, err := json.Marshal(m)
			if !yield(text, err) {
				return
			}
		}
	}
}

// pager returns the pager of a fake operation.
func pager(rules paging.Rules) *paging.Pager[args, page, *row] {
	kind := core.KindQuery
	if rules.Strategy == paging.MessageNext {
		kind = core.KindSubscription
	}
	p := &paging.Pager[args, page, *row]{
		Rules:     rules,
		Operation: &core.Operation{Service: "fake", Name: "list", Kind: kind},
		Slots: func(a *args) paging.Slots {
			return paging.Slots{
				Size: paging.Optional(&a.Size), Number: paging.Optional(&a.Number), End: paging.Optional(&a.End),
				Cursor: paging.Optional(&a.Cursor), Query: paging.Optional(&a.Query),
			}
		},
		Page: func(p page) page { return p },
		ID:   func(r *row) string { return r.ID },
		Time: func(r *row) int64 { return r.Second },
	}
	if rules.Strategy == paging.Parts || rules.Strategy == paging.MessageNext {
		p.Continuation = &core.Operation{Service: "fake", Name: "continue", Kind: kind}
		p.Continue = func(at paging.At) any { return args{Cursor: &at.Cursor, Number: &at.Number} }
	}
	return p
}

// records returns n rows with descending times; spread rows share a second.
func records(n, spread int) []*row {
	list := make([]*row, n)
	for i := range list {
		list[i] = &row{ID: "id-" + strconv.Itoa(i), Second: int64(1_700_000_000 + (n-i)/spread)}
	}
	return list
}

func ids(rows []*row) []string {
	list := make([]string, len(rows))
	for i, r := range rows {
		list[i] = r.ID
	}
	return list
}

// cut returns the rows from an offset, at most n, clear of the server's own.
func cut(rows []*row, offset, n int) []*row {
	offset = min(max(offset, 0), len(rows))
	return slices.Clone(rows[offset:min(offset+n, len(rows))])
}

// numbered answers by page number.
func numbered(first int, total bool, limit int, zero func(s *server, a args) (page, error)) func(*server, args) (page, error) {
	return func(s *server, a args) (page, error) {
		number := value(a.Number)
		if number < first {
			return zero(s, a)
		}
		size := min(value(a.Size), limit)
		p := page{Items: cut(s.rows, (number-first)*size, size)}
		if total {
			p.Total = len(s.rows)
		}
		return p, nil
	}
}

func refusal(*server, args) (page, error) {
	return page{}, &core.ResponseError{
		Operation: "list", Status: 200, Errors: []core.GraphQLError{{Message: "page must be positive"}},
	}
}

func nothing(*server, args) (page, error) { return page{}, nil }

// alias answers page 0 like page 1.
func alias(total bool, limit int) func(*server, args) (page, error) {
	return numbered(1, total, limit, func(s *server, a args) (page, error) {
		one := 1
		a.Number = &one
		return numbered(1, total, limit, nil)(s, a)
	})
}

// offset answers by offset.
func offset(total bool, limit int) func(*server, args) (page, error) {
	return func(s *server, a args) (page, error) {
		p := page{Items: cut(s.rows, value(a.Number), min(value(a.Size), limit))}
		if total {
			p.Total = len(s.rows)
		}
		return p, nil
	}
}

// after answers by a cursor: the id of the last row before the page.
func after(says bool) func(*server, args) (page, error) {
	return func(s *server, a args) (page, error) {
		start := 0
		if c := value(a.Cursor); c != "" {
			start = position(s.rows, c)
		}
		size := value(a.Size)
		p := page{Items: cut(s.rows, start, size)}
		more := start+size < len(s.rows)
		if len(p.Items) > 0 && (more || says) {
			p.Next = p.Items[len(p.Items)-1].ID
		}
		if says {
			p.More = paging.MoreOf(more)
		}
		return p, nil
	}
}

// position returns the index behind the row with an id; rows are in the order of their numbers.
func position(rows []*row, id string) int {
	for i, r := range rows {
		if number(r.ID) > number(id) {
			return i
		}
	}
	return len(rows)
}

func number(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "id-"))
	if err != nil {
		panic(err)
	}
	return n
}

// span answers by a range of positions.
func span(limit int) func(*server, args) (page, error) {
	return func(s *server, a args) (page, error) {
		start, end := value(a.Number), min(value(a.End), value(a.Number)+limit-1)
		return page{
			Items: cut(s.rows, start, end-start+1), More: paging.MoreOf(end+1 < len(s.rows)), End: end,
		}, nil
	}
}

// messageNext answers as a subscription: the id of a page is its offset in the rows of the search,
// which do not change.
func messageNext(s *server, a args) (page, error) {
	size, start := 3, 0
	if a.Continue {
		start, _ = strconv.Atoi(value(a.Cursor))
	} else {
		s.search.rows = s.rows
		if n := value(a.Size); n > 0 {
			size = n
		}
	}
	p := page{Items: cut(s.search.rows, start, size)}
	if start+size < len(s.search.rows) {
		p.Next = strconv.Itoa(start + size)
	}
	return p, nil
}

// search is a search of a fake that answers in parts.
type search struct {
	id    string
	rows  []*row
	part  int
	total int
}

// partsRules are the variants of a server that answers in parts.
type partsRules struct {
	size     int  // rows of a part
	blind    bool // no part numbers
	uncount  bool // no number of parts
	extra    int  // rows above the limit
	noTotal  bool
	shuffled bool // not newest first
}

var errNotFound = &core.ResponseError{
	Operation: "continue", Status: 200, Errors: []core.GraphQLError{{Message: "search NOT FOUND"}},
}

// inParts answers a search in parts. Each poll moves on, whatever part it asks for.
func inParts(rules partsRules) func(*server, args) (page, error) {
	return func(s *server, a args) (page, error) {
		if !a.Continue {
			s.search = search{id: "s-" + strconv.Itoa(len(s.requests)), rows: s.find(value(a.Query))}
			s.search.total = len(s.search.rows)
			if rules.shuffled {
				slices.SortFunc(s.search.rows, func(a, b *row) int { return strings.Compare(reversed(a.ID), reversed(b.ID)) })
			}
			s.search.rows = cut(s.search.rows, 0, value(a.Size)+rules.extra)
		} else if value(a.Cursor) != s.search.id {
			return page{}, errNotFound
		}
		found := &s.search
		offset := found.part * rules.size
		if a.Continue && offset >= len(found.rows) {
			return page{}, errNotFound
		}
		found.part++
		p := page{Items: cut(found.rows, offset, rules.size), Next: found.id}
		if !rules.blind {
			p.Part = found.part
		}
		if !rules.uncount {
			p.Parts = max(1, (len(found.rows)+rules.size-1)/rules.size)
		}
		if !rules.noTotal {
			p.Total = found.total
		}
		return p, nil
	}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// find returns the rows of a query, newest first.
func (s *server) find(text string) []*row {
	query, err := cql.Parse(text)
	if err != nil {
		panic(err)
	}
	now := time.Unix(1_800_000_000, 0)
	bound := func(b *cql.Bound, otherwise int64) int64 {
		if b == nil {
			return otherwise
		}
		t, err := b.Time(now)
		if err != nil {
			panic(err)
		}
		return t.Unix()
	}
	earliest, latest := bound(query.Earliest, 0), bound(query.Latest, 1<<40)
	var found []*row
	for _, r := range s.rows {
		if earliest <= r.Second && r.Second <= latest {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *row) int { return int(b.Second - a.Second) })
	for _, f := range query.Functions {
		if head, ok := f.(*cql.Head); ok {
			found = cut(found, 0, head.Count)
		}
	}
	return found
}

// asError returns err as a *paging.Error.
func asError(err error) *paging.Error {
	failed, _ := errors.AsType[*paging.Error](err)
	return failed
}
