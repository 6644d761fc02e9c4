package paging

import "slices"

// edge are the last rows of a search that returns its rows newest first: those of the last second
// and of the one after it. A search that ends in these seconds returns them again.
type edge struct {
	last int64 // second of the last row, 0 before the first
	rows []edgeRow
}

type edgeRow struct {
	key    key
	second int64
}

// add notes the next row. Rows that a further search cannot return are forgotten.
func (e *edge) add(row edgeRow) {
	if row.second != e.last {
		e.last = row.second
		e.rows = slices.DeleteFunc(slices.Clone(e.rows), func(r edgeRow) bool { return r.second > row.second+1 })
	}
	e.rows = append(e.rows, row)
}

func (e *edge) clone() edge { return edge{last: e.last, rows: slices.Clone(e.rows)} }

func (e *edge) keys() keys {
	list := make(keys, len(e.rows))
	for i, r := range e.rows {
		list[i] = r.key
	}
	return list
}
