// Package eval evaluates queries of the Taegis query language over records in memory, by the rules
// of docs/protocol.md#query-language.
package eval

import (
	"fmt"
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// Record is a record that a query reads. Names of fields and types are in lower case.
type Record interface {
	// Value returns the value of a field: nil if it is absent, a string, bool, int64, float64,
	// time.Time or []string.
	Value(field string) any
	// Logical returns the values of all fields of a logical type, for example "ip".
	Logical(name string) []any
	// Time returns the time that bounds and buckets refer to.
	Time() time.Time
}

// DefaultWindow is the length of the window of a query without EARLIEST.
const DefaultWindow = 24 * time.Hour

// Error is a query that cannot be evaluated.
type Error struct {
	Pos     cql.Position
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("query, line %d, column %d: %s", max(e.Pos.Line, 1), max(e.Pos.Column, 1), e.Message)
}

// Errorf returns an [Error] at a position.
func Errorf(at cql.Position, format string, values ...any) error {
	return &Error{Pos: at, Message: fmt.Sprintf(format, values...)}
}

// Window returns the bounds of a query that runs at now, both included. Without EARLIEST it begins
// [DefaultWindow] before its end, without LATEST it ends at now.
func Window(q *cql.Query, now time.Time) (earliest, latest time.Time, err error) {
	latest = now
	if q.Latest != nil {
		if latest, err = q.Latest.Time(now); err != nil {
			return earliest, latest, Errorf(q.Latest.Pos, "%v", err)
		}
	}
	earliest = latest.Add(-DefaultWindow)
	if q.Earliest != nil {
		if earliest, err = q.Earliest.Time(now); err != nil {
			return earliest, latest, Errorf(q.Earliest.Pos, "%v", err)
		}
	}
	if earliest.After(latest) {
		return earliest, latest, Errorf(q.Earliest.Pos, "EARLIEST is after LATEST")
	}
	return earliest, latest, nil
}

// Fields returns the fields that the query reads, in its condition and in its functions. Columns
// that an aggregation makes are left out.
func Fields(q *cql.Query) []cql.Field {
	var fields []cql.Field
	cql.Inspect(q.Where, func(e cql.Expr) bool {
		switch e := e.(type) {
		case *cql.Comparison:
			fields = append(fields, e.Field)
		case *cql.NullCheck:
			fields = append(fields, e.Field)
		}
		return true
	})
	for _, f := range q.Functions {
		switch f := f.(type) {
		case *cql.Sort:
			for _, key := range f.Keys {
				fields = append(fields, key.Field)
			}
		case *cql.Fields:
			fields = append(fields, f.Fields...)
		case *cql.Aggregate:
			for _, a := range f.Aggregations {
				if a.Field.Name != "" {
					fields = append(fields, a.Field)
				}
			}
			return append(fields, f.By...)
		}
	}
	return fields
}

// AggregateOf returns the query's first aggregation, nil if it has none.
func AggregateOf(q *cql.Query) *cql.Aggregate {
	for _, f := range q.Functions {
		if a, ok := f.(*cql.Aggregate); ok {
			return a
		}
	}
	return nil
}

// key returns the name of a field as records spell it.
func key(f cql.Field) string { return strings.ToLower(f.Name) }
