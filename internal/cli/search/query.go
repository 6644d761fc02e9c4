package search

import (
	"errors"
	"fmt"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// defaultWindow is the window of a query without a bound. The server's own default is about the same
// (docs/protocol.md#time-bounds), but a client that relies on it cannot continue a search.
const defaultWindow = 24 * time.Hour

// plan is a query that is ready to be sent, with fixed bounds.
type plan struct {
	query *cql.Query
	// windows are the queries that are sent, in this order.
	windows []*cql.Query
	groups  bool // it has groups in place of records
	head    int  // the records to print at most, by head; 0 for any number
	// headOfEach is set if a head counts the records of each type, which the server does.
	headOfEach bool
	tail       int // the last records to print, in reverse order; 0 for all
	notes      []string
}

// newPlan reads a query, narrows it to the time between since and until (zero for no bound), and
// checks it. Its errors are mistakes of the user.
func (s *Source) newPlan(text string, now, since, until time.Time) (*plan, error) {
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	p := &plan{}
	if parsed.Earliest == nil && since.IsZero() {
		end, err := lastInstant(parsed, now, until)
		if err != nil {
			return nil, err
		}
		since = end.Add(-defaultWindow)
		p.notes = append(p.notes, "no --since and no EARLIEST: searched are the 24 hours before "+end.UTC().Format(time.RFC3339))
	}
	if until.IsZero() && parsed.Latest == nil {
		until = now
	}
	if p.query, err = parsed.Narrow(now, since, until); err != nil {
		return nil, err
	}
	if err := p.takeFunctions(s); err != nil {
		return nil, err
	}
	if p.windows, err = s.split(p, now); err != nil {
		return nil, err
	}
	return p, p.check(s, now)
}

// lastInstant returns the end of a search.
func lastInstant(query *cql.Query, now, until time.Time) (time.Time, error) {
	_, end, err := query.Window(now)
	if err == nil && !until.IsZero() && until.Before(end) {
		end = until
	}
	return end, err
}

// check looks for mistakes in what is sent. It returns those that the server would reject, and keeps
// a note of the others.
func (p *plan) check(s *Source, now time.Time) error {
	var wrong []error
	for _, finding := range p.windows[0].Lint(cql.LintOptions{Service: s.Service, Now: now}) {
		if finding.Severity == cql.Error {
			wrong = append(wrong, errors.New(finding.String()))
		} else {
			p.notes = append(p.notes, finding.String())
		}
	}
	return errors.Join(wrong...)
}

// takeFunctions removes the functions that the server does not apply, and keeps them for this side.
func (p *plan) takeFunctions(s *Source) error {
	kept := p.query.Functions[:0:0]
	for _, function := range p.query.Functions {
		switch f := function.(type) {
		case *cql.Aggregate:
			if s.NoGroups {
				return fmt.Errorf("the server returns no groups of %s: leave out aggregate, and count what is printed", s.Noun)
			}
			p.groups = true
		case *cql.Head:
			if p.groups {
				break
			}
			if p.tail > 0 {
				return errors.New("head after tail: use one of them")
			}
			if f.Count == 0 {
				return errors.New("head 0 keeps no records: give their number")
			}
			if p.headOfEach = s.ofEachType(p.query); !p.headOfEach {
				p.head = f.Count
			}
			if !s.ServerHead {
				continue
			}
		case *cql.Tail:
			if p.groups || s.ServerTail {
				break
			}
			if f.Count == 0 {
				return errors.New("tail 0 keeps no records: give their number")
			}
			p.tail = f.Count
			continue
		}
		kept = append(kept, function)
	}
	p.query.Functions = kept
	return nil
}

// split cuts the query into queries that the server takes, in the order in which they are searched.
func (s *Source) split(p *plan, now time.Time) ([]*cql.Query, error) {
	query := p.query.Clone()
	if s.MaxWindow == 0 {
		return []*cql.Query{query}, nil
	}
	from, to, err := query.Window(now)
	if err != nil {
		return nil, err
	}
	if !to.After(from.Add(s.MaxWindow)) {
		return []*cql.Query{query}, nil
	}
	windows, err := query.Split(now, s.MaxWindow, cql.AnyOrder)
	if err == nil && p.headOfEach {
		err = errors.New("a query with head cannot be split unless one type is named after FROM")
	}
	if err != nil {
		days := int(s.MaxWindow / (24 * time.Hour))
		return nil, fmt.Errorf("the server searches at most %d days at once: %w", days, err)
	}
	return windows, nil
}

// ofEachType reports whether the functions of a query apply to the records of each of several types.
func (s *Source) ofEachType(query *cql.Query) bool {
	return s.MaxWindow > 0 && (len(query.Types) != 1 || query.Types[0].Name == "*")
}
