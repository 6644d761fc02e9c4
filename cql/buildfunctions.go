package cql

import (
	"slices"
	"strings"
	"time"
)

// then returns the builder with one more function.
func (b Builder) then(f Function, err error) Builder {
	if err != nil {
		return b.fail(err)
	}
	b.query.Functions = append(slices.Clip(b.query.Functions), f)
	return b
}

// Head keeps the first n records of each type.
func (b Builder) Head(n int) Builder { return b.then(&Head{Count: n}, checkCount("Head", n)) }

// Tail keeps the last n records of each type, in reverse order.
func (b Builder) Tail(n int) Builder { return b.then(&Tail{Count: n}, checkCount("Tail", n)) }

func checkCount(name string, n int) error {
	if n < 1 {
		return valueError("keep at least one", "%s of %d records", name, n)
	}
	return nil
}

// Fields keeps the named fields of each record.
func (b Builder) Fields(names ...string) Builder {
	fields, err := pathsOf("Fields", names)
	return b.then(&Fields{Fields: fields}, err)
}

// Sort orders by the keys: see [Asc] and [Desc].
func (b Builder) Sort(keys ...SortKey) Builder {
	if len(keys) == 0 {
		return b.fail(valueError("", "Sort has no fields"))
	}
	for _, key := range keys {
		if _, err := pathsOf("Sort", []string{key.Field.String()}); err != nil {
			b = b.fail(err)
		}
	}
	return b.then(&Sort{Keys: slices.Clone(keys)}, nil)
}

// Asc sorts by the field, the smallest value first.
func Asc(field string) SortKey { return SortKey{Field: Field{Name: field}} }

// Desc sorts by the field, the largest value first.
func Desc(field string) SortKey { return SortKey{Field: Field{Name: field}, Descending: true} }

// Aggregate computes columns such as [Count] over all records of each type, or over groups: see
// [Builder.By] and [Builder.ByTime].
func (b Builder) Aggregate(columns ...Aggregation) Builder {
	if len(columns) == 0 {
		return b.fail(valueError("for example Count()", "Aggregate has no columns"))
	}
	for _, a := range columns {
		if a.Function == "count" && a.Field.Name == "" {
			continue
		}
		if _, err := pathsOf(a.Function, []string{a.Field.String()}); err != nil {
			b = b.fail(err)
		}
	}
	return b.then(&Aggregate{Aggregations: slices.Clone(columns)}, nil)
}

// By groups the result of the preceding [Builder.Aggregate] by the values of fields.
func (b Builder) By(names ...string) Builder {
	fields, err := pathsOf("By", names)
	return b.grouped(func(a *Aggregate) { a.By = fields }, err)
}

// ByTime groups the result of the preceding [Builder.Aggregate] by spans of time, in whole seconds.
func (b Builder) ByTime(d time.Duration) Builder {
	var err error
	if d <= 0 || d%time.Second != 0 {
		err = valueError("give whole seconds, at least one", "ByTime of %s", d)
	}
	amount, unit := span(d)
	return b.grouped(func(a *Aggregate) { a.Bucket = &Bucket{Amount: amount, Unit: unit} }, err)
}

// grouped changes a copy of the aggregate that is the last function.
func (b Builder) grouped(change func(*Aggregate), err error) Builder {
	last := len(b.query.Functions) - 1
	if last < 0 {
		return b.fail(errNoAggregate)
	}
	a, ok := b.query.Functions[last].(*Aggregate)
	switch {
	case !ok:
		return b.fail(errNoAggregate)
	case len(a.By) > 0 || a.Bucket != nil:
		return b.fail(valueError("group by fields or by time", "an aggregate is grouped twice"))
	case err != nil:
		return b.fail(err)
	}
	changed := *a
	change(&changed)
	b.query.Functions = append(slices.Clone(b.query.Functions[:last]), &changed)
	return b
}

var errNoAggregate = valueError("for example Aggregate(Count()).By(\"status\")",
	"By does not follow Aggregate")

// pathsOf returns fields that are no logical types.
func pathsOf(function string, names []string) ([]Field, error) {
	if len(names) == 0 {
		return nil, valueError("", "%s has no fields", function)
	}
	var fields []Field
	for _, name := range names {
		f, err := fieldOf(name)
		if err != nil {
			return nil, err
		}
		if f.Logical {
			return nil, valueError("name a field", "%s takes no logical type, and %s is one",
				strings.ToLower(function), f)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// Count counts the records of a group.
func Count() Aggregation { return Aggregation{Function: "count"} }

// CountOf counts the records that have the field.
func CountOf(field string) Aggregation { return aggregationOf("count", field) }

// Sum adds the values of the field.
func Sum(field string) Aggregation { return aggregationOf("sum", field) }

// Min is the smallest value of the field.
func Min(field string) Aggregation { return aggregationOf("min", field) }

// Max is the largest value of the field.
func Max(field string) Aggregation { return aggregationOf("max", field) }

// Avg is the average of the field.
func Avg(field string) Aggregation { return aggregationOf("avg", field) }

// Cardinality counts the distinct values of the field.
func Cardinality(field string) Aggregation { return aggregationOf("cardinality", field) }

func aggregationOf(function, field string) Aggregation {
	return Aggregation{Function: function, Field: Field{Name: field}}
}

// Named returns the column with a name.
func (a Aggregation) Named(name string) Aggregation {
	a.As = name
	return a
}
