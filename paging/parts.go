package paging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// parts pages a search: a first answer and further parts that are polled for. A poll moves the
// server on, so no part can be asked for again. What is needed twice is searched for again, up to
// the time of the last row, and rows that came before are dropped. So does a search that reached
// its limit, and a run that continues at a cursor.
//
// This relies on rows that come newest first. If they do not, the search is repeated as a whole with
// a larger limit, and all of its rows are remembered.
type parts[T any] struct {
	*engine[T]
	window window // of the run, with fixed bounds once the first answer came
	own    window // as the caller wrote it
	most   int    // rows of all runs by the query, 0 for no limit
	count  int    // rows of all runs so far
	total  int    // of the first search of this run, unless it continues

	at       At // the next request
	search   searchState
	edge     edge
	ordered  bool
	begun    bool // the first answer came
	restarts int  // repetitions in a row that brought nothing new
}

// searchState is the progress of one search.
type searchState struct {
	text     string // its query, "" for the caller's own
	limit    int
	known    int   // rows that are expected again
	received int   // rows, with those that are known
	fresh    int   // new rows
	previous int64 // second of the latest new row
	part     int   // number of the latest part
	parts    int   // number of all, 0 if it is not known
	total    int
	stale    int  // polls in a row that returned an old part
	blind    bool // a part came without its number
}

// Bounds of a search.
const (
	largestSearch = 1_000_000
	mostRestarts  = 3
	mostOldParts  = 100
)

func newParts[T any](e *engine[T]) *parts[T] {
	p := &parts[T]{engine: e, own: newWindow(e.given.query)}
	p.window = p.own
	rows, reversed := p.own.head()
	p.most = rows
	p.ordered = e.rowTime != nil && e.id != nil && p.own.query != nil && !reversed
	if e.from != nil {
		p.resume()
	}
	p.begin(e.size())
	return p
}

// resume continues at the cursor.
func (p *parts[T]) resume() {
	p.begun = true
	p.window = newWindow(p.from.Query)
	p.count = p.from.Count
	p.ordered = p.ordered && !p.from.Unordered
	p.edge.last = p.from.Last
	for _, k := range p.from.Keys {
		p.edge.rows = append(p.edge.rows, edgeRow{key: k, second: p.from.Last})
	}
}

// begin prepares a search for a number of new rows.
func (p *parts[T]) begin(size int) {
	if p.most > 0 {
		size = min(size, max(p.most-p.count, 1))
	}
	p.search = searchState{known: len(p.edge.rows)}
	switch {
	case !p.begun:
	case p.ordered && p.edge.last != 0:
		// Rows are bounded by whole seconds, and it is not known how a server rounds.
		p.search.text = p.window.until(p.edge.last+1, p.serverTime())
	default:
		p.search.text = p.window.text
	}
	p.search.limit = max(size, 1) + len(p.edge.rows)
	p.at = At{Query: p.search.text, Size: p.search.limit}
	p.memory = memory{all: true}
	for _, row := range p.edge.rows {
		p.memory.put(row.key)
	}
}

func (p *parts[T]) next(ctx context.Context) (batch[T], error) {
	if p.own.groups() {
		return batch[T]{}, ErrAggregated
	}
	for {
		polled := p.at.Continue
		page, err := p.ask(ctx, p.at)
		switch {
		case err != nil && polled && isNotFound(err):
			p.search.part-- // it does not exist
			last, err := p.finish()
			if last || err != nil {
				return p.done(), err
			}
		case err != nil:
			return batch[T]{}, err
		case polled && page.Part != 0 && page.Part != p.search.part:
			if err := p.outOfTurn(page); err != nil {
				return batch[T]{}, err
			}
		default:
			return p.take(page)
		}
	}
}

// outOfTurn handles a part with another number than the one that was asked for.
func (p *parts[T]) outOfTurn(page Page[T]) error {
	if page.Part > p.search.part {
		return p.restart(fmt.Sprintf("part %d came in place of part %d", page.Part, p.search.part))
	}
	if p.search.stale++; p.search.stale > mostOldParts {
		return fmt.Errorf("%w: part %d comes again and again", ErrStuck, page.Part)
	}
	return nil // the next poll brings another
}

// restart searches again for what is missing.
func (p *parts[T]) restart(reason string) error {
	if p.search.fresh > 0 {
		p.restarts = 0
	}
	if p.restarts++; p.restarts > mostRestarts {
		return fmt.Errorf("%w: %s", ErrIncomplete, reason)
	}
	if p.search.blind {
		p.disorder() // what is missing may lie before the last row
	}
	p.again()
	return nil
}

// disorder gives up on the order of the rows: from now on the current search is repeated.
func (p *parts[T]) disorder() {
	if !p.ordered {
		return
	}
	p.ordered = false
	if p.search.text != "" {
		p.window = newWindow(p.search.text)
	}
}

// again begins the search that continues at the last row, or repeats the current one if the rows are
// in no order.
func (p *parts[T]) again() {
	if p.ordered {
		p.begin(p.size())
		return
	}
	limit, known := min(max(2*p.search.limit, p.search.total), largestSearch), p.memory
	p.edge = edge{}
	p.begin(limit)
	p.memory, p.search.known = known, unbounded
}

// take returns the batch of a part, and chooses the next request.
func (p *parts[T]) take(page Page[T]) (batch[T], error) {
	s := &p.search
	if p.at.Continue {
		s.blind = s.blind || page.Part == 0
	} else {
		s.part = 1
	}
	s.stale = 0
	s.parts, s.total = max(s.parts, page.Parts), max(s.total, page.Total)
	items := page.Items[:max(min(len(page.Items), s.limit-s.received), 0)]
	s.received += len(items)
	p.fix(items)
	got := p.fresh(items, s.known)
	s.known = max(0, s.known-len(got.dropped.keys))
	if p.most > 0 && p.count+len(got.rows) > p.most {
		got.rows, got.added = got.rows[:p.most-p.count], got.added[:p.most-p.count]
	}
	s.fresh += len(got.rows)
	before := p.edge.clone()
	p.follow(got)
	b := p.batch(got, position{})
	b.at = p.positions(got, before)
	p.count += len(got.rows)
	if page.Next != "" {
		p.at.Cursor = page.Next
	}
	if p.polls(page) {
		s.part++
		p.at = At{Cursor: p.at.Cursor, Continue: true, Number: s.part}
		return b, nil
	}
	first := p.total == 0 && p.from == nil && s.text == "" && p.most == 0
	if first {
		p.total = s.total
	}
	b.last, b.err = p.finish()
	if b.last {
		b.stats.Missing = max(0, p.total-p.count)
	}
	return b, nil
}

// polls reports whether there is a further part to poll for.
func (p *parts[T]) polls(page Page[T]) bool {
	s := p.search
	switch {
	case s.received >= s.limit, p.at.Cursor == "", p.most > 0 && p.count >= p.most:
		return false
	case s.parts > 0:
		return s.part < s.parts
	}
	return page.Next != "" && len(page.Items) > 0 && (s.total == 0 || s.received < s.total)
}

// finish ends a search. It reports whether the run is over; if not, the next search is prepared.
func (p *parts[T]) finish() (last bool, err error) {
	s := p.search
	missing := s.received < s.limit && (s.part < s.parts || s.received < s.total)
	switch {
	case p.most > 0 && p.count >= p.most:
		return true, nil
	case missing:
		reason := fmt.Sprintf("%d rows of %d came, in %d parts of %d", s.received, s.total, s.part, s.parts)
		return false, p.restart(reason)
	case s.received < s.limit, s.fresh == 0:
		return true, nil
	case !p.ordered && s.limit >= largestSearch:
		return false, fmt.Errorf("%w: the rows are in no order and there are more than %d", ErrIncomplete, largestSearch)
	}
	p.restarts = 0
	p.again()
	return false, nil
}

// fix replaces relative bounds by the instants that the server used, at its first answer. If a row
// contradicts them, the server has another clock, and its bounds stay relative.
func (p *parts[T]) fix(items []T) {
	if !p.begun {
		p.begun = true
		p.window = p.own.fixed(p.serverTime())
	}
	earliest := p.window.earliest(p.asked)
	if earliest == 0 || !p.own.relative() || p.rowTime == nil {
		return
	}
	for _, item := range items {
		if second := p.secondOf(item); second != 0 && second < earliest {
			p.window = p.own
			return
		}
	}
}

func (p *parts[T]) secondOf(item T) int64 {
	if p.rowTime == nil || isNull(item) {
		return 0
	}
	return p.rowTime(item)
}

// follow notes the time and the order of new rows.
func (p *parts[T]) follow(got fresh[T]) {
	for i, row := range got.rows {
		second := p.secondOf(row)
		if second == 0 || got.added[i] == 0 || p.search.previous != 0 && second > p.search.previous {
			p.disorder()
			return
		}
		p.search.previous = second
		p.edge.add(edgeRow{key: got.added[i], second: second})
	}
}

// mostLostKeys bounds the ids in a cursor of a search whose rows are in no order.
const mostLostKeys = 1 << 16

// positions returns the positions after the rows of a part.
func (p *parts[T]) positions(got fresh[T], before edge) func(n int) position {
	text, count := p.window.text, p.count
	if p.ordered {
		return func(n int) position {
			e := before.clone()
			for i, row := range got.rows[:n] {
				e.add(edgeRow{key: got.added[i], second: p.secondOf(row)})
			}
			return position{Query: text, Last: e.last, Keys: e.keys(), Count: count + n}
		}
	}
	if len(p.memory.recent) > mostLostKeys {
		return func(int) position { return position{Lost: true} }
	}
	fresh := map[key]bool{}
	for _, k := range got.added {
		fresh[k] = true
	}
	var known keys
	for k := range p.memory.recent {
		if !fresh[k] {
			known = append(known, k)
		}
	}
	slices.Sort(known)
	return func(n int) position {
		all := append(slices.Clone(known), got.added[:n]...)
		return position{Query: text, Unordered: true, Keys: all, Count: count + n}
	}
}

// isNotFound reports whether a poll failed because there is no further part.
func isNotFound(err error) bool {
	if answer, ok := errors.AsType[*AnswerError](err); ok {
		return strings.Contains(strings.ToLower(answer.Reason), "not found")
	}
	answer, ok := errors.AsType[*core.ResponseError](err)
	return ok && slices.ContainsFunc(answer.Errors, func(e core.GraphQLError) bool {
		return strings.Contains(strings.ToLower(e.Message), "not found")
	})
}
