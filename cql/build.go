package cql

import (
	"slices"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// Builder builds a query. Get one from [From] or [Where]. Its methods return a new Builder and do
// not change the old one, so that one Builder can be the base of several queries. [Builder.Query]
// and [Builder.Text] return all errors at once.
type Builder struct {
	query Query
	errs  []error
}

// From begins a query for records of the types, for example "alert", "process", or "*" for all
// event types.
func From(types ...string) Builder {
	var b Builder
	if len(types) == 0 {
		return b.fail(valueError(`use Where for a query without FROM, From("*") for all types`,
			"From has no types"))
	}
	for _, name := range types {
		if !isColumn(name) && (name != "*" || len(types) > 1) {
			b = b.fail(valueError(`for example "alert", or only "*"`, "%q is not a type",
				text.Short(name, 60)))
		}
		b.query.Types = append(b.query.Types, TypeName{Name: name})
	}
	return b
}

// Where begins a query without FROM: the service decides which types it searches.
func Where(conditions ...Condition) Builder { return Builder{}.Where(conditions...) }

// fail returns the builder with one more error.
func (b Builder) fail(err error) Builder {
	b.errs = append(slices.Clip(b.errs), err)
	return b
}

// Where adds conditions that must all hold, too. At least one is required.
func (b Builder) Where(conditions ...Condition) Builder {
	added := And(conditions...)
	if added.err != nil {
		return b.fail(added.err)
	}
	operands := slices.Concat(conjuncts(b.query.Where), conjuncts(added.expr))
	b.query.Where = operands[0]
	if len(operands) > 1 {
		b.query.Where = &AndExpr{Operands: operands}
	}
	return b
}

// conjuncts returns the conditions that all have to hold for e.
func conjuncts(e Expr) []Expr {
	if e == nil {
		return nil
	}
	if all, ok := e.(*AndExpr); ok {
		return all.Operands
	}
	return []Expr{e}
}

// Earliest limits the query to records at most that long before the search, in whole seconds,
// rounded up. It replaces an earlier bound of this side.
func (b Builder) Earliest(before time.Duration) Builder {
	bound, err := ago(before, time.Second-1)
	if err == nil && before == 0 {
		err = valueError("give the length of the window", "Earliest is 0")
	}
	if err != nil {
		return b.fail(err)
	}
	b.query.Earliest = bound
	return b
}

// Latest limits the query to records at least that long before the search, in whole seconds,
// rounded down. It replaces an earlier bound of this side.
func (b Builder) Latest(before time.Duration) Builder {
	bound, err := ago(before, 0)
	if err != nil {
		return b.fail(err)
	}
	b.query.Latest = bound
	return b
}

// EarliestAt limits the query to records at or after t, in whole seconds, rounded down. It replaces
// an earlier bound of this side.
func (b Builder) EarliestAt(t time.Time) Builder {
	bound, err := at(t)
	if err != nil {
		return b.fail(err)
	}
	b.query.Earliest = bound
	return b
}

// LatestAt limits the query to records at or before t, in whole seconds, rounded up. It replaces an
// earlier bound of this side.
func (b Builder) LatestAt(t time.Time) Builder {
	bound, err := at(ceil(t))
	if err != nil {
		return b.fail(err)
	}
	b.query.Latest = bound
	return b
}

// at is [At] for a time that may have a year that cannot be written.
func at(t time.Time) (*Bound, error) {
	if err := checkYear(t); err != nil {
		return nil, err
	}
	return At(t), nil
}

// checkYear returns an error for a time that cannot be written.
func checkYear(t time.Time) error {
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		return valueError("", "the year %d cannot be written", year)
	}
	return nil
}

// ceil returns t, rounded up to a whole second.
func ceil(t time.Time) time.Time {
	return t.Add(time.Second - 1).Truncate(time.Second)
}

// ago returns the bound d before the search, after adding what rounds it to seconds.
func ago(d, rounding time.Duration) (*Bound, error) {
	if d < 0 {
		return nil, valueError("bounds count back from the search", "the bound %s lies in the future", d)
	}
	amount, unit := span((d + rounding).Truncate(time.Second))
	return Ago(amount, unit), nil
}

// span returns whole seconds in the largest unit up to days that expresses them exactly.
func span(d time.Duration) (amount int, unit Unit) {
	for _, unit := range []Unit{Day, Hour, Minute} {
		if d != 0 && d%unit.Duration() == 0 {
			return int(d / unit.Duration()), unit
		}
	}
	return int(d / time.Second), Second
}

// Query returns the syntax tree of the query, or all errors of its parts.
func (b Builder) Query() (*Query, error) {
	if len(b.errs) > 0 {
		return nil, joinErrors(b.errs...)
	}
	if _, err := b.query.Text(); err != nil {
		return nil, err
	}
	return b.query.Clone(), nil
}

// Text returns the text of the query, or all errors of its parts.
func (b Builder) Text() (string, error) {
	if len(b.errs) > 0 {
		return "", joinErrors(b.errs...)
	}
	s, err := b.query.Text()
	if err != nil {
		return "", err
	}
	return s, nil
}

// String returns the text of the query. If a part has an error, it returns text that is not a valid
// query.
func (b Builder) String() string {
	s, err := b.Text()
	if err != nil {
		return "!(" + err.Error() + ")"
	}
	return s
}
