package output

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// valueColumn is the column of records that are not objects.
const valueColumn = "value"

// choose returns the fields that the user or the command chose, with their columns. It returns nil
// if neither did, or if a filter makes records of its own.
func (o *Options) choose() (*Fields, []Column, error) {
	switch {
	case o.JQ != nil || o.Fields == nil && len(o.Columns) == 0:
		return nil, nil, nil
	case o.Fields == nil:
		var paths []string
		for _, c := range o.Columns {
			paths = append(paths, c.Path)
		}
		fields, err := ParseFields(strings.Join(paths, ","))
		return fields, o.Columns, err
	}
	columns := make([]Column, len(o.Fields.paths))
	for i, path := range o.Fields.paths {
		columns[i] = Column{Name: header(path), Path: joinPath(path)}
		for _, known := range o.Columns {
			if known.Path == columns[i].Path {
				columns[i] = known
			}
		}
	}
	return o.Fields, columns, nil
}

// columnsOf returns the top-level fields of records, in the order in which they come.
func columnsOf(records [][]byte) (*Fields, []Column) {
	var paths [][]string
	var columns []Column
	seen := map[string]bool{}
	for _, record := range records {
		for quoted := range members(record) {
			name := unquote(quoted)
			if !seen[name] {
				seen[name] = true
				paths = append(paths, []string{name})
				columns = append(columns, Column{Name: header(paths[len(paths)-1]), Path: name})
			}
		}
	}
	if len(columns) == 0 {
		paths, columns = [][]string{{valueColumn}}, []Column{{Name: header([]string{valueColumn}), Path: valueColumn}}
	}
	fields, err := newFields(paths)
	if err != nil {
		panic(err) // no name occurs twice
	}
	return fields, columns
}

// header returns the header of a path in a table.
func header(path []string) string { return strings.ToUpper(strings.Join(path, ".")) }

// pickCells stores a record's values into the cells. A record that is not an object is the first
// cell of a table with no other column.
func pickCells(fields *Fields, record []byte, cells [][]byte) (others int) {
	clear(cells)
	if kindOf(record) != '{' && len(cells) == 1 && fields.paths[0][0] == valueColumn {
		cells[0] = record
		return 0
	}
	return fields.root.pick(record, cells)
}

// millisecondsFrom is the number from which a number of a time counts milliseconds: as seconds it
// would be after the year 5000.
const millisecondsFrom = 100_000_000_000

// microsecondsFrom is the same for microseconds, in which events count.
const microsecondsFrom = 1000 * millisecondsFrom

// parseTime reads an instant in one of the forms of [Column.Time].
func parseTime(value []byte) (time.Time, bool) {
	switch kindOf(value) {
	case '"':
		t, err := time.Parse(time.RFC3339, unquote(value))
		return t, err == nil
	case '{':
		return parseStamp(value)
	}
	n, ok := parseInt(value)
	switch {
	case n >= microsecondsFrom:
		return time.UnixMicro(n), ok
	case n >= millisecondsFrom:
		return time.UnixMilli(n), ok
	}
	return time.Unix(n, 0), ok && n > 0
}

// parseStamp reads an object with seconds and nanos.
func parseStamp(object []byte) (t time.Time, ok bool) {
	var seconds, nanos int64
	for name, value := range members(object) {
		switch string(name) {
		case `"seconds"`:
			seconds, ok = parseInt(value)
		case `"nanos"`:
			nanos, _ = parseInt(value) // none is 0
		}
	}
	return time.Unix(seconds, nanos), ok
}

func parseInt(value []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
	return n, err == nil
}

// cellText returns the text of a value in a table, which is not escaped.
func cellText(value []byte, column Column, location *time.Location) string {
	kind := kindOf(value)
	if kind == 0 || kind == 'n' {
		return ""
	}
	if column.Format != nil {
		return column.Format(value)
	}
	if column.Time || kind == '"' && looksLikeTime(value) {
		if t, ok := parseTime(value); ok {
			return t.In(location).Format(time.RFC3339)
		}
	}
	switch kind {
	case '"':
		return unquote(value)
	case '[':
		return listText(value)
	}
	return string(appendCompact(nil, value))
}

// looksLikeTime reports whether a string may be in the format of RFC 3339.
func looksLikeTime(quoted []byte) bool {
	return len(quoted) >= len(`"2006-01-02T15:04:05Z"`) && quoted[5] == '-' && quoted[11] == 'T'
}

// listText returns the elements of an array of plain values, or the JSON of another array.
func listText(array []byte) string {
	var parts []string
	for element := range elements(array) {
		switch kindOf(element) {
		case '"':
			parts = append(parts, unquote(element))
		case '{', '[':
			return string(appendCompact(nil, array))
		default:
			parts = append(parts, string(element))
		}
	}
	return strings.Join(parts, ", ")
}
