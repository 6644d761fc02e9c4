package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// plan is a parsed query with its window and its condition.
type plan struct {
	query            *cql.Query
	earliest, latest time.Time
	holds            func(eval.Record) bool
}

// newPlan parses a query that runs at now.
func newPlan(text string, now time.Time) (plan, error) {
	q, err := cql.Parse(text)
	if err != nil {
		return plan{}, err
	}
	p := plan{query: q}
	if p.earliest, p.latest, err = eval.Window(q, now); err != nil {
		return plan{}, err
	}
	p.holds, err = eval.Condition(q.Where)
	return p, err
}

// always holds for every record.
func always(eval.Record) bool { return true }

// checkTypes returns an error if the query names a type that is not one of those.
func (p plan) checkTypes(service string, names ...string) error {
	for _, t := range p.query.Types {
		if t.Name != "*" && !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, t.Name) }) {
			return eval.Errorf(t.Pos, "%s has no type %q", service, t.Name)
		}
	}
	return nil
}

// checkFields returns an error for the first field that is not known, if the query names its type.
// Without a type such a query finds nothing, which possible reports.
func (p plan) checkFields(known func(cql.Field) bool) (possible bool, err error) {
	for _, f := range eval.Fields(p.query) {
		if known(f) {
			continue
		}
		if len(p.query.Types) > 0 {
			return false, eval.Errorf(f.Pos, "%s has no field %q", p.query.Types[0].Name, f.String())
		}
		return false, nil
	}
	return true, nil
}

// dated is a record with what orders it in a list.
type dated struct {
	index  int
	time   time.Time
	record interface{ ID() string }
}

// compareDated orders records by their time, then by their ID.
func compareDated(a, b dated) int {
	if order := a.time.Compare(b.time); order != 0 {
		return order
	}
	return strings.Compare(a.record.ID(), b.record.ID())
}

// newestFirst orders records by their time in descending order, then by their ID.
func newestFirst(a, b dated) int {
	if order := b.time.Compare(a.time); order != 0 {
		return order
	}
	return strings.Compare(a.record.ID(), b.record.ID())
}

// collect returns the indexes in order of the records that the window of a query contains: the
// generated ones from first to end, whose times ascend, and the added ones from added to length.
// match returns a record, and false if it does not belong to the result.
func collect(first, end, added, length int, match func(index int) (dated, bool), compare func(a, b dated) int) []int {
	descending := compare(dated{time: time.Unix(1, 0)}, dated{time: time.Unix(0, 0)}) < 0
	var result []int
	var burst []dated // of equal times
	flush := func() {
		if len(burst) > 1 {
			slices.SortFunc(burst, compare)
		}
		for _, d := range burst {
			result = append(result, d.index)
		}
		burst = burst[:0]
	}
	late := make([]dated, 0, length-added)
	for i := added; i < length; i++ {
		if d, ok := match(i); ok {
			late = append(late, d)
		}
	}
	slices.SortFunc(late, compare)
	add := func(d dated) {
		if len(burst) > 0 && !burst[0].time.Equal(d.time) {
			flush()
		}
		burst = append(burst, d)
	}
	for i := range max(end-first, 0) {
		index := first + i
		if descending {
			index = end - 1 - i
		}
		d, ok := match(index)
		if !ok {
			continue
		}
		for len(late) > 0 && compareTimes(late[0], d, descending) < 0 {
			add(late[0])
			late = late[1:]
		}
		add(d)
	}
	for _, d := range late {
		add(d)
	}
	flush()
	return result
}

// compareTimes orders records by their time only.
func compareTimes(a, b dated, descending bool) int {
	if descending {
		return b.time.Compare(a.time)
	}
	return a.time.Compare(b.time)
}
