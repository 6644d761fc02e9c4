package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
)

// Group is a row of an aggregation.
type Group struct {
	// Keys are the values of the BY fields, and Columns those of the aggregations.
	Keys, Columns []Named
	// Bucket is the start of the span of time if the aggregation has one, in UTC.
	Bucket time.Time
	// Count is the number of records.
	Count int
}

// Named is a value with the name of its field or column.
type Named struct {
	Name  string
	Value any
}

// value returns the value of a key or a column.
func (g Group) value(name string) any {
	for _, n := range slices.Concat(g.Keys, g.Columns) {
		if strings.EqualFold(n.Name, name) {
			return n.Value
		}
	}
	return nil
}

// Value returns the value of the group's first column as a number, or its count.
func (g Group) Value() float64 {
	if len(g.Columns) > 0 {
		if n, ok := number(g.Columns[0].Value); ok {
			return n
		}
	}
	return float64(g.Count)
}

// aggregate groups records. Most records come first, then the keys in ascending order.
func aggregate(a *cql.Aggregate, rows []int, at func(int) Record) []Group {
	open := map[string]*tally{}
	for _, row := range rows {
		record := at(row)
		for _, keys := range keysOf(a, record) {
			id := fmt.Sprintf("%#v", keys)
			t := open[id]
			if t == nil {
				t = newTally(a, keys)
				open[id] = t
			}
			t.add(a, record)
		}
	}
	if len(open) == 0 && len(a.By) == 0 && a.Bucket == nil {
		open[""] = newTally(a, nil)
	}
	groups := make([]Group, 0, len(open))
	for _, t := range open {
		groups = append(groups, t.group(a))
	}
	slices.SortFunc(groups, func(a, b Group) int {
		order := cmp.Or(cmp.Compare(b.Count, a.Count), a.Bucket.Compare(b.Bucket))
		for i := 0; order == 0 && i < len(a.Keys); i++ {
			order = Compare(a.Keys[i].Value, b.Keys[i].Value)
		}
		return order
	})
	return groups
}

// keysOf returns the groups that a record is in: one for each combination of the elements of its
// lists.
func keysOf(a *cql.Aggregate, r Record) [][]any {
	if a.Bucket != nil {
		width := time.Duration(a.Bucket.Amount) * a.Bucket.Unit.Duration()
		return [][]any{{r.Time().UTC().Truncate(max(width, 1))}}
	}
	combinations := [][]any{nil}
	for _, by := range a.By {
		var longer [][]any
		for _, value := range elements(r.Value(key(by))) {
			for _, keys := range combinations {
				longer = append(longer, append(slices.Clone(keys), value))
			}
		}
		combinations = longer
	}
	return combinations
}

// elements returns the elements of a list, or the value itself. An empty list counts as absent.
func elements(value any) []any {
	list, ok := value.([]string)
	if !ok {
		return []any{value}
	}
	if len(list) == 0 {
		return []any{nil}
	}
	values := make([]any, len(list))
	for i, element := range list {
		values[i] = element
	}
	return values
}

// tally collects the records of a group.
type tally struct {
	keys    []any
	count   int
	columns []column
}

type column struct {
	count    int
	sum      float64
	low      any
	high     any
	distinct map[any]struct{}
}

func newTally(a *cql.Aggregate, keys []any) *tally {
	return &tally{keys: keys, columns: make([]column, len(a.Aggregations))}
}

func (t *tally) add(a *cql.Aggregate, r Record) {
	t.count++
	for i, aggregation := range a.Aggregations {
		if aggregation.Field.Name == "" {
			continue
		}
		for _, value := range elements(r.Value(key(aggregation.Field))) {
			if value != nil {
				t.columns[i].add(value, aggregation.Function == "cardinality")
			}
		}
	}
}

func (c *column) add(value any, distinct bool) {
	c.count++
	n, _ := number(value)
	c.sum += n
	if c.low == nil || Compare(value, c.low) < 0 {
		c.low = value
	}
	if c.high == nil || Compare(value, c.high) > 0 {
		c.high = value
	}
	if distinct {
		if c.distinct == nil {
			c.distinct = map[any]struct{}{}
		}
		c.distinct[value] = struct{}{}
	}
}

func (t *tally) group(a *cql.Aggregate) Group {
	g := Group{Count: t.count}
	if a.Bucket != nil {
		g.Bucket = t.keys[0].(time.Time)
	} else {
		for i, by := range a.By {
			g.Keys = append(g.Keys, Named{by.Name, t.keys[i]})
		}
	}
	for i, aggregation := range a.Aggregations {
		g.Columns = append(g.Columns, Named{aggregation.Column(), t.value(aggregation, &t.columns[i])})
	}
	return g
}

func (t *tally) value(a cql.Aggregation, c *column) any {
	switch {
	case a.Field.Name == "":
		return int64(t.count)
	case a.Function == "count":
		return int64(c.count)
	case a.Function == "cardinality":
		return int64(len(c.distinct))
	case c.count == 0:
		return nil
	case a.Function == "min":
		return c.low
	case a.Function == "max":
		return c.high
	case a.Function == "avg":
		return c.sum / float64(c.count)
	}
	return c.sum
}
