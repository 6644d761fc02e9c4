package eval

import (
	"slices"
	"strings"

	"github.com/taegis-go/taegis/cql"
)

// Result is what the functions of a query leave over.
type Result struct {
	// Rows are the remaining rows, nil if they were aggregated.
	Rows []int
	// Aggregated reports whether the result is Groups.
	Aggregated bool
	Groups     []Group
	// Fields are the fields to send, in lower case; empty for all.
	Fields []string
}

// Run applies the functions of a query to rows in their order. at returns the record of a row.
func Run(functions []cql.Function, rows []int, at func(row int) Record) Result {
	result := Result{Rows: rows}
	for _, f := range functions {
		switch f := f.(type) {
		case *cql.Head:
			result.Rows, result.Groups = head(result.Rows, f.Count), head(result.Groups, f.Count)
		case *cql.Tail:
			result.Rows, result.Groups = tail(result.Rows, f.Count), tail(result.Groups, f.Count)
		case *cql.Fields:
			result.Fields = names(f.Fields)
		case *cql.Sort:
			if result.Aggregated {
				sortGroups(result.Groups, f.Keys)
			} else {
				result.Rows = sorted(result.Rows, f.Keys, at)
			}
		case *cql.Aggregate:
			result.Groups = aggregate(f, result.Rows, at)
			result.Rows, result.Aggregated = nil, true
		}
	}
	return result
}

func head[T any](rows []T, count int) []T { return rows[:min(count, len(rows))] }

// tail returns the last rows in reverse order.
func tail[T any](rows []T, count int) []T {
	last := slices.Clone(rows[max(len(rows)-count, 0):])
	slices.Reverse(last)
	return last
}

func names(fields []cql.Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = key(f)
	}
	return list
}

// sorted returns the rows in the order of the keys. Equal rows keep their order.
func sorted(rows []int, keys []cql.SortKey, at func(int) Record) []int {
	type row struct {
		row  int
		keys []any
	}
	list := make([]row, len(rows))
	for i, n := range rows {
		record := at(n)
		list[i] = row{row: n, keys: make([]any, len(keys))}
		for k, by := range keys {
			list[i].keys[k] = record.Value(key(by.Field))
		}
	}
	slices.SortStableFunc(list, func(a, b row) int { return compareKeys(a.keys, b.keys, keys) })
	result := make([]int, len(rows))
	for i := range list {
		result[i] = list[i].row
	}
	return result
}

func compareKeys(a, b []any, keys []cql.SortKey) int {
	for i, by := range keys {
		sign := Compare(a[i], b[i])
		if by.Descending {
			sign = -sign
		}
		if sign != 0 {
			return sign
		}
	}
	return 0
}

// sortGroups orders groups by their keys and columns.
func sortGroups(groups []Group, keys []cql.SortKey) {
	values := func(g Group) []any {
		list := make([]any, len(keys))
		for i, by := range keys {
			list[i] = g.value(strings.ToLower(by.Field.Name))
		}
		return list
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return compareKeys(values(a), values(b), keys) })
}
