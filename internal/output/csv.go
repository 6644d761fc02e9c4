package output

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// csvForm prints records as CSV, the header first. Lines end with LF. A text that a spreadsheet
// would take for a formula gets an apostrophe before it.
type csvForm struct {
	out     *buffer
	o       *Options
	fields  *Fields  // nil before the first record, if neither the user nor the command chose
	columns []Column // of the fields
	cells   [][]byte
	guessed bool // the fields are those of the first record
	noted   bool
}

func (f *csvForm) write(record []byte) error {
	if f.fields == nil {
		f.fields, f.columns = columnsOf([][]byte{record})
		f.guessed = true
	}
	return f.out.append(func(dst []byte) []byte {
		if f.cells == nil {
			dst = f.header(dst)
		}
		others := pickCells(f.fields, record, f.cells)
		if others > 0 && f.guessed && !f.noted {
			f.noted = true
			f.o.Note("some records have fields that the first one lacks; choose the columns with --fields")
		}
		for i, cell := range f.cells {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = f.cell(dst, cell, f.columns[i])
		}
		return append(dst, '\n')
	})
}

// header prepares the cells and appends the header.
func (f *csvForm) header(dst []byte) []byte {
	f.cells = make([][]byte, len(f.columns))
	if f.o.NoHeaders {
		return dst
	}
	for i, c := range f.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCSV(dst, guarded(c.Path))
	}
	return append(dst, '\n')
}

func (f *csvForm) end() error {
	if f.cells != nil || f.fields == nil {
		return nil
	}
	return f.out.append(f.header) // no record
}

// cell appends the cell of a value.
func (f *csvForm) cell(dst, value []byte, column Column) []byte {
	if column.Time {
		if t, ok := parseTime(value); ok {
			return t.UTC().AppendFormat(dst, time.RFC3339Nano)
		}
	}
	switch kindOf(value) {
	case 0, 'n':
		return dst
	case '"':
		if text := bytes.Trim(value, `"`); len(value) == len(text)+2 && plainCell(text) {
			return append(dst, text...)
		}
		return appendCSV(dst, guarded(unquote(value)))
	case '{', '[':
		return appendCSV(dst, string(appendCompact(nil, value)))
	}
	return append(dst, value...) // a number, true or false
}

// plainCell reports whether the text between the quotes of a JSON string is its own cell.
func plainCell(text []byte) bool {
	for i, c := range text {
		switch {
		case c >= utf8.RuneSelf, c == '\\', c == ',', c < ' ':
			return false
		case i == 0 && (c == ' ' || c == '=' || c == '+' || c == '-' || c == '@'):
			return false
		}
	}
	return true
}

// guarded returns a text with an apostrophe before it if a spreadsheet would calculate it.
func guarded(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

// appendCSV appends a text, in quotes if it needs them.
func appendCSV(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") && !strings.HasPrefix(s, " ") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, s[:i]...), '"', '"')
		s = s[i+1:]
	}
	return append(append(dst, s...), '"')
}
