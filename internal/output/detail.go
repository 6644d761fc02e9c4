package output

import (
	"bytes"
	"strings"

	"github.com/taegis-go/taegis/internal/text"
)

// detailForm prints one record as a table with a row for each column: its name and its value.
type detailForm struct {
	out     *buffer
	o       *Options
	fields  *Fields
	columns []Column
}

// leastDetail is the least width for values; in a narrower terminal each begins below its name.
const leastDetail = 16

func (f *detailForm) write(record []byte) error {
	if f.fields == nil {
		f.fields, f.columns = columnsOf([][]byte{record})
	}
	cells := make([][]byte, len(f.columns))
	pickCells(f.fields, record, cells)
	widest := 0
	for _, c := range f.columns {
		widest = max(widest, textWidth(text.OneLine(c.Name)))
	}
	if f.o.NoHeaders {
		widest = -tableGap
	}
	for i, cell := range cells {
		value := text.OneLine(cellText(cell, f.columns[i], f.o.Location))
		if err := f.row(text.OneLine(f.columns[i].Name), value, widest); err != nil {
			return err
		}
	}
	return nil
}

// row prints a name and a value, which continues on further lines if it is too long for the
// terminal.
func (f *detailForm) row(name, value string, widest int) error {
	values, indent := []string{value}, widest+tableGap
	room := f.o.Width - indent
	below := f.o.Terminal && f.o.Width > 0 && room < leastDetail
	if below {
		indent, room = min(tableGap, f.o.Width-1), max(1, f.o.Width-tableGap)
		name = fit(name, f.o.Width)
	}
	if f.o.Terminal && f.o.Width > 0 {
		values = wrap(value, room)
	}
	return f.out.append(func(dst []byte) []byte {
		if !f.o.NoHeaders {
			dst = append(dst, f.label(name, widest, below)...)
		}
		for i, line := range values {
			if i > 0 || below {
				dst = append(dst, strings.Repeat(" ", indent)...)
			}
			dst = append(bytes.TrimRight(append(dst, line...), " "), '\n')
		}
		return dst
	})
}

// label returns the name before its value, or on a line of its own.
func (f *detailForm) label(name string, widest int, below bool) string {
	after := strings.Repeat(" ", max(0, widest-textWidth(name))+tableGap)
	if below {
		after = "\n"
	}
	if f.o.Color {
		name = colorHeader + name + colorOff
	}
	return name + after
}

func (f *detailForm) end() error { return nil }
